// SPDX-License-Identifier: MIT
// The (operator, type) pairs compiled once in the library, so that no flag of a user's unit can change their bits.
#pragma once

#include <foldgrid/operators.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <type_traits>

namespace foldgrid::detail {

class call;

// Every arithmetic type that is a number: char is text, bool is logic.
#define FOLDGRID_DETAIL_NUMBERS(X) \
  X(signed char)                   \
  X(unsigned char)                 \
  X(short) X(unsigned short) X(int) X(unsigned) X(long) X(unsigned long) X(long long) X(unsigned long long) X(float) X(double)

template <class T>
concept number = (std::integral<T> && sizeof(T) <= 8 && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
                  !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>) ||
                 std::same_as<T, float> || std::same_as<T, double>;

using add = std::plus<>;
using multiply = std::multiplies<>;

/// Where the smallest and the largest element that is no NaN stand, first of equals; both n when all are NaN.
struct extreme_places {
  std::size_t smallest, largest;
};

// fold: the tree over x[0..n), n > 0, on the calling thread; the caller holds an exact_arithmetic. reduce_array: the same
// on a GPU, when the call is worth it, or the workers of a call; false when the call ended early. One read of x each.
#define FOLDGRID_DETAIL_DECLARE(T)                                                          \
  FOLDGRID_API T fold(add, const T* x, std::size_t n) noexcept;                             \
  FOLDGRID_API T fold(multiply, const T* x, std::size_t n) noexcept;                        \
  FOLDGRID_API T fold(minimum, const T* x, std::size_t n) noexcept;                         \
  FOLDGRID_API T fold(maximum, const T* x, std::size_t n) noexcept;                         \
  FOLDGRID_API bool reduce_array(call& of, add, const T* x, std::size_t n, T& result);      \
  FOLDGRID_API bool reduce_array(call& of, multiply, const T* x, std::size_t n, T& result); \
  FOLDGRID_API bool reduce_array(call& of, minimum, const T* x, std::size_t n, T& result);  \
  FOLDGRID_API bool reduce_array(call& of, maximum, const T* x, std::size_t n, T& result);  \
  FOLDGRID_API extreme_places extremes(const T* x, std::size_t n) noexcept;                 \
  FOLDGRID_API std::size_t first_nonfinite(const T* x, std::size_t n) noexcept;
FOLDGRID_DETAIL_NUMBERS(FOLDGRID_DETAIL_DECLARE)
#undef FOLDGRID_DETAIL_DECLARE

/// The library's tag for a user's operator on T; void when it has none.
template <class Op, class T>
struct builtin {
  using type = void;
};
template <number T>
struct builtin<std::plus<>, T> {
  using type = add;
};
template <number T>
struct builtin<std::plus<T>, T> {
  using type = add;
};
template <number T>
struct builtin<std::multiplies<>, T> {
  using type = multiply;
};
template <number T>
struct builtin<std::multiplies<T>, T> {
  using type = multiply;
};
template <number T>
struct builtin<minimum, T> {
  using type = minimum;
};
template <number T>
struct builtin<maximum, T> {
  using type = maximum;
};
template <class Op, class T>
using builtin_t = typename builtin<std::remove_cvref_t<Op>, T>::type;
template <class Op, class T>
concept has_builtin = !std::is_void_v<builtin_t<Op, T>>;

/// One application of an operator; built-in + and * on integers wrap.
template <class T, class Op, class A, class B>
constexpr T combine(const Op& op, A&& a, B&& b) {
  if constexpr (has_builtin<Op, T> && std::integral<T> && std::same_as<builtin_t<Op, T>, add>) {
    return static_cast<T>(static_cast<unsigned long long>(a) + static_cast<unsigned long long>(b));
  } else if constexpr (has_builtin<Op, T> && std::integral<T> && std::same_as<builtin_t<Op, T>, multiply>) {
    return static_cast<T>(static_cast<unsigned long long>(a) * static_cast<unsigned long long>(b));
  } else {
    return static_cast<T>(op(std::forward<A>(a), std::forward<B>(b)));
  }
}

/// True on processors with AVX2.
FOLDGRID_API bool has_avx2() noexcept;
/// Whether loops over arrays were measured to gain by read_ahead on this processor.
FOLDGRID_API bool gains_by_reading_ahead() noexcept;

/// The calling thread's floating point as IEEE 754 has it: denormals are neither flushed nor read as zero. Restored on exit.
class FOLDGRID_API exact_arithmetic {
 public:
  exact_arithmetic() noexcept;
  ~exact_arithmetic();
  exact_arithmetic(const exact_arithmetic&) = delete;
  exact_arithmetic& operator=(const exact_arithmetic&) = delete;

 private:
  unsigned long long before_;
};

}  // namespace foldgrid::detail
