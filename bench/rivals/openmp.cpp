// SPDX-License-Identifier: MIT
// OpenMP loops: rivals, and the limits of the machine that the same number of threads reach. The only unit that uses OpenMP.
#include "../rivals.hpp"

#include <omp.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace rivals {

void limit_openmp(std::size_t threads) { omp_set_num_threads(static_cast<int>(threads)); }

template <class T, class Op>
T openmp_reduce(const T* x, std::size_t n) {
  if constexpr (std::is_same_v<Op, add>) {
    T sum{};
#pragma omp parallel for simd reduction(+ : sum)
    for (std::size_t i = 0; i < n; ++i) sum += x[i];
    return sum;
  } else if constexpr (std::is_same_v<Op, smaller>) {
    T best = x[0];
#pragma omp parallel for simd reduction(min : best)
    for (std::size_t i = 0; i < n; ++i) best = x[i] < best ? x[i] : best;
    return best;
  } else {
    T best = x[0];
#pragma omp parallel for simd reduction(max : best)
    for (std::size_t i = 0; i < n; ++i) best = best < x[i] ? x[i] : best;
    return best;
  }
}

// As wide as the processor allows: what limits is then the memory, not the loop.
#if defined(__x86_64__) && !defined(__clang__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
static std::uint64_t
xor_of(const std::uint64_t* words, std::size_t n) {
  std::uint64_t lanes[32] = {}, result = 0;
  std::size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    for (std::size_t line = 0; line < 32; line += 8)
      __builtin_prefetch(words + i + 1024 + line, 0, 2);  // reads a quarter faster here and there
    for (std::size_t k = 0; k < 32; ++k) lanes[k] ^= words[i + k];
  }
  for (; i < n; ++i) result ^= words[i];
  for (const std::uint64_t lane : lanes) result ^= lane;
  return result;
}

std::uint64_t read_and_xor(const void* x, std::size_t bytes) {
  const std::uint64_t* const words = static_cast<const std::uint64_t*>(x);
  const std::size_t n = bytes / sizeof(std::uint64_t), blocks = (n + 511) / 512;
  std::uint64_t result = 0;
#pragma omp parallel reduction(^ : result)
  {
    const auto threads = static_cast<std::size_t>(omp_get_num_threads()), me = static_cast<std::size_t>(omp_get_thread_num());
    const std::size_t first = std::min(n, blocks * me / threads * 512), last = std::min(n, blocks * (me + 1) / threads * 512);
    result ^= xor_of(words + first, last - first);
  }
  return result;
}

template <class T>
void openmp_scaled(const T* x, T* out, std::size_t n) {
#pragma omp parallel for simd
  for (std::size_t i = 0; i < n; ++i) out[i] = scaled{}(x[i]);
}
template <class T>
void openmp_scaled_sum(const T* x, const T* y, T* out, std::size_t n) {
#pragma omp parallel for simd
  for (std::size_t i = 0; i < n; ++i) out[i] = scaled_sum{}(x[i], y[i]);
}
template <class T>
void stream_copy(const T* x, T* out, std::size_t n) {
#pragma omp parallel for simd
  for (std::size_t i = 0; i < n; ++i) out[i] = x[i];
}
template <class T>
void stream_add(const T* x, const T* y, T* out, std::size_t n) {
#pragma omp parallel for simd
  for (std::size_t i = 0; i < n; ++i) out[i] = x[i] + y[i];
}

#define RIVALS_REDUCE(T)                                       \
  template T openmp_reduce<T, add>(const T*, std::size_t);     \
  template T openmp_reduce<T, smaller>(const T*, std::size_t); \
  template T openmp_reduce<T, larger>(const T*, std::size_t)
RIVALS_REDUCE(float);
RIVALS_REDUCE(double);
RIVALS_REDUCE(int);
RIVALS_REDUCE(long long);
#define RIVALS_FLOATING(T)                                              \
  template void openmp_scaled(const T*, T*, std::size_t);               \
  template void openmp_scaled_sum(const T*, const T*, T*, std::size_t); \
  template void stream_copy(const T*, T*, std::size_t);                 \
  template void stream_add(const T*, const T*, T*, std::size_t)
RIVALS_FLOATING(float);
RIVALS_FLOATING(double);

}  // namespace rivals
