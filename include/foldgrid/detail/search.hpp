// SPDX-License-Identifier: MIT
// Searches as reductions, the way they go to a GPU: leaves and operators of minmax, argmin, argmax and first_nonfinite.
#pragma once

#include <foldgrid/detail/kernel_text.hpp>
#include <foldgrid/operators.hpp>

#include <cstddef>

namespace foldgrid {

/// What minmax gives.
template <class T>
struct minmax_result {
  T min = {};
  T max = {};
};

namespace detail {

// All of this equals kernels/foldgrid/search.cuh: the host combines what the launches of a long call give.

/// An element and its index.
template <class T>
struct placed {
  T value;
  unsigned long long at;
};
struct place {
  template <class T>
  placed<T> operator()(const T& x, unsigned long long i) const {
    return {x, i};
  }
};

/// Whether b takes the place of a, which stands before it: a NaN gives way to anything, a number only to a better one.
struct is_less {
  template <class T>
  bool operator()(const T& a, const T& b) const {
    return b < a || (detail::is_nan(a) && !detail::is_nan(b));
  }
};
struct is_greater {
  template <class T>
  bool operator()(const T& a, const T& b) const {
    return a < b || (detail::is_nan(a) && !detail::is_nan(b));
  }
};

/// The better of two places; of equal elements the left one.
template <class Better>
struct best_place {
  template <class T>
  placed<T> operator()(const placed<T>& a, const placed<T>& b) const {
    return Better{}(a.value, b.value) ? b : a;
  }
};
using first_least = best_place<is_less>;
using first_greatest = best_place<is_greater>;

/// Short integers as int, which registers hold.
template <class T>
struct promoted {
  using type = T;
};
template <number T>
struct promoted<T> {
  using type = decltype(+T{});
};
template <class T>
using promoted_t = typename promoted<T>::type;

/// Both of one element.
struct both {
  template <class T>
  auto operator()(const T& x) const {
    return minmax_result<promoted_t<T>>{x, x};
  }
};
struct both_extremes {
  template <class T>
  minmax_result<T> operator()(const minmax_result<T>& a, const minmax_result<T>& b) const {
    return {is_less{}(a.min, b.min) ? b.min : a.min, is_greater{}(a.max, b.max) ? b.max : a.max};
  }
};

/// The index of an element that is NaN or infinite, and of any other one the greatest there is.
struct nonfinite_place {
  template <class T>
  unsigned long long operator()(const T& x, unsigned long long i) const {
    return x - x == T{} ? ~0ull : i;
  }
};

#define FOLDGRID_DETAIL_NAMED(T, name_there)                                        \
  template <>                                                                       \
  struct device_name<T> {                                                           \
    static void write(kernel_text& text) { text << "foldgrid::gpu::" #name_there; } \
  };
FOLDGRID_DETAIL_NAMED(place, place)
FOLDGRID_DETAIL_NAMED(first_least, first_least)
FOLDGRID_DETAIL_NAMED(first_greatest, first_greatest)
FOLDGRID_DETAIL_NAMED(both, both)
FOLDGRID_DETAIL_NAMED(both_extremes, extremes)
FOLDGRID_DETAIL_NAMED(nonfinite_place, nonfinite_place)
#undef FOLDGRID_DETAIL_NAMED

#define FOLDGRID_DETAIL_NAMED(Template)        \
  template <on_device T>                       \
  struct device_name<Template<T>> {            \
    static void write(kernel_text& text) {     \
      text << "foldgrid::gpu::" #Template "<"; \
      device_name<T>::write(text);             \
      text << ">";                             \
    }                                          \
  };
FOLDGRID_DETAIL_NAMED(placed)
FOLDGRID_DETAIL_NAMED(minmax_result)
#undef FOLDGRID_DETAIL_NAMED

}  // namespace detail
}  // namespace foldgrid
