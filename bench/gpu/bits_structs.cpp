// SPDX-License-Identifier: MIT
// Section "bits": structs of 12 to 64 bytes, an operator that records the order it is applied in, and products of matrices.
#include "bits.hpp"
#include "operations.hpp"
#include "sweep.hpp"

#include <functional>

namespace gpu_check {

/// Mixes both operands so that the result names the whole tree of applications that led to it.
FOLDGRID_FUNCTION(order_of, (std::uint64_t l, std::uint64_t r), {
  std::uint64_t mixed = l * 0x9E3779B97F4A7C15u + ((r << 29) | (r >> 35)) + 1;
  mixed = (mixed ^ (mixed >> 32)) * 0xBF58476D1CE4E5B9u;
  return mixed ^ (mixed >> 29);
})
FOLDGRID_FUNCTION(member_of_24, (struct_24 s), { return s.x - s.z; })
FOLDGRID_FUNCTION(turned_12, (struct_12 s), { return struct_12{s.y, 0.5f * s.x, ~s.k}; })
FOLDGRID_FUNCTION_USING((struct_64), packed_64, (struct_16 s), {
  return struct_64{s.x, 2 * s.x, 3 * s.x, 4 * s.x, 5 * s.x, 6 * s.x, static_cast<std::uint64_t>(s.k), ~static_cast<std::uint64_t>(s.k)};
})

namespace {

template <class T, class... Call>
void check_type(session& with, const char* type, std::uint64_t salt, const verb<Call>&... calls) {
  const std::size_t largest = largest_size(with, sizeof(T));
  const auto xs = random_array<T>(with, largest + 16, salt);
  sweep(with, type, largest, std::tie(xs), calls...);
}

template <class Op>
auto reduced_by(Op op) {
  return [=](const auto& pool, const auto& x) { return pool.reduce(op, x); };
}

}  // namespace

void check_structs(session& with) {
  check_type<std::uint64_t>(with, "u64", 20, verb{"reduce by the recorder of order", reduced_by(order_of)});
  check_type<matrix>(with, "2x2 mod p", 21, verb{"reduce by the matrix product", reduced_by(matrix_product)});
  check_type<struct_12>(with, "12 bytes", 22, verb{"reduce", reduced_by(join_12)}, verb{"map", mapped(turned_12)});
  check_type<struct_16>(
      with, "16 bytes", 23, verb{"reduce", reduced_by(join_16)},
      verb{"map_reduce to 64 bytes", [](const auto& pool, const auto& x) { return pool.map_reduce(packed_64, join_64, x); }});
  check_type<struct_24>(
      with, "24 bytes", 24, verb{"reduce", reduced_by(join_24)},
      verb{"map_reduce of a member", [](const auto& pool, const auto& x) { return pool.map_reduce(member_of_24, std::plus<>{}, x); }});
  check_type<struct_64>(with, "64 bytes", 25, verb{"reduce", reduced_by(join_64)});
}

}  // namespace gpu_check
