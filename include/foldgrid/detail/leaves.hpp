// SPDX-License-Identifier: MIT
// Leaves of a tree: elements of an array, or what is computed when asked for.
#pragma once

#include <foldgrid/detail/ranges.hpp>

#include <cstddef>
#include <type_traits>

namespace foldgrid::detail {

/// Elements of an array as leaves: nothing is computed.
template <class Elements>
struct direct_leaves {
  static constexpr bool direct = true;
  Elements elements;
  decltype(auto) operator()(std::size_t i) const noexcept { return elements[i]; }
  template <std::size_t count>
  [[gnu::always_inline]] void read_ahead(std::size_t i) const noexcept {
    elements.template read_ahead<count>(i);
  }
};
/// Elements that are computed when asked for.
template <class Elements>
struct computed_leaves {
  static constexpr bool direct = false;
  Elements elements;
  decltype(auto) operator()(std::size_t i) const { return elements[i]; }
};
template <class X>
auto leaves_of(std::remove_reference_t<X>& range) {
  if constexpr (requires { elements_of<X>(range).data; }) {
    return direct_leaves<elements_t<X>>{elements_of<X>(range)};
  } else {
    return computed_leaves<elements_t<X>>{elements_of<X>(range)};
  }
}

/// True when the leaves are an array of A that can be read in place.
template <class Leaves, class A>
inline constexpr bool is_plain_array = false;
template <class T, class Reference, class A>
inline constexpr bool is_plain_array<direct_leaves<array_elements<T, Reference>>, A> = std::is_same_v<std::remove_const_t<T>, A>;

}  // namespace foldgrid::detail
