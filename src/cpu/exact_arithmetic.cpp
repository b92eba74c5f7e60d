// SPDX-License-Identifier: MIT
// Clearing flush-to-zero and denormals-are-zero, which other code in the process may have set.
#include <foldgrid/detail/builtin.hpp>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace foldgrid::detail {

#if defined(__SSE__)

namespace {
constexpr unsigned flush_to_zero = 0x8000, denormals_are_zero = 0x0040;
}

exact_arithmetic::exact_arithmetic() noexcept : before_(_mm_getcsr()) {
  constexpr unsigned flags = flush_to_zero | denormals_are_zero;
  if ((before_ & flags) != 0) _mm_setcsr(static_cast<unsigned>(before_) & ~flags);
}

exact_arithmetic::~exact_arithmetic() {
  constexpr unsigned flags = flush_to_zero | denormals_are_zero;
  if ((before_ & flags) != 0) _mm_setcsr(_mm_getcsr() | (static_cast<unsigned>(before_) & flags));
}

#elif defined(__aarch64__)

namespace {
constexpr unsigned long long flush_to_zero = 1ull << 24;
}

exact_arithmetic::exact_arithmetic() noexcept {
  asm volatile("mrs %0, fpcr" : "=r"(before_));
  if ((before_ & flush_to_zero) != 0) asm volatile("msr fpcr, %0" ::"r"(before_ & ~flush_to_zero));
}

exact_arithmetic::~exact_arithmetic() {
  if ((before_ & flush_to_zero) != 0) asm volatile("msr fpcr, %0" ::"r"(before_));
}

#else
#error "foldgrid: this processor's flush-to-zero control is not known; add it to src/cpu/exact_arithmetic.cpp"
#endif

}  // namespace foldgrid::detail
