// SPDX-License-Identifier: MIT
// Section "bench": sums of arrays in device memory beside cub::DeviceReduce::Sum, and beside a copy.
#include "../text.hpp"
#include "bench.hpp"
#include "random.hpp"

#include <cmath>
#include <functional>
#include <span>

namespace gpu_check {

FOLDGRID_FUNCTION(added, (float a, float b), { return a + b; })

namespace {

/// Integers must agree; floating point was added in another order.
template <class T>
bool agree(T ours, T rival, std::size_t n) {
  if constexpr (std::integral<T>) return ours == rival;
  return std::abs(static_cast<double>(ours) - static_cast<double>(rival)) <= static_cast<double>(n) * (sizeof(T) == 4 ? 1e-6 : 1e-15);
}

template <class T>
void measure_sum(const bench_setting& in, const std::vector<T>& all, std::size_t n, const std::string& size, double must, double aim) {
  session& with = in.with;
  const std::span<const T> xs(all.data(), n);
  const auto there = with.gpu.to_device(xs);
  const std::string type = bench::type_name<T>(), work = "sum " + type;
  const T value = with.gpu.sum(there);
  with.check.same({"sum", type, n, "before it is timed"}, value, with.cpu.sum(xs));
  if (in.rivals)
    with.check.holds({"sum beside cub::DeviceReduce::Sum", type, n}, agree(value, rivals::cub_sum(there.view().data(), n).value, n),
                     "the two sums differ");
  const auto ours = [&] { return in.device_seconds([&](const fg::options& o) { with.gpu.sum(o, there); }); };
  in.measure({.work = work,
              .size = size,
              .bytes = static_cast<double>(n * sizeof(T)),
              .against = "cub::DeviceReduce::Sum",
              .ours = ours,
              .rival = [&] { return rivals::cub_sum(there.view().data(), n).seconds; },
              .must = must,
              .aim = aim});
}

template <class T>
void measure_sums_of(const bench_setting& in) {
  const std::size_t largest = std::size_t{1} << 30;  // bytes
  const auto xs = random_array<T>(in.with, in.scaled(largest / sizeof(T)), 50);
  for (const int power : {4, 8, 12, 14, 16, 18, 20, 22, 24})
    if (!in.with.small() || power == 4 || power == 12)
      measure_sum<T>(in, xs, std::size_t{1} << power, bench::power_text(power), 0.90, power < 20 ? 1.2 : 1.05);
  if (in.with.small()) return;
  for (const std::size_t bytes : {largest / 4, largest}) measure_sum<T>(in, xs, bytes / sizeof(T), size_text(bytes / sizeof(T)), 0.95, 1.0);
}

/// 2^30 elements beside the rate of a copy that moves as many bytes in all; and an operator of the user beside std::plus.
void measure_beside_a_copy(const bench_setting& in) {
  session& with = in.with;
  const std::size_t n = in.scaled(std::size_t{1} << 30);
  const auto there = with.gpu.to_device(random_array<float>(with, n, 51));
  auto room = with.gpu.to_device(std::vector<float>(n / 2));
  const double bytes = static_cast<double>(n * sizeof(float));
  const auto sum = [&] { return in.device_seconds([&](const fg::options& o) { with.gpu.sum(o, there); }); };
  in.measure({.work = "sum f32",
              .size = size_text(n),
              .bytes = bytes,
              .against = "copy of the device",
              .ours = sum,
              .rival = [&] { return rivals::copy_seconds(room.view().data(), there.view().data(), n / 2 * sizeof(float)); },
              .must = 0.93,
              .aim = 1.0});
  in.measure_beside_own({.work = "reduce by a + b, f32",
                         .size = size_text(n),
                         .bytes = bytes,
                         .against = "std::plus<>",
                         .ours = [&] { return in.device_seconds([&](const fg::options& o) { with.gpu.reduce(o, added, there); }); },
                         .rival = sum,
                         .must = 0.90,
                         .aim = 1.0});
}

}  // namespace

void measure_sums(const bench_setting& in) {
  measure_sums_of<float>(in);
  measure_sums_of<double>(in);
  measure_sums_of<int>(in);
  measure_sums_of<long long>(in);
  measure_beside_a_copy(in);
}

}  // namespace gpu_check
