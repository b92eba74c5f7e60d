// SPDX-License-Identifier: MIT
// Section "bench": arrays in the host's memory, beside the rate at which page-locked memory is copied to the device.
#include "../text.hpp"
#include "bench.hpp"
#include "operations.hpp"
#include "random.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>

namespace gpu_check {
namespace {

/// Copies 16-byte aligned bytes past the caches, where this processor can.
void copy_past_caches(std::byte* to, const std::byte* from, std::size_t bytes) {
#if defined(__SSE2__)
  for (std::size_t i = 0; i < bytes; i += 16)
    _mm_stream_si128(reinterpret_cast<__m128i*>(to + i), _mm_load_si128(reinterpret_cast<const __m128i*>(from + i)));
  _mm_sfence();
#else
  std::memcpy(to, from, bytes);
#endif
}

struct alignas(16) line {
  std::uint64_t words[2];
};

/// How fast slots of page-locked memory are filled by the workers: by memcpy, as the library does, and by streaming stores.
void measure_filling(const bench_setting& in) {
  session& with = in.with;
  constexpr std::size_t block = std::size_t{256} << 10;
  const std::size_t slot = with.small() ? 2 * block : std::size_t{16} << 20, arrays = with.small() ? 2 : 16;
  std::vector<line> from(slot * arrays / sizeof(line), line{{1, 2}}), to(slot / sizeof(line));
  const auto hold = fg::pin(to);
  auto* const target = reinterpret_cast<std::byte*>(to.data());
  const auto fill = [&](std::size_t k, auto copy) {
    const auto* const source = reinterpret_cast<const std::byte*>(from.data()) + k * slot;
    with.cpu.map([&](std::size_t b) { copy(target + b * block, source + b * block, block); }, fg::iota(slot / block));
  };
  const auto seconds = [&](auto copy) {
    double best = 1e9;
    for (int repeat = 0; repeat < 3; ++repeat) {
      const auto start = std::chrono::steady_clock::now();
      for (std::size_t k = 0; k < arrays; ++k) fill(k, copy);
      best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
  };
  const double bytes = static_cast<double>(slot * arrays);
  const double plain = 1e-9 * bytes / seconds([](std::byte* a, const std::byte* b, std::size_t n) { std::memcpy(a, b, n); });
  const double streamed = 1e-9 * bytes / seconds(copy_past_caches);
  with.out.progress("bench  filling a slot of %zu MiB by all workers: memcpy %.1f GB/s, streaming stores %.1f GB/s", slot >> 20, plain,
                    streamed);
  with.out.keep("rates", record().add("what", "slot filled by memcpy").add("GB/s", plain));
  with.out.keep("rates", record().add("what", "slot filled by streaming stores").add("GB/s", streamed));
}

}  // namespace

void measure_host_arrays(const bench_setting& in) {
  session& with = in.with;
  measure_filling(in);
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
