// SPDX-License-Identifier: MIT
// Chooses the kernels for this processor, once.
#include "kernels.hpp"

#include <cstddef>

namespace foldgrid::detail {

bool has_avx2() noexcept {
#if defined(__x86_64__)
  static const bool found = (__builtin_cpu_init(), __builtin_cpu_supports("avx2") != 0);
  return found;
#else
  return false;
#endif
}

#if defined(__x86_64__)
namespace {
/// Where wider registers were measured to be faster. Intel's processors since Ice Lake do not slow down for them; on AMD's, loads that
/// stride 512 bytes and more, as wide sums do, lost the prefetchers and half of the memory's speed.
bool has_fast_avx512() noexcept {
  return has_avx2() && __builtin_cpu_is("intel") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vbmi2");
}
}  // namespace
bool gains_by_reading_ahead() noexcept {  // the processors that take kernels_avx512.cpp, whose loops do so
  static const bool found = has_fast_avx512();
  return found;
}
#else
bool gains_by_reading_ahead() noexcept { return false; }
#endif

namespace {

/// Wide registers want long arrays: in a short one most elements are left over.
constexpr std::size_t short_bytes = 4096;

const kernel_table& best_kernels([[maybe_unused]] bool for_short_arrays) noexcept {
#if defined(__x86_64__)
  if (!for_short_arrays && has_fast_avx512()) return avx512_kernels;
  if (has_avx2()) return avx2_kernels;
#endif
  return baseline_kernels;
}

template <class T>
const kernels<T>& kernels_for(const T* x, std::size_t n) noexcept {
  static const kernels<T>&chosen = best_kernels(false).get(x), &for_short = best_kernels(true).get(x);
  return n * sizeof(T) < short_bytes ? for_short : chosen;
}

}  // namespace

#define FOLDGRID_DETAIL_DEFINE(T)                                                                          \
  T fold(add, const T* x, std::size_t n) noexcept { return kernels_for(x, n).sum(x, n); }                  \
  T fold(multiply, const T* x, std::size_t n) noexcept { return kernels_for(x, n).product(x, n); }         \
  T fold(minimum, const T* x, std::size_t n) noexcept { return kernels_for(x, n).smallest(x, n); }         \
  T fold(maximum, const T* x, std::size_t n) noexcept { return kernels_for(x, n).largest(x, n); }          \
  extreme_places extremes(const T* x, std::size_t n) noexcept { return kernels_for(x, n).extremes(x, n); } \
  std::size_t first_nonfinite(const T* x, std::size_t n) noexcept { return kernels_for(x, n).first_nonfinite(x, n); }
FOLDGRID_DETAIL_NUMBERS(FOLDGRID_DETAIL_DEFINE)
#undef FOLDGRID_DETAIL_DEFINE

}  // namespace foldgrid::detail
