// SPDX-License-Identifier: MIT
// The built-in reductions over contiguous numbers, on one thread, at memory bandwidth.
//
// Floating-point + and * follow the tree: tiles of 1024 elements are halved in registers and in a buffer of the first
// cache level, and the tiles' nodes meet in a binary counter. Integer + and * wrap, and min and max pick one of their
// operands, so they are associative to the bit in any grouping: they run as plain vector loops, and what the order
// decides (which NaN, which zero) is looked up afterwards.
#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/tree.hpp>

#include "vector.hpp"

#include <concepts>
#include <cstddef>
#include <functional>
#include <limits>
#include <type_traits>

namespace foldgrid::detail {
namespace {

constexpr std::size_t tile = 1024;

struct vector_add {
  auto operator()(auto a, auto b) const noexcept { return a + b; }
};
struct vector_multiply {
  auto operator()(auto a, auto b) const noexcept { return a * b; }
};

/// The tree over m <= tile elements.
template <class T, class Op>
T fold_tile(Op op, const T* x, std::size_t m) noexcept {
  using V = vector_of<T>;
  constexpr std::size_t w = V::width;
  T nodes[tile / 8 + 1];
  std::size_t n = 0, i = 0;
  for (; i + 8 * w <= m; i += 8 * w, n += w) {
    const auto a = V::neighbours(op, V::load(x + i), V::load(x + i + w));
    const auto b = V::neighbours(op, V::load(x + i + 2 * w), V::load(x + i + 3 * w));
    const auto c = V::neighbours(op, V::load(x + i + 4 * w), V::load(x + i + 5 * w));
    const auto d = V::neighbours(op, V::load(x + i + 6 * w), V::load(x + i + 7 * w));
    V::store(nodes + n, V::neighbours(op, V::neighbours(op, a, b), V::neighbours(op, c, d)));
  }
  for (; i + 8 <= m; i += 8)
    nodes[n++] = op(op(op(x[i], x[i + 1]), op(x[i + 2], x[i + 3])), op(op(x[i + 4], x[i + 5]), op(x[i + 6], x[i + 7])));
  if (i < m) {
    T rest[8];
    std::size_t left = m - i;
    for (std::size_t k = 0; k < left; ++k) rest[k] = x[i + k];
    for (; left > 1; left = (left + 1) / 2) {
      for (std::size_t k = 0; k < left / 2; ++k) rest[k] = op(rest[2 * k], rest[2 * k + 1]);
      if (left % 2 != 0) rest[left / 2] = rest[left - 1];
    }
    nodes[n++] = rest[0];
  }
  for (; n > 1; n = (n + 1) / 2) {
    std::size_t k = 0;
    for (; 2 * k + 2 * w <= n; k += w) V::store(nodes + k, V::neighbours(op, V::load(nodes + 2 * k), V::load(nodes + 2 * k + w)));
    for (; 2 * k + 2 <= n; ++k) nodes[k] = op(nodes[2 * k], nodes[2 * k + 1]);
    if (n % 2 != 0) nodes[n / 2] = nodes[n - 1];
  }
  return nodes[0];
}

template <std::floating_point T, class Op>
T fold_ordered(Op op, const T* x, std::size_t n, T) noexcept {
  if (n <= tile) return fold_tile(op, x, n);
  tree_stack<T, Op> tiles(op);
  std::size_t i = 0;
  for (; i + tile <= n; i += tile) tiles.push(fold_tile(op, x + i, tile));
  if (i < n) tiles.push(fold_tile(op, x + i, n - i));
  return tiles.finish();
}

template <std::integral T, class Op>
T fold_ordered(Op op, const T* x, std::size_t n, T identity) noexcept {
  using U = std::make_unsigned_t<T>;
  U result = static_cast<U>(identity);
  for (std::size_t i = 0; i < n; ++i) result = static_cast<U>(op(std::size_t{result}, static_cast<std::size_t>(x[i])));
  return static_cast<T>(result);
}

/// b < a ? b : a of vectors and of numbers; a NaN on the left is kept, one on the right is passed over.
struct smaller {
  template <class V>
  static V pick(V a, V b) noexcept {
    return b < a ? b : a;
  }
};
struct larger {
  template <class V>
  static V pick(V a, V b) noexcept {
    return a < b ? b : a;
  }
};

/// One of the elements equal to the extreme of x[0..n) over what is no NaN, or `start` when nothing beats it.
/// `has_nan` tells whether a NaN was met.
template <class Pick, class T>
T extreme(const T* x, std::size_t n, T start, bool& has_nan) noexcept {
  using V = vector_of<T>;
  using vector = typename V::type;
  constexpr std::size_t w = V::width;
  vector a = start - vector{}, b = a, c = a, d = a;
  auto nan_ab = a != a, nan_cd = a != a;
  std::size_t i = 0;
  for (; i + 4 * w <= n; i += 4 * w) {
    const vector p = V::load(x + i), q = V::load(x + i + w), r = V::load(x + i + 2 * w), s = V::load(x + i + 3 * w);
    a = Pick::pick(a, p);
    b = Pick::pick(b, q);
    c = Pick::pick(c, r);
    d = Pick::pick(d, s);
    if constexpr (std::floating_point<T>) {
      nan_ab |= (p != p) | (q != q);
      nan_cd |= (r != r) | (s != s);
    }
  }
  a = Pick::pick(Pick::pick(a, b), Pick::pick(c, d));
  nan_ab |= nan_cd;
  T best = start;
  has_nan = false;
  for (std::size_t k = 0; k < w; ++k) {
    best = Pick::pick(best, static_cast<T>(a[k]));
    has_nan = has_nan || nan_ab[k] != 0;
  }
  for (; i < n; ++i) {
    best = Pick::pick(best, x[i]);
    has_nan = has_nan || x[i] != x[i];
  }
  return best;
}

template <class Pick, class T>
constexpr T worst() noexcept {
  using limits = std::numeric_limits<T>;
  if constexpr (std::same_as<Pick, smaller>) return limits::has_infinity ? limits::infinity() : limits::max();
  return limits::has_infinity ? -limits::infinity() : limits::lowest();
}

constexpr std::size_t extreme_block = 8192;

/// The first NaN, else the first of the elements equal to the extreme.
template <class Pick, class T>
T fold_extreme(const T* x, std::size_t n) noexcept {
  T best = x[0];
  for (std::size_t i = 0; i < n; i += extreme_block) {
    const std::size_t m = n - i < extreme_block ? n - i : extreme_block;
    bool has_nan;
    const T here = extreme<Pick>(x + i, m, best, has_nan);
    if (has_nan) {
      while (x[i] == x[i]) ++i;
      return x[i];
    }
    if (here == 0 && best != 0) {  // of +0 and -0 the first counts
      while (x[i] != here) ++i;
      best = x[i];
      i = i / extreme_block * extreme_block;
    } else if (here != best) {
      best = here;
    }
  }
  return best;
}

/// Index of the first element equal to the extreme over what is no NaN; n when all are NaN.
template <class Pick, class T>
std::size_t extreme_place(const T* x, std::size_t n) noexcept {
  std::size_t place = n;
  for (std::size_t i = 0; i < n; i += extreme_block) {
    const std::size_t m = n - i < extreme_block ? n - i : extreme_block;
    bool has_nan;
    const T bar = place == n ? worst<Pick, T>() : x[place];
    const T here = extreme<Pick>(x + i, m, bar, has_nan);
    if (place != n && here == bar) continue;
    for (std::size_t k = i; k < i + m; ++k)
      if (x[k] == here) {
        place = k;
        break;
      }
  }
  return place;
}

template <class T>
std::size_t nonfinite_place(const T* x, std::size_t n) noexcept {
  if constexpr (std::floating_point<T>) {
    for (std::size_t i = 0; i < n;) {
      const std::size_t end = n - i < extreme_block ? n : i + extreme_block;
      int bad = 0;
      for (std::size_t k = i; k < end; ++k) bad |= !(x[k] - x[k] == T{});  // Inf - Inf and NaN - NaN are NaN
      while (bad != 0)
        if (const T v = x[i++]; !(v - v == T{})) return i - 1;
      i = end;
    }
  }
  return n;
}

}  // namespace

#define FOLDGRID_DETAIL_DEFINE(T)                                                                                                     \
  T fold(add, const T* x, std::size_t n) noexcept { return fold_ordered(vector_add{}, x, n, static_cast<T>(0)); }                     \
  T fold(multiply, const T* x, std::size_t n) noexcept { return fold_ordered(vector_multiply{}, x, n, static_cast<T>(1)); }           \
  T fold(minimum, const T* x, std::size_t n) noexcept { return fold_extreme<smaller>(x, n); }                                         \
  T fold(maximum, const T* x, std::size_t n) noexcept { return fold_extreme<larger>(x, n); }                                          \
  extreme_places extremes(const T* x, std::size_t n) noexcept { return {extreme_place<smaller>(x, n), extreme_place<larger>(x, n)}; } \
  std::size_t first_nonfinite(const T* x, std::size_t n) noexcept { return nonfinite_place(x, n); }
FOLDGRID_DETAIL_NUMBERS(FOLDGRID_DETAIL_DEFINE)
#undef FOLDGRID_DETAIL_DEFINE

}  // namespace foldgrid::detail
