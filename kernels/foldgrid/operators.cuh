// SPDX-License-Identifier: MIT
// The operators on numbers that every backend knows, with the host's bits: integers wrap, the first NaN wins in min and max.
#pragma once

namespace foldgrid::gpu {

template <class T>
constexpr bool is_integer = static_cast<T>(1) / static_cast<T>(2) == static_cast<T>(0);

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

/// Operators that may be applied to anything, not only to neighbours: it costs less than telling them apart.
template <class Op>
constexpr bool is_total = requires { typename Op::foldgrid_total; };

struct plus {
  using foldgrid_total = void;
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
  using foldgrid_total = void;
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
  using foldgrid_total = void;
  template <class T>
  FOLDGRID_DEVICE T operator()(T a, T b) const {
    return a != a ? a : b != b ? b : b < a ? b : a;
  }
};
struct maximum {
  using foldgrid_total = void;
  template <class T>
  FOLDGRID_DEVICE T operator()(T a, T b) const {
    return a != a ? a : b != b ? b : a < b ? b : a;
  }
};

#define FOLDGRID_DETAIL_OPERATOR(name, sign)          \
  struct name {                                       \
    using foldgrid_total = void;                      \
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
