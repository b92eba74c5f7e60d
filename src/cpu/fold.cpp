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

namespace {

const kernel_table& best_kernels() noexcept {
#if defined(__x86_64__)
  if (has_avx2()) return avx2_kernels;
#endif
  return baseline_kernels;
}

template <class T>
const kernels<T>& kernels_for(const T* x) noexcept {
  static const kernels<T>& chosen = best_kernels().get(x);
  return chosen;
}

}  // namespace

#define FOLDGRID_DETAIL_DEFINE(T)                                                                       \
  T fold(add, const T* x, std::size_t n) noexcept { return kernels_for(x).sum(x, n); }                  \
  T fold(multiply, const T* x, std::size_t n) noexcept { return kernels_for(x).product(x, n); }         \
  T fold(minimum, const T* x, std::size_t n) noexcept { return kernels_for(x).smallest(x, n); }         \
  T fold(maximum, const T* x, std::size_t n) noexcept { return kernels_for(x).largest(x, n); }          \
  extreme_places extremes(const T* x, std::size_t n) noexcept { return kernels_for(x).extremes(x, n); } \
  std::size_t first_nonfinite(const T* x, std::size_t n) noexcept { return kernels_for(x).first_nonfinite(x, n); }
FOLDGRID_DETAIL_NUMBERS(FOLDGRID_DETAIL_DEFINE)
#undef FOLDGRID_DETAIL_DEFINE

}  // namespace foldgrid::detail
