// SPDX-License-Identifier: MIT
// Calling a user's function with the elements of its inputs: whole, in parts, or with a stop_token before them.
#pragma once

#include <concepts>
#include <functional>
#include <stop_token>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail {

template <class T>
concept tuple_like = requires { std::tuple_size<std::remove_cvref_t<T>>::value; };

/// Other libraries' tuples may have a size and no std::get: they stay whole.
template <class T>
concept has_parts =
    tuple_like<T> && (std::tuple_size<std::remove_cvref_t<T>>::value == 0 || requires(T&& tuple) { std::get<0>(std::forward<T>(tuple)); });

/// What a result is kept as: a value, of a reference what it refers to, be it a bit of a std::vector<bool>.
template <class R>
using result_value_t = std::conditional_t<std::same_as<std::decay_t<R>, std::vector<bool>::reference>, bool, std::decay_t<R>>;

/// Calls f(token, parts...) for the parts of a tuple; the token only when Token is std::stop_token.
template <class F, class Tuple, class... Token>
struct parts_call {
  static constexpr bool value = false;
};
template <class F, has_parts Tuple, class... Token>
struct parts_call<F, Tuple, Token...> {
  template <std::size_t... I>
  static constexpr bool invocable(std::index_sequence<I...>) {
    return std::invocable<F, Token..., decltype(std::get<I>(std::declval<Tuple>()))...>;
  }
  static constexpr bool value = invocable(std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<Tuple>>>{});
};

/// How F takes elements E...; `unpack` when the one element must be taken apart (starmap).
template <bool unpack, class F, class... E>
struct invocation {
  using only = std::tuple_element_t<0, std::tuple<E..., void*>>;
  static constexpr bool one = sizeof...(E) == 1;
  // each is asked only when it matters: the body of a generic function may not compile with what it is not called with
  static constexpr bool whole = std::conjunction_v<std::bool_constant<!unpack>, std::is_invocable<F, E...>>;
  static constexpr bool parts = std::conjunction_v<std::bool_constant<!whole && one>, parts_call<F, only>>;
  static constexpr bool token_whole =
      std::conjunction_v<std::bool_constant<!whole && !parts && !unpack>, std::is_invocable<F, std::stop_token, E...>>;
  static constexpr bool token_parts =
      std::conjunction_v<std::bool_constant<!whole && !parts && !token_whole && one>, parts_call<F, only, std::stop_token>>;
  static constexpr bool possible = whole || parts || token_whole || token_parts;
  static constexpr bool takes_token = token_whole || token_parts;
};

template <bool unpack, class F, class... E>
decltype(auto) invoke_with(const F& f, const std::stop_token& token, E&&... elements) {
  using how = invocation<unpack, const F&, E...>;
  if constexpr (how::whole) {
    return std::invoke(f, std::forward<E>(elements)...);
  } else if constexpr (how::token_whole) {
    return std::invoke(f, token, std::forward<E>(elements)...);
  } else if constexpr (how::parts) {
    return std::apply(f, std::forward<E>(elements)...);
  } else {
    return std::apply([&](auto&&... part) -> decltype(auto) { return std::invoke(f, token, std::forward<decltype(part)>(part)...); },
                      std::forward<E>(elements)...);
  }
}

}  // namespace foldgrid::detail
