// SPDX-License-Identifier: MIT
// What functions of studies take and give: how many numbers, what they are called, and where they go.
#pragma once

#include <foldgrid/detail/invoke.hpp>
#include <foldgrid/detail/members.hpp>
#include <foldgrid/detail/offload.hpp>
#include <foldgrid/detail/views.hpp>
#include <foldgrid/function.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

namespace foldgrid::detail {

inline constexpr std::size_t most_axes = 8;

template <class F, std::size_t... K>
constexpr bool takes_numbers(std::index_sequence<K...>) {
  return std::invocable<const F&, decltype((static_cast<void>(K), std::declval<const double&>()))...>;
}
/// True when F can be called with N numbers.
template <class F, std::size_t N>
inline constexpr bool takes = takes_numbers<F>(std::make_index_sequence<N>());
template <class F, std::size_t... N>
constexpr std::size_t takes_some(std::index_sequence<N...>) {
  return (std::size_t{} + ... + takes<F, N + 1>);
}

[[noreturn]] FOLDGRID_API void throw_wrong_arity(const std::string& study, const char* what, const std::vector<std::size_t>& takes,
                                                 const std::vector<std::string>& axes);

/// run.template operator()<N>() for the number of axes, if F takes so many numbers; std::invalid_argument otherwise.
template <class F, class Run>
auto with_axes(const std::string& study, const char* what, const std::vector<std::string>& axes, Run&& run) {
  static_assert(takes_some<F>(std::make_index_sequence<most_axes>()) > 0,
                "foldgrid: a study calls its function with one number for each axis, 1 to 8 of them, as one shared const object (a mutable "
                "lambda does not fit); the function given takes no such arguments");
  constexpr std::size_t first = []<std::size_t... N>(std::index_sequence<N...>) {
    std::size_t found = 0;
    ((found == 0 && takes<F, N + 1> ? static_cast<void>(found = N + 1) : static_cast<void>(0)), ...);
    return found;
  }(std::make_index_sequence<most_axes>());
  const auto look = [&]<std::size_t N>(auto&& look_on, std::integral_constant<std::size_t, N>) {
    if constexpr (takes<F, N>) {
      if (axes.size() == N) return run.template operator()<N>();
    }
    if constexpr (N < most_axes) {
      return look_on(look_on, std::integral_constant<std::size_t, N + 1>());
    } else {
      std::vector<std::size_t> known;
      [&]<std::size_t... M>(std::index_sequence<M...>) {
        ((takes<F, M + 1> ? known.push_back(M + 1) : static_cast<void>(0)), ...);
      }(std::make_index_sequence<most_axes>());
      throw_wrong_arity(study, what, known, axes);
      return run.template operator()<first>();  // for its type
    }
  };
  return look(look, std::integral_constant<std::size_t, first>());
}

template <class F, std::size_t... K>
auto result_with(std::index_sequence<K...>)
    -> std::decay_t<std::invoke_result_t<const F&, decltype((static_cast<void>(K), std::declval<const double&>()))...>>;
/// What F gives for N numbers.
template <class F, std::size_t N>
using result_of_numbers = decltype(result_with<F>(std::make_index_sequence<N>()));

template <class T>
constexpr std::size_t members_in() {
  std::size_t found = 0;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((is_made_from<T>(std::make_index_sequence<I + 1>()) ? static_cast<void>(found = I + 1) : static_cast<void>(0)), ...);
  }(std::make_index_sequence<most_members>());
  return found;
}

/// How a result becomes numbers.
template <class R>
constexpr std::size_t numbers_in() {
  if constexpr (std::is_arithmetic_v<R>) {
    return 1;
  } else if constexpr (has_device_text<R>) {
    return member_count<R>(R::foldgrid_text.state);
  } else if constexpr (tuple_like<R>) {
    return std::tuple_size_v<R>;
  } else if constexpr (std::is_aggregate_v<R>) {
    return members_in<R>();
  } else {
    return 0;
  }
}
template <class R, class Visit>
constexpr void visit_numbers(const R& result, Visit&& visit) {
  if constexpr (std::is_arithmetic_v<R>) {
    visit(result);
  } else if constexpr (!has_device_text<R> && tuple_like<R>) {
    std::apply([&](const auto&... each) { (visit(each), ...); }, result);
  } else {
    visit_members<numbers_in<R>()>(result, visit);
  }
}
struct number_visitor {
  template <class T>
    requires std::is_arithmetic_v<T>
  constexpr void operator()(const T& value) {
    *to++ = static_cast<double>(value);
  }
  double* to;
};
template <class R>
concept study_result = numbers_in<R>() > 0 && requires(const R& result, number_visitor visit) { visit_numbers(result, visit); };
/// Writes the numbers of a result.
template <class R>
void write_numbers(const R& result, double* to) {
  visit_numbers(result, number_visitor{to});
}

template <class R>
std::vector<std::string> result_names() {
  constexpr std::size_t n = numbers_in<R>();
  std::vector<std::string> names;
  if constexpr (has_device_text<R>) {
    const declared_members members = members_of(R::foldgrid_text.state);
    for (std::size_t k = 0; k < n; ++k) names.emplace_back(members.names[k]);
  } else if constexpr (n == 1) {
    names.emplace_back("result");
  } else {
    for (std::size_t k = 0; k < n; ++k) names.push_back("result" + std::to_string(k + 1));
  }
  return names;
}

/// A function that its type tells from no other: a pointer, a std::function, a reference to any function.
template <class F>
inline constexpr bool is_nameless = std::is_pointer_v<F> || std::is_member_pointer_v<F> || requires(const F& f) { f.target_type(); };
template <class F>
inline constexpr bool is_nameless<std::reference_wrapper<F>> = true;
/// What a function is called in a checkpoint's key; nothing where its type does not tell.
template <class F>
std::string function_name() {
  if constexpr (has_device_text<F>) {
    return F::foldgrid_text.name;
  } else if constexpr (is_bound_front<F>) {
    return is_nameless<decltype(F::first)> ? "" : function_name<decltype(F::function)>();
  } else if constexpr (is_nameless<F>) {
    return "";
  } else {
    return typeid(F).name();
  }
}
/// True when a function's digits may be others on a GPU: it calls libm, or is not known by its text.
template <class F>
bool digits_may_differ() {
  if constexpr (on_device<F>) {
    return calls_libm<F>();
  } else {
    return true;
  }
}

}  // namespace foldgrid::detail
