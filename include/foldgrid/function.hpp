// SPDX-License-Identifier: MIT
// Functions written once for host and GPU, and arguments bound to functions.
#pragma once

#include <foldgrid/detail/device_text.hpp>
#include <foldgrid/detail/function_names.hpp>
#include <foldgrid/error.hpp>

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

/// A function for every backend, at namespace scope:
/// `FOLDGRID_FUNCTION(paraboloid, (double a, double x, double y), { return a * (x * x + y * y); })`
/// defines the callable object `paraboloid`; its text is kept for the GPU, where it is compiled when first needed. The
/// body sees `<math.h>`, min, max, std::size_t, the names of `<cstdint>`, M_PI, INFINITY and NAN; it has no `#if` and does not
/// call itself.
#define FOLDGRID_FUNCTION(name, parameters, ...)                                                                                  \
  struct name##_function;                                                                                                         \
  FOLDGRID_DETAIL_TEXT((), name, function, "()", #parameters, #__VA_ARGS__, FOLDGRID_DETAIL_PARAMETERS(name##_function), nullptr) \
  FOLDGRID_DETAIL_FUNCTOR(name##_function, foldgrid_text_##name, (), parameters, __VA_ARGS__)                                     \
  inline constexpr name##_function name{};

/// A function with state: `FOLDGRID_FUNCTOR(damped, (double k; double w;), (double t), { return exp(-k * t) * cos(w * t); })`
/// defines the aggregate type `damped`, used as `damped{0.1, 6.0}`. New values of the state never compile anything.
#define FOLDGRID_FUNCTOR(name, state, parameters, ...)                                                         \
  struct name;                                                                                                 \
  FOLDGRID_DETAIL_TEXT((), name, functor, #state, #parameters, #__VA_ARGS__, FOLDGRID_DETAIL_PARAMETERS(name), \
                       FOLDGRID_DETAIL_LAYOUT(name))                                                           \
  FOLDGRID_DETAIL_FUNCTOR(name, foldgrid_text_##name, state, parameters, __VA_ARGS__)

/// FOLDGRID_FUNCTION that names the functions and structs its body uses, which FOLDGRID_ macros have declared in the same or
/// an enclosing namespace: `FOLDGRID_FUNCTION_USING((g, point), along, (double x), { return g(point{x, x}); })`.
#define FOLDGRID_FUNCTION_USING(used, name, parameters, ...)                                                                        \
  struct name##_function;                                                                                                           \
  FOLDGRID_DETAIL_TEXT(used, name, function, "()", #parameters, #__VA_ARGS__, FOLDGRID_DETAIL_PARAMETERS(name##_function), nullptr) \
  FOLDGRID_DETAIL_FUNCTOR(name##_function, foldgrid_text_##name, (), parameters, __VA_ARGS__)                                       \
  inline constexpr name##_function name{};

/// FOLDGRID_FUNCTOR that names the functions and structs its body uses.
#define FOLDGRID_FUNCTOR_USING(used, name, state, parameters, ...)                                               \
  struct name;                                                                                                   \
  FOLDGRID_DETAIL_TEXT(used, name, functor, #state, #parameters, #__VA_ARGS__, FOLDGRID_DETAIL_PARAMETERS(name), \
                       FOLDGRID_DETAIL_LAYOUT(name))                                                             \
  FOLDGRID_DETAIL_FUNCTOR(name, foldgrid_text_##name, state, parameters, __VA_ARGS__)

/// A struct known on both sides: `FOLDGRID_STRUCT(point, (double x; double y;))`.
#define FOLDGRID_STRUCT(name, members)                                                                                          \
  struct name;                                                                                                                  \
  FOLDGRID_DETAIL_TEXT((), name, structure, #members, "", "", nullptr, FOLDGRID_DETAIL_LAYOUT(name))                            \
  struct name {                                                                                                                 \
    FOLDGRID_DETAIL_STRIP members static constexpr const ::foldgrid::detail::device_text& foldgrid_text = foldgrid_text_##name; \
  };

namespace foldgrid {

/// A function with its first argument fixed; what bind_front gives. Trivially copyable when both parts are.
template <class F, class First>
struct bound_front {
  F function;
  First first;

  template <class... Rest>
    requires std::invocable<const F&, const First&, Rest...>
  constexpr decltype(auto) operator()(Rest&&... rest) const {
    return std::invoke(function, first, std::forward<Rest>(rest)...);
  }
};

/// f with its leading arguments fixed, copied in: `bind_front(paraboloid, -1.0)` takes (x, y).
template <class F, class... Bound>
constexpr auto bind_front(F f, Bound... bound) {
  if constexpr (sizeof...(Bound) == 0) {
    return f;
  } else {
    return [&]<class First, class... Rest>(First&& first, Rest&&... rest) {
      return foldgrid::bind_front(bound_front<F, std::decay_t<First>>{std::move(f), std::forward<First>(first)},
                                  std::forward<Rest>(rest)...);
    }(std::move(bound)...);
  }
}

}  // namespace foldgrid
