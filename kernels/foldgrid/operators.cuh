// SPDX-License-Identifier: MIT
// The operators on numbers that every backend knows, with the host's bits: integers wrap, the first NaN wins in min and max.
#pragma once

namespace foldgrid::gpu {

template <class T>
constexpr bool is_integer = !__is_class(T) && requires(T x) { x % x; };
template <class T>
constexpr bool is_number = is_integer<T> || is_same<T, float> || is_same<T, double>;

/// What fg::bind_front gives.
template <class F, class First>
struct bound_front {
  F function;
  First first;
  template <class... Rest>
  FOLDGRID_DEVICE auto operator()(const Rest&... rest) const {
    return function(first, rest...);
  }
};

/// Operators that may be applied to anything, or to any numbers, not only to neighbours: it costs less than telling them apart.
template <class Op, class T>
constexpr bool is_total =
    requires { typename Op::foldgrid_total; } || (is_number<T> && requires { typename Op::foldgrid_total_on_numbers; });

/// An operator of the standard library's that was given a type: its operands are converted before, as on the host.
template <class Op, class T>
struct typed {
  using foldgrid_total_on_numbers = void;
  template <class A, class B>
  FOLDGRID_DEVICE T operator()(A a, B b) const {
    return static_cast<T>(Op{}(static_cast<T>(a), static_cast<T>(b)));
  }
};

struct plus {
  using foldgrid_total_on_numbers = void;
  template <class A, class B>
  FOLDGRID_DEVICE auto operator()(A a, B b) const {
    using T = decltype(a + b);
    if constexpr (is_integer<T>) {
      return static_cast<T>(static_cast<size>(a) + static_cast<size>(b));
    } else {
      return a + b;
    }
  }
};
struct multiplies {
  using foldgrid_total_on_numbers = void;
  template <class A, class B>
  FOLDGRID_DEVICE auto operator()(A a, B b) const {
    using T = decltype(a * b);
    if constexpr (is_integer<T>) {
      return static_cast<T>(static_cast<size>(a) * static_cast<size>(b));
    } else {
      return a * b;
    }
  }
};
struct minimum {
  using foldgrid_total_on_numbers = void;
  template <class T>
  FOLDGRID_DEVICE T operator()(T a, T b) const {
    if constexpr (is_number<T>) {
      return a != a ? a : b != b ? b : b < a ? b : a;
    } else {
      return b < a ? b : a;
    }
  }
};
struct maximum {
  using foldgrid_total_on_numbers = void;
  template <class T>
  FOLDGRID_DEVICE T operator()(T a, T b) const {
    if constexpr (is_number<T>) {
      return a != a ? a : b != b ? b : a < b ? b : a;
    } else {
      return a < b ? b : a;
    }
  }
};

#define FOLDGRID_DETAIL_OPERATOR(name, sign)          \
  struct name {                                       \
    using foldgrid_total_on_numbers = void;           \
    template <class A, class B>                       \
    FOLDGRID_DEVICE auto operator()(A a, B b) const { \
      return a sign b;                                \
    }                                                 \
  };
FOLDGRID_DETAIL_OPERATOR(bit_and, &)
FOLDGRID_DETAIL_OPERATOR(bit_or, |)
FOLDGRID_DETAIL_OPERATOR(bit_xor, ^)
FOLDGRID_DETAIL_OPERATOR(logical_and, &&)
FOLDGRID_DETAIL_OPERATOR(logical_or, ||)
#undef FOLDGRID_DETAIL_OPERATOR

}  // namespace foldgrid::gpu
