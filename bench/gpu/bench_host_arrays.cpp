// SPDX-License-Identifier: MIT
// Section "bench": arrays in the host's memory, beside the rate at which page-locked memory is copied to the device.
#include "../text.hpp"
#include "bench.hpp"
#include "operations.hpp"
#include "random.hpp"

#include <chrono>

namespace gpu_check {

void measure_host_arrays(const bench_setting& in) {
  session& with = in.with;
  const double rate = in.rivals ? rivals::pinned_rate(std::size_t{1} << 30) : 0;
  if (in.rivals) {
    with.out.progress("bench  copies of page-locked memory to the device: %.1f GB/s", 1e-9 * rate);
    with.out.keep("rates", record().add("what", "page-locked to device").add("GB/s", 1e-9 * rate));
  }
  const auto measure = [&](const char* work, std::size_t n, double bytes_each_way, double bytes, double must, double aim,
                           std::size_t repeats, const auto& call) {
    const auto ours = [&] {
      const auto start = std::chrono::steady_clock::now();
      call();
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    in.measure({.work = work,
                .size = size_text(n),
                .bytes = bytes,
                .against = "page-locked copy",
                .ours = ours,
                .rival = [&] { return bytes_each_way / rate; },
                .must = must,
                .aim = aim,
                .repeats = repeats});
  };
  for (const std::size_t bytes : {std::size_t{1} << 30, std::size_t{1} << 33}) {
    const std::size_t n = in.scaled(bytes / sizeof(double));
    const std::vector<double> xs = random_array<double>(with, n, 80);
    const double size = static_cast<double>(n * sizeof(double));
    measure("sum f64 from the host", n, size, size, 0.85, 0.95, bytes > (std::size_t{1} << 30) ? 3 : 5, [&] { with.gpu.sum(xs); });
    if (with.small()) break;
  }
  // The two directions can be under way at the same time, so both together may take as long as one.
  const std::size_t n = in.scaled(std::size_t{1} << 30);
  const std::vector<float> xs = random_array<float>(with, n, 81);
  std::vector<float> out(n);
  const double size = static_cast<double>(n * sizeof(float));
  measure("map f32 host to host", n, size, 2 * size, 0.75, 0.90, 3, [&] { with.gpu.map_into(out, scaled_f32, xs); });
}

}  // namespace gpu_check
