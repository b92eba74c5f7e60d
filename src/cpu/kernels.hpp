// SPDX-License-Identifier: MIT
// The built-in reductions on one thread, compiled for several instruction sets; every set gives the same bits.
#pragma once

#include <foldgrid/detail/builtin.hpp>

#include <cstddef>

namespace foldgrid::detail {

/// The kernels for elements of type T. n > 0.
template <class T>
struct kernels {
  T (*sum)(const T* x, std::size_t n) noexcept;
  T (*product)(const T* x, std::size_t n) noexcept;
  T (*smallest)(const T* x, std::size_t n) noexcept;
  T (*largest)(const T* x, std::size_t n) noexcept;
  extreme_places (*extremes)(const T* x, std::size_t n) noexcept;
  std::size_t (*first_nonfinite)(const T* x, std::size_t n) noexcept;
};

/// The same for all types; get(T*) is the kernels for T.
struct kernel_table {
#define FOLDGRID_DETAIL_MEMBER(name, T) \
  kernels<T> name;                      \
  const kernels<T>& get(const T*) const noexcept { return name; }
  FOLDGRID_DETAIL_MEMBER(i8, signed char)
  FOLDGRID_DETAIL_MEMBER(u8, unsigned char)
  FOLDGRID_DETAIL_MEMBER(i16, short)
  FOLDGRID_DETAIL_MEMBER(u16, unsigned short)
  FOLDGRID_DETAIL_MEMBER(i32, int)
  FOLDGRID_DETAIL_MEMBER(u32, unsigned)
  FOLDGRID_DETAIL_MEMBER(l, long)
  FOLDGRID_DETAIL_MEMBER(ul, unsigned long)
  FOLDGRID_DETAIL_MEMBER(ll, long long)
  FOLDGRID_DETAIL_MEMBER(ull, unsigned long long)
  FOLDGRID_DETAIL_MEMBER(f32, float)
  FOLDGRID_DETAIL_MEMBER(f64, double)
#undef FOLDGRID_DETAIL_MEMBER
};

extern const kernel_table baseline_kernels;
#if defined(__x86_64__)
extern const kernel_table avx2_kernels;
extern const kernel_table avx512_kernels;
#endif

}  // namespace foldgrid::detail
