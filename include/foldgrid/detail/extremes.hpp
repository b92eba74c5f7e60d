// SPDX-License-Identifier: MIT
// minmax, argmin, argmax and first_nonfinite: searches for places, which are reductions too.
#pragma once

#include <foldgrid/detail/device_calls.hpp>
#include <foldgrid/detail/fold.hpp>
#include <foldgrid/detail/search.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace foldgrid::detail {

/// Blocks this long are searched in one go; a multiple of what the kernels do at a time.
inline constexpr std::size_t search_grain = 32768;

/// extremes() over any elements, with NaN passed over.
template <class T, class Elements>
extreme_places extremes_of(const Elements& x, std::size_t first, std::size_t last, std::size_t none) {
  extreme_places found{none, none};
  if constexpr (std::is_reference_v<decltype(x[first])> || !std::copyable<T>) {
    for (std::size_t i = first; i < last; ++i) {
      if (detail::is_nan(x[i])) continue;
      if (found.smallest == none || x[i] < x[found.smallest]) found.smallest = i;
      if (found.largest == none || x[found.largest] < x[i]) found.largest = i;
    }
  } else {  // computed, which may be costly, or a stand-in for a value
    std::optional<T> low, high;
    for (std::size_t i = first; i < last; ++i) {
      const T value = x[i];
      if (detail::is_nan(value)) continue;
      if (!low || value < *low) low = value, found.smallest = i;
      if (!high || *high < value) high = value, found.largest = i;
    }
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
  auto operator()(std::size_t b) const { return search(b * search_grain, least(n, (b + 1) * search_grain)); }
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
      return extremes_of<T>(x, first, last, n);
    }
  };
  return search_blocks<extreme_places>(of, n, search, combine_places<decltype(x)>{x, n});
}

/// The tree of a search, by Op over what Leaf makes of an element or of an element and its index, on a GPU.
template <class Found, class Leaf, class Op, class X>
there<Found> search_there(call& of, const X& input, std::size_t n) {
  const bool resident = any_device_array<X> && lie_on_gpu(input);
  if constexpr (number<input_value_t<X>>) {
    if constexpr (is_known_there<X>) {
      const auto sources = resident_sources(input, n);
      if constexpr (std::tuple_size_v<std::remove_const_t<decltype(sources)>> == 1) {
        if constexpr (std::invocable<const Leaf&, const input_value_t<X>&>) {
          return launch_reduce<Found>(of, Leaf{}, Op{}, sources, n, resident);
        } else {
          return launch_reduce<Found>(of, Leaf{}, Op{}, std::tuple_cat(sources, std::tuple(iota_source<unsigned long long>{0})), n,
                                      resident);
        }
      }
    }
  }
  return {};
}

/// A search over a device_array, or a range: on_gpu(there) makes the result of what a GPU found, on_host(call, range) finds it here.
template <class Found, class Leaf, class Op, class X, class OnGpu, class OnHost>
auto search(engine* where, const char* verb, const options& asked, X&& input, OnGpu&& on_gpu, OnHost&& on_host) {
  if constexpr (any_device_array<X>) {
    check_places(verb, where, input);
    if (lie_on_gpu(input)) {
      call here(where, verb, asked, input.size());
      if (there<Found> found = search_there<Found, Leaf, Op>(here, input, input.size()); found.how != fate::left) {
        here.finish();
        return on_gpu(*found.value);
      }
    }
    return on_host_inputs(where, [&](auto range) { return search<Found, Leaf, Op>(where, verb, asked, range, on_gpu, on_host); }, input);
  } else {
    auto&& range = detail::indexed(std::forward<X>(input));
    const auto n = static_cast<std::size_t>(std::ranges::size(range));
    call here(where, verb, asked, n);
    here.moved(bytes_of<decltype(range)>(n), 0);
    if (there<Found> found = search_there<Found, Leaf, Op>(here, range, n); found.how != fate::left) {
      here.finish();
      return on_gpu(*found.value);
    }
    return on_host(here, range, n);
  }
}

template <class X>
auto minmax(engine* where, const options& asked, X&& input) {
  using T = input_value_t<X>;
  using Found = minmax_result<T>;
  using FoundThere = minmax_result<promoted_t<T>>;
  return search<FoundThere, both, both_extremes>(
      where, "minmax", asked, std::forward<X>(input),
      [](const FoundThere& found) { return Found{static_cast<T>(found.min), static_cast<T>(found.max)}; },
      [](call& here, auto& range, std::size_t n) {
        const extreme_places found = places<decltype(range)>(here, range, n);
        const auto x = elements_of<decltype(range)>(range);
        const std::size_t low = found.smallest == n ? 0 : found.smallest, high = found.largest == n ? 0 : found.largest;  // all NaN
        return Found{static_cast<T>(x[low]), static_cast<T>(x[high])};
      });
}

/// argmin and argmax: `place` is the member of extreme_places that is asked for.
template <class Op, class X>
std::size_t best(engine* where, const char* verb, const options& asked, X&& input, std::size_t extreme_places::* place) {
  using Found = placed<input_value_t<X>>;
  return search<Found, detail::place, Op>(
      where, verb, asked, std::forward<X>(input), [](const Found& found) { return static_cast<std::size_t>(found.at); },
      [&](call& here, auto& range, std::size_t n) {
        const std::size_t found = places<decltype(range)>(here, range, n).*place;
        return found == n ? 0 : found;
      });
}
template <class X>
std::size_t argmin(engine* where, const options& asked, X&& input) {
  return best<first_least>(where, "argmin", asked, std::forward<X>(input), &extreme_places::smallest);
}
template <class X>
std::size_t argmax(engine* where, const options& asked, X&& input) {
  return best<first_greatest>(where, "argmax", asked, std::forward<X>(input), &extreme_places::largest);
}

template <class X>
std::optional<std::size_t> first_nonfinite(engine* where, const options& asked, X&& input) {
  using T = input_value_t<X>;
  using Found = unsigned long long;
  return search<Found, nonfinite_place, minimum>(
      where, "first_nonfinite", asked, std::forward<X>(input),
      [](Found found) { return found == ~Found{} ? std::nullopt : std::optional(static_cast<std::size_t>(found)); },
      [](call& here, auto& range, std::size_t n) -> std::optional<std::size_t> {
        if (n == 0) return std::nullopt;
        const auto x = elements_of<decltype(range)>(range);
        const auto find = [&](std::size_t first, std::size_t last) -> std::size_t {
          if constexpr (is_array_of<decltype(range), T> && number<T>) {
            const std::size_t found = detail::first_nonfinite(x.data + first, last - first);
            return found == last - first ? n : first + found;
          } else if constexpr (std::is_floating_point_v<T>) {
            for (std::size_t i = first; i < last; ++i)
              if (const T v = x[i]; !(v - v == T{})) return i;
          }
          return n;
        };
        const auto earlier = [](std::size_t a, std::size_t b) { return a < b ? a : b; };
        const std::size_t found = search_blocks<std::size_t>(here, n, find, earlier);
        return found == n ? std::nullopt : std::optional(found);
      });
}

}  // namespace foldgrid::detail
