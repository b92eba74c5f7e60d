// SPDX-License-Identifier: MIT
// Runs calls over arrays of many sizes on the GPU, each twice from its memory and once from the host's, and compares the bits.
#pragma once

#include "random.hpp"
#include "session.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

namespace gpu_check {

/// One call: call(pool, arrays...) gives a value, a vector or a device_array; the arrays are spans or device_arrays.
template <class Call>
struct verb {
  const char* name;
  Call call;
  bool reads_views = false;  ///< of device_arrays, so there is nothing to be had from host ranges
};

/// From how many elements on arrays are no longer compared at every size, for the time it takes to bring them back.
constexpr std::size_t large_result = std::size_t{1} << 24;
/// Up to how many elements the calls are tried from host ranges as well.
constexpr std::size_t large_copy = std::size_t{1} << 20;

template <class T>
inline constexpr bool gives_array = false;
template <class T>
inline constexpr bool gives_array<std::vector<T>> = true;
template <class T>
std::vector<T> brought_back(const fg::device_array<T>& array) {
  return array.to_vector();
}
template <class T>
const T& brought_back(const T& value) {
  return value;
}

/// Checks one call at one size.
template <class Call, class... There, class... Here>
void check_call(session& with, const verb<Call>& one, const std::string& type, std::size_t n, std::size_t largest,
                const std::tuple<There...>& there, const std::tuple<Here...>& here) {
  if (gives_array<std::invoke_result_t<const Call&, const fg::executor&, const Here&...>> && n > large_result && n != largest + 1) return;
  const auto run = [&](const fg::executor& pool, const auto& arrays) {
    return std::apply([&](const auto&... array) { return one.call(pool, array...); }, arrays);
  };
  const auto expected = run(with.reference(n), here);
  subject of{one.name, type, n, "of device_arrays"};
  with.check.same(of, brought_back(run(with.gpu, there)), expected);
  of.how = "of device_arrays, again";
  with.check.same(of, brought_back(run(with.gpu, there)), expected);
  if (one.reads_views || n > large_copy) return;
  of.how = "of host ranges";
  with.check.same(of, run(with.gpu, here), expected);
}

/// Checks the calls over the first n elements but a few of the arrays, for sizes n up to `largest` + 1; they have 16 more. Where in
/// the host's memory the elements begin changes with n.
template <class... T, class... Call>
void sweep(session& with, const std::string& type, std::size_t largest, const std::tuple<const std::vector<T>&...>& arrays,
           const verb<Call>&... calls) {
  const double start = with.out.seconds();
  const std::size_t before = with.check.compared(), wrong_before = with.check.different();
  std::size_t last = 0;
  for (const std::size_t n : sizes_up_to(with, largest)) {
    if (n == last) continue;
    last = n;
    const std::size_t first = 1 + n % 7;
    std::apply(
        [&](const std::vector<T>&... array) {
          const auto here = std::tuple(std::span<const T>(array).subspan(first, n)...);
          const auto there = std::tuple(with.gpu.to_device(std::span<const T>(array).subspan(first, n))...);
          (check_call(with, calls, type, n, largest, there, here), ...);
        },
        arrays);
  }
  std::string names;
  ((names += names.empty() ? "" : ", ", names += calls.name), ...);
  const std::size_t wrong = with.check.different() - wrong_before;
  with.out.progress("bits  %-14s %s: %zu comparisons up to n = %zu, %zu differ, %.1f s", type.c_str(), names.c_str(),
                    with.check.compared() - before, last, wrong, with.out.seconds() - start);
  with.out.keep("bits", record()
                            .add("type", type)
                            .add("verbs", names)
                            .add("largest", last)
                            .add("comparisons", with.check.compared() - before)
                            .add("different", wrong)
                            .add("seconds", with.out.seconds() - start));
}

/// map of f, as what a verb of a sweep calls.
template <class F>
auto mapped(F f) {
  return [=](const auto& pool, const auto&... x) { return pool.map(f, x...); };
}

/// The largest size of a sweep over elements of so many bytes.
inline std::size_t largest_size(const session& with, std::size_t bytes) {
  if (with.small()) return std::size_t{1} << 14;
  return (bytes <= 16 ? std::size_t{1} << 26 : std::size_t{1} << 24);
}

}  // namespace gpu_check
