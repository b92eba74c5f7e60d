// SPDX-License-Identifier: MIT
// minmax, argmin, argmax and first_nonfinite: searches for places, which are reductions too.
#pragma once

#include <foldgrid/detail/fold.hpp>

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace foldgrid {

/// What minmax gives.
template <class T>
struct minmax_result {
  T min = {};
  T max = {};
};

namespace detail {

/// Blocks this long are searched in one go; a multiple of what the kernels do at a time.
inline constexpr std::size_t search_grain = 32768;

/// extremes() over any elements, with NaN passed over.
template <class Elements>
extreme_places extremes_of(const Elements& x, std::size_t first, std::size_t last, std::size_t none) {
  extreme_places found{none, none};
  for (std::size_t i = first; i < last; ++i) {
    if (is_nan(x[i])) continue;
    if (found.smallest == none || x[i] < x[found.smallest]) found.smallest = i;
    if (found.largest == none || x[found.largest] < x[i]) found.largest = i;
  }
  return found;
}

/// The smaller of two places, `none` being no place; of equal elements the left one.
template <class Elements>
struct combine_places {
  const Elements& x;
  std::size_t none;
  extreme_places operator()(const extreme_places& a, const extreme_places& b) const {
    const auto better = [&](std::size_t i, std::size_t j, bool replaces) { return i == none || (j != none && replaces) ? j : i; };
    return {better(a.smallest, b.smallest, a.smallest != none && b.smallest != none && x[b.smallest] < x[a.smallest]),
            better(a.largest, b.largest, a.largest != none && b.largest != none && x[a.largest] < x[b.largest])};
  }
};

/// What is found in each block.
template <class Search>
struct search_leaves {
  static constexpr bool direct = false;
  const Search& search;
  std::size_t n;
  auto operator()(std::size_t b) const { return search(b * search_grain, std::min(n, (b + 1) * search_grain)); }
};

/// Runs search(first, last) -> Found over blocks of [0, n) and combines what is found; n is not 0.
template <class Found, class Search, class Combine>
Found search_blocks(call& of, std::size_t n, const Search& search, const Combine& combine) {
  const std::size_t blocks = (n + search_grain - 1) / search_grain;
  const search_leaves<Search> found{search, n};
  tree_fold<Found, search_leaves<Search>, Combine> tree(of, found, combine, blocks, {.base = 0, .stride = search_grain});
  std::optional<Found> result = tree.run();
  of.finish();
  return *std::move(result);
}

/// Where the extremes of a range stand; n both when every element is NaN.
template <class X>
extreme_places places(call& of, std::remove_reference_t<X>& range, std::size_t n) {
  if (n == 0) throw_empty(of.verb());
  of.moved(bytes_of<X>(n), 0);
  const auto x = elements_of<X&>(range);
  const auto search = [&](std::size_t first, std::size_t last) {
    using T = element_value_t<X>;
    if constexpr (is_array_of<X, T> && number<T>) {
      const extreme_places found = extremes(x.data + first, last - first);
      return extreme_places{found.smallest == last - first ? n : first + found.smallest,
                            found.largest == last - first ? n : first + found.largest};
    } else {
      return extremes_of(x, first, last, n);
    }
  };
  return search_blocks<extreme_places>(of, n, search, combine_places<decltype(x)>{x, n});
}

template <class X>
auto minmax(engine* where, const options& asked, X&& range) {
  using T = element_value_t<X>;
  const auto n = static_cast<std::size_t>(std::ranges::size(range));
  call here(where, "minmax", asked, n);
  const extreme_places found = places<X>(here, range, n);
  const auto x = elements_of<X&>(range);
  const std::size_t low = found.smallest == n ? 0 : found.smallest, high = found.largest == n ? 0 : found.largest;  // all NaN
  return minmax_result<T>{static_cast<T>(x[low]), static_cast<T>(x[high])};
}

template <class X>
std::size_t argmin(engine* where, const options& asked, X&& range) {
  const auto n = static_cast<std::size_t>(std::ranges::size(range));
  call here(where, "argmin", asked, n);
  const extreme_places found = places<X>(here, range, n);
  return found.smallest == n ? 0 : found.smallest;
}

template <class X>
std::size_t argmax(engine* where, const options& asked, X&& range) {
  const auto n = static_cast<std::size_t>(std::ranges::size(range));
  call here(where, "argmax", asked, n);
  const extreme_places found = places<X>(here, range, n);
  return found.largest == n ? 0 : found.largest;
}

template <class X>
std::optional<std::size_t> first_nonfinite(engine* where, const options& asked, X&& range) {
  using T = element_value_t<X>;
  const auto n = static_cast<std::size_t>(std::ranges::size(range));
  call here(where, "first_nonfinite", asked, n);
  here.moved(bytes_of<X>(n), 0);
  if (n == 0) return std::nullopt;
  const auto x = elements_of<X&>(range);
  const auto search = [&](std::size_t first, std::size_t last) -> std::size_t {
    if constexpr (is_array_of<X, T> && number<T>) {
      const std::size_t found = detail::first_nonfinite(x.data + first, last - first);
      return found == last - first ? n : first + found;
    } else if constexpr (std::is_floating_point_v<T>) {
      for (std::size_t i = first; i < last; ++i)
        if (const T v = x[i]; !(v - v == T{})) return i;
    }
    return n;
  };
  const auto earlier = [](std::size_t a, std::size_t b) { return a < b ? a : b; };
  const std::size_t found = search_blocks<std::size_t>(here, n, search, earlier);
  return found == n ? std::nullopt : std::optional(found);
}

}  // namespace detail
}  // namespace foldgrid
