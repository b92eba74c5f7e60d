// SPDX-License-Identifier: MIT
// How verbs see their inputs: something with an index and a length.
#pragma once

#include <foldgrid/detail/call.hpp>
#include <foldgrid/detail/contiguous.hpp>
#include <foldgrid/detail/least.hpp>
#include <foldgrid/detail/vector.hpp>
#include <foldgrid/inputs.hpp>

#include <concepts>
#include <cstddef>
#include <exception>
#include <iterator>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail {

/// A lazy input of foldgrid's that never ends.
template <class X>
concept endless_lazy_input = requires { requires std::remove_cvref_t<X>::endless; };
/// That, or a range with an index that never ends, such as std::views::iota(0).
template <class X>
concept endless_input =
    endless_lazy_input<X> || (std::ranges::random_access_range<X> && std::same_as<std::ranges::sentinel_t<X>, std::unreachable_sentinel_t>);
template <class X>
concept indexed_input = std::ranges::random_access_range<X> && std::ranges::sized_range<X> && !endless_input<X>;
template <class X>
concept has_index = indexed_input<X> || endless_input<X>;
template <class X>
concept any_input = endless_input<X> || std::ranges::input_range<X>;
/// Known by its type to go on for ever.
template <class X>
concept never_ends = endless_input<X> || std::same_as<std::ranges::sentinel_t<X>, std::unreachable_sentinel_t>;

/// True for containers, not for what refers to the elements of one.
template <class Range>
constexpr bool holds_elements() {
  if constexpr (requires { Range::holds_elements; }) {
    return Range::holds_elements;
  } else {
    return (std::ranges::contiguous_range<Range> || requires { typename Range::allocator_type; }) && !std::ranges::enable_view<Range> &&
           !std::ranges::enable_borrowed_range<Range> && !eigen_array<Range>;
  }
}
/// True when X, what forwarding a range gave, is an rvalue container: its elements belong to the call and are moved out of it.
template <class X>
inline constexpr bool owns_elements = !std::is_reference_v<X> && !std::is_const_v<X> && holds_elements<std::remove_cv_t<X>>();
/// An element as a loop over X gives it, to be moved from when X owns it.
template <class X, class Element>
decltype(auto) owned(std::remove_reference_t<Element>& element) {
  if constexpr (owns_elements<X>) {
    return std::move(element);
  } else {
    return static_cast<Element&&>(element);
  }
}

/// What that is.
template <class X>
using owned_t = std::conditional_t<owns_elements<X>, std::ranges::range_rvalue_reference_t<X>, std::ranges::range_reference_t<X>>;

/// Reads from a source; what that throws becomes a source_error.
template <bool throws, class Read>
[[gnu::always_inline]] inline decltype(auto) read_source(const Read& read) {
  if constexpr (throws) {
    try {
      return read();
    } catch (...) {
      throw source_error{std::current_exception()};
    }
  } else {
    return read();
  }
}

/// Elements of a contiguous range.
template <class T, class Reference>
struct array_elements {
  T* data;
  Reference operator[](std::size_t i) const noexcept { return static_cast<Reference>(data[i]); }
  /// Asks the memory for what comes after elements i to i + count, in a loop that computes with them.
  template <std::size_t count>
  [[gnu::always_inline]] void read_ahead(std::size_t i) const noexcept {
    detail::read_ahead<count * sizeof(T), true>(data + i);
  }
};

/// Elements that lie in memory, one after another.
template <class Elements>
concept reads_memory = requires(const Elements& elements) { elements.template read_ahead<1>(std::size_t{}); };

/// Elements of a lazy input, by value of the input when it is small and flat: the compiler then keeps it in registers.
template <class Lazy>
struct lazy_elements {
  Lazy input;
  decltype(auto) operator[](std::size_t i) const {
    return read_source<!noexcept(input[i])>([&]() -> decltype(auto) { return input[i]; });
  }
};
template <class Lazy>
struct lazy_reference {
  const Lazy* input;
  decltype(auto) operator[](std::size_t i) const {
    return read_source<!noexcept((*input)[i])>([&]() -> decltype(auto) { return (*input)[i]; });
  }
};

/// Elements of any other random-access range, to be moved from when `moves`.
template <class Iterator, bool moves>
struct iterator_elements {
  Iterator first;
  std::conditional_t<moves, std::iter_rvalue_reference_t<Iterator>, std::iter_reference_t<Iterator>> operator[](std::size_t i) const {
    return read_source<!noexcept(*(first + 1))>([&]() -> decltype(auto) {
      const auto at = first + static_cast<std::iter_difference_t<Iterator>>(i);
      if constexpr (moves) {
        return std::ranges::iter_move(at);
      } else {
        return *at;
      }
    });
  }
};

/// X is what forwarding gave: an lvalue reference, or a type when the range was an rvalue. Elements of an rvalue
/// container belong to the call and are moved out of it.
template <class X>
auto elements_of(std::remove_reference_t<X>& range) {
  using Range = std::remove_reference_t<X>;
  if constexpr (requires { typename Range::foldgrid_lazy; }) {
    if constexpr (std::is_trivially_copyable_v<Range> && sizeof(Range) <= 64) {
      return lazy_elements<std::remove_const_t<Range>>{range};
    } else {
      return lazy_reference<Range>{&range};
    }
  } else if constexpr (contiguous_input<Range>) {
    using T = std::remove_reference_t<std::ranges::range_reference_t<Range>>;
    return array_elements<T, std::conditional_t<owns_elements<X> && !std::is_const_v<T>, T&&, T&>>{std::ranges::data(range)};
  } else {
    return iterator_elements<std::ranges::iterator_t<Range>, owns_elements<X>>{std::ranges::begin(range)};
  }
}

template <class X>
using elements_t = decltype(elements_of<X>(std::declval<std::remove_reference_t<X>&>()));
/// What a function is called with.
template <class X>
using element_t = decltype(std::declval<const elements_t<X>&>()[std::size_t{}]);
template <class X>
using element_value_t = std::ranges::range_value_t<std::remove_reference_t<X>>;

/// True when elements_of(X) is a plain array of T.
template <class X, class T>
inline constexpr bool is_array_of = false;
template <class X, class T>
  requires(indexed_input<X> && !requires { typename std::remove_cvref_t<X>::foldgrid_lazy; } && contiguous_input<X>)
inline constexpr bool is_array_of<X, T> = std::is_same_v<element_value_t<X>, T>;

/// False, after a message, when none of the inputs that are walked together ends.
template <class... X>
constexpr bool check_ends() {
  static_assert(!(never_ends<X> && ...),
                "foldgrid: the input never ends and has no index, so it cannot be copied first; give a part of it, such as "
                "std::views::take(n) of it, or use imap, which reads it as it goes");
  return !(never_ends<X> && ...);
}

/// A range with an index: the range itself, or its elements copied (moved from an rvalue) into a vector.
template <class X>
decltype(auto) indexed(X&& range) {
  if constexpr (has_index<X>) {
    return std::forward<X>(range);
  } else {
    std::vector<element_value_t<X>> copy;
    if constexpr (std::ranges::sized_range<X>) copy.reserve(static_cast<std::size_t>(std::ranges::size(range)));
    if constexpr (check_ends<X>())
      for (auto&& element : range) copy.push_back(owned<X, decltype(element)>(element));
    return copy;
  }
}

/// Length of inputs walked together: of the shortest whose length is known, call::unknown when there is none. With `strict` they must be
/// equally long.
template <class... X>
std::size_t common_length(const char* verb, bool strict, X&... inputs) {
  static_assert((!endless_input<X> || ...), "foldgrid: every input is endless; give at least one that ends, such as fg::iota(n)");
  std::size_t shortest = call::unknown, longest = 0;
  const auto look = [&]<class Y>(Y& input) {
    if constexpr (!endless_input<Y> && requires { std::ranges::size(input); }) {  // a device_array is no range
      const auto n = static_cast<std::size_t>(std::ranges::size(input));
      shortest = least(shortest, n);
      longest = most(longest, n);
    }
  };
  (look(inputs), ...);
  if (strict && shortest < longest) throw_unequal_lengths(verb, shortest, longest);
  return shortest;
}

/// Bytes of a flat array input, 0 for what is computed or not flat.
template <class X>
std::size_t bytes_of(std::size_t n) {
  if constexpr (is_array_of<X, element_value_t<X>> && std::is_trivially_copyable_v<element_value_t<X>>) {
    return n * sizeof(element_value_t<X>);
  } else {
    return 0;
  }
}

}  // namespace foldgrid::detail
