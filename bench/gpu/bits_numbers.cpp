// SPDX-License-Identifier: MIT
// Section "bits": sum, multiplies, min, max and a function as operator, over integers and floating point.
#include "../text.hpp"
#include "bits.hpp"
#include "sweep.hpp"

#include <functional>

namespace gpu_check {

// Not associative: every step of the tree shows in the result.
FOLDGRID_FUNCTION(leaning_i32, (int a, int b), { return static_cast<int>(static_cast<unsigned>(a) * 31u + static_cast<unsigned>(b)); })
FOLDGRID_FUNCTION(leaning_i64, (long long a, long long b),
                  { return static_cast<long long>(static_cast<unsigned long long>(a) * 31u + static_cast<unsigned long long>(b)); })
FOLDGRID_FUNCTION(leaning_f32, (float a, float b), { return 0.5f * a + b; })
FOLDGRID_FUNCTION(leaning_f64, (double a, double b), { return 0.5 * a + b; })

namespace {

/// Products of many of them stay finite.
template <class T>
void fill_near_one(T& element, std::uint64_t seed, std::uint64_t i) {
  fill(element, seed, i);
  if constexpr (std::floating_point<T>) element = T(1) + element * T(0x1p-10);
}

template <class T, class Leaning>
void check_type(session& with, const Leaning& leaning) {
  const std::string type = bench::type_name<T>();
  const std::size_t largest = largest_size(with, sizeof(T));
  const auto xs = random_array<T>(with, largest + 16);
  const auto reduced_by = [](const auto& op) { return [=](const auto& pool, const auto& x) { return pool.reduce(op, x); }; };
  sweep(with, type, largest, std::tie(xs), verb{"sum", [](const auto& pool, const auto& x) { return pool.sum(x); }},
        verb{"reduce by min", reduced_by(fg::min)}, verb{"reduce by max", reduced_by(fg::max)},
        verb{"reduce by a function", reduced_by(leaning)});
  const auto factors = random_array<T>(with, largest + 16, 1, [](T& x, std::uint64_t seed, std::uint64_t i) { fill_near_one(x, seed, i); });
  sweep(with, type, largest, std::tie(factors), verb{"reduce by multiplies", reduced_by(std::multiplies<>{})});
}

}  // namespace

void check_numbers(session& with) {
  check_type<int>(with, leaning_i32);
  check_type<long long>(with, leaning_i64);
  check_type<float>(with, leaning_f32);
  check_type<double>(with, leaning_f64);
}

}  // namespace gpu_check
