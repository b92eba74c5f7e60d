// SPDX-License-Identifier: MIT
// Section "bits": searches, logic, rows and columns, and reported failures, over every element type.
#include "../text.hpp"
#include "bits.hpp"
#include "sweep.hpp"

#include <cstdint>
#include <functional>

namespace gpu_check {

FOLDGRID_FUNCTION(refuses_large, (double x), {
  if (x > 0.999) return fg::fail(17), 0.0;
  return x;
})

namespace {

/// The largest of a few lengths of rows that divides n.
std::size_t columns_of(std::size_t n) {
  for (const std::size_t columns : {4096, 1000, 257, 64, 31, 7, 3})
    if (n % columns == 0) return columns;
  return 1;
}

template <class T>
void check_type(session& with, const char* type) {
  const std::size_t largest = with.small() ? std::size_t{1} << 12 : std::size_t{1} << 22;
  const auto xs = random_array<T>(with, largest + 16, 20);
  const std::plus<> plus;
  sweep(with, type, largest, std::tie(xs), verb{"sum", [](const auto& pool, const auto& x) { return pool.sum(x); }},
        verb{"argmin", [](const auto& pool, const auto& x) { return pool.argmin(x); }},
        verb{"argmax", [](const auto& pool, const auto& x) { return pool.argmax(x); }},
        verb{"minimum of minmax", [](const auto& pool, const auto& x) { return pool.minmax(x).min; }},
        verb{"maximum of minmax", [](const auto& pool, const auto& x) { return pool.minmax(x).max; }},
        verb{"first_nonfinite", [](const auto& pool, const auto& x) { return pool.first_nonfinite(x).value_or(x.size()); }},
        verb{"reduce by or", [](const auto& pool, const auto& x) { return pool.reduce(std::logical_or<>{}, x); }},
        verb{"reduce_rows",
             [=](const auto& pool, const auto& x) {
               const std::size_t columns = columns_of(x.size());
               return pool.reduce_rows(plus, x, x.size() / columns, columns);
             }},
        verb{"reduce_columns", [=](const auto& pool, const auto& x) {
               const std::size_t columns = columns_of(x.size());
               return pool.reduce_columns(plus, x, x.size() / columns, columns);
             }});
}

/// The index of the first failure and its code, in one number.
template <class Call>
std::uint64_t failure_of(const Call& call) {
  try {
    call();
    return 0;
  } catch (const fg::task_error& e) {
    return static_cast<std::uint64_t>(e.index()) << 16 | static_cast<std::uint64_t>(e.code());
  }
}

}  // namespace

void check_searches(session& with) {
  check_type<std::int8_t>(with, "i8");
  check_type<std::uint8_t>(with, "u8");
  check_type<std::int16_t>(with, "i16");
  check_type<std::uint16_t>(with, "u16");
  check_type<std::int32_t>(with, "i32");
  check_type<std::uint32_t>(with, "u32");
  check_type<std::int64_t>(with, "i64");
  check_type<std::uint64_t>(with, "u64");
  check_type<float>(with, "f32");
  check_type<double>(with, "f64");
  const std::size_t largest = with.small() ? std::size_t{1} << 12 : std::size_t{1} << 20;
  const auto xs = random_array<double>(with, largest + 16, 21);
  sweep(with, "f64", largest, std::tie(xs),
        verb{"index and code of a failing map_reduce",
             [](const auto& pool, const auto& x) { return failure_of([&] { pool.map_reduce(refuses_large, std::plus<>{}, x); }); }},
        verb{"index and code of a failing map",
             [](const auto& pool, const auto& x) { return failure_of([&] { pool.map(refuses_large, x); }); }});
}

}  // namespace gpu_check
