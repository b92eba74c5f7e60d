// SPDX-License-Identifier: MIT
// Searches as reductions: the leaves and operators of minmax, argmin, argmax and first_nonfinite, which pass NaN over.
#pragma once

namespace foldgrid::gpu {

/// An element and its index.
template <class T>
struct placed {
  T value;
  size at;
};
struct place {
  template <class T>
  FOLDGRID_DEVICE placed<T> operator()(const T& x, size i) const {
    return {x, i};
  }
};

/// Whether b takes the place of a, which stands before it: a NaN gives way to anything, a number only to a better one.
struct is_less {
  template <class T>
  FOLDGRID_DEVICE bool operator()(T a, T b) const {
    return b < a || (a != a && b == b);
  }
};
struct is_greater {
  template <class T>
  FOLDGRID_DEVICE bool operator()(T a, T b) const {
    return a < b || (a != a && b == b);
  }
};

/// The better of two places; of equal elements the left one.
template <class Better>
struct best_place {
  using foldgrid_total = void;
  template <class T>
  FOLDGRID_DEVICE placed<T> operator()(const placed<T>& a, const placed<T>& b) const {
    const bool replaced = Better{}(a.value, b.value);
    return {replaced ? b.value : a.value, replaced ? b.at : a.at};
  }
};
using first_least = best_place<is_less>;
using first_greatest = best_place<is_greater>;

template <class T>
struct minmax_result {
  T min, max;
};
/// Both of one element; short integers as int, which registers hold.
struct both {
  template <class T>
  FOLDGRID_DEVICE auto operator()(const T& x) const {
    return minmax_result<decltype(+x)>{+x, +x};
  }
};
struct extremes {
  using foldgrid_total = void;
  template <class T>
  FOLDGRID_DEVICE minmax_result<T> operator()(const minmax_result<T>& a, const minmax_result<T>& b) const {
    return {is_less{}(a.min, b.min) ? b.min : a.min, is_greater{}(a.max, b.max) ? b.max : a.max};
  }
};

/// The index of an element that is NaN or infinite, and of any other one the greatest there is.
struct nonfinite_place {
  template <class T>
  FOLDGRID_DEVICE size operator()(T x, size i) const {
    return x - x == T{} ? ~size{0} : i;
  }
};

}  // namespace foldgrid::gpu
