// SPDX-License-Identifier: MIT
// Operators and marks for reductions: min and max that let NaN win, elementwise folds, initial values.
#pragma once

#include <foldgrid/detail/build.hpp>
#include <foldgrid/detail/throw.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace foldgrid {

namespace detail {
template <class T>
constexpr bool is_nan(const T& value) noexcept {
  if constexpr (std::is_floating_point_v<T>) return value != value;
  return false;
}
}  // namespace detail

/// Type of the object `min`.
struct minimum {
  /// a if a is NaN, b if b is NaN, else b < a ? b : a: the first NaN wins, and the first of equals (so of +0 and -0).
  template <class T>
  constexpr T operator()(const T& a, const T& b) const {
    return detail::is_nan(a) ? a : (detail::is_nan(b) || b < a) ? b : a;
  }
};

/// Type of the object `max`.
struct maximum {
  /// a if a is NaN, b if b is NaN, else a < b ? b : a: the first NaN wins, and the first of equals (so of +0 and -0).
  template <class T>
  constexpr T operator()(const T& a, const T& b) const {
    return detail::is_nan(a) ? a : (detail::is_nan(b) || a < b) ? b : a;
  }
};

/// Smaller of two values, as an operator for reductions: `pool.reduce(fg::min, xs)`.
inline constexpr minimum min{};
/// Larger of two values, as an operator for reductions: `pool.reduce(fg::max, xs)`.
inline constexpr maximum max{};

/// Marks the initial value of a map_reduce: `pool.map_reduce(f, op, fg::init(0.5), xs)` is op(0.5, tree).
template <class T>
struct init {
  constexpr explicit init(T first) : value(std::move(first)) {}
  T value;
};

/// `elementwise(op)` combines two arrays of equal length element by element; reducing a sequence of arrays with it adds
/// up (or multiplies, ...) arrays that come out of a map. Arrays of unequal length are std::invalid_argument.
template <class Op>
struct elementwise {
  constexpr explicit elementwise(Op each) : op(std::move(each)) {}
  Op op;

  /// Reuses the left operand's storage.
  template <class Array>
    requires(!std::is_reference_v<Array> && !std::is_const_v<Array>)
  Array operator()(Array&& a, Array&& b) const {
    check(a.size(), b.size());
    // an array that gives elements to write even when it is constant refers to somebody else's
    if constexpr (requires(const Array& constant) { constant.begin(); })
      static_assert(!std::is_same_v<decltype(*std::declval<Array&>().begin()), decltype(*std::declval<const Array&>().begin())>,
                    "foldgrid: elementwise leaves its result in one of the arrays, which must own its elements; a span or view does not: "
                    "use map_reduce, with a function that gives a std::vector of each, or reduce_columns of the matrix they are rows of");
    auto right = b.begin();
    for (auto left = a.begin(); left != a.end(); ++left, ++right) {
      if constexpr (std::is_reference_v<decltype(*left)>) {
        *left = op(std::as_const(*left), std::as_const(*right));
      } else {  // bits of a std::vector<bool>
        const typename Array::value_type x = *left, y = *right;
        *left = op(x, y);
      }
    }
    return std::forward<Array>(a);
  }
  template <class Array>
  Array operator()(const Array& a, const Array& b) const {
    check(a.size(), b.size());
    return (*this)(Array(a), Array(b));
  }

 private:
  static void check(std::size_t a, std::size_t b) {
    if (a != b) detail::throw_unequal_arrays(a, b);
  }
};
/// Of arrays of arrays: elementwise(elementwise(op)) is no copy of the inner operator, as it would be without this; `auto` makes copies.
template <class Op>
elementwise(elementwise<Op>) -> elementwise<elementwise<Op>>;

}  // namespace foldgrid
