// SPDX-License-Identifier: MIT
// What the FOLDGRID_ macros keep of a function or struct for the GPU: its text, and where it stood.
#pragma once

#include <foldgrid/detail/members.hpp>
#include <foldgrid/error.hpp>

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace foldgrid::detail {

enum class device_text_kind { function, functor, structure };

class kernel_text;

/// The text of one FOLDGRID_ macro.
struct device_text {
  device_text_kind kind;
  const char* name;
  const char* state;                           ///< the members, in parentheses
  const char* parameters;                      ///< in parentheses
  const char* body;                            ///< in braces
  const device_text* const* used;              ///< what the body uses; begins with a null pointer that stands for nothing
  std::size_t used_count;                      ///< with that one
  void (*define_parameters)(kernel_text& to);  ///< defines the structs that the function takes; null for a struct
  void (*assert_layout)(kernel_text& to);      ///< asserts that the members lie where they do on the host; null without members
  const char* file;
  int line;
};

/// Defines a function or struct, after what it uses, unless that is done.
FOLDGRID_API void define(kernel_text& to, const device_text& text);

/// True when the function, or one it uses, names this.
constexpr bool mentions(const device_text& text, std::string_view name) {
  if (any_name(text.body, [&](std::string_view each) { return each == name; })) return true;
  for (std::size_t k = 1; k < text.used_count; ++k)
    if (mentions(*text.used[k], name)) return true;
  return false;
}

/// True when an object of it refers to arrays: a member is a view, or a struct that has one.
constexpr bool holds_views(const device_text& text) {
  return any_name(text.state, [&](std::string_view each) {
    if (each == "view") return true;
    for (std::size_t k = 1; k < text.used_count; ++k)
      if (each == text.used[k]->name && holds_views(*text.used[k])) return true;
    return false;
  });
}

template <class T>
concept has_device_text = requires { requires std::is_same_v<decltype(T::foldgrid_text), const device_text&>; };

template <class T>
void define_type(kernel_text& to) {
  if constexpr (has_device_text<T>) define(to, T::foldgrid_text);
}
/// Asserts that T lies on the GPU as it does here.
template <class T>
void assert_layout(kernel_text& to);
template <class F, class Result, class... P>
std::tuple<std::remove_cvref_t<P>...> parameters_in(Result (F::*)(P...) const);
/// What F's operator() takes, as a tuple.
template <class F>
using parameters_t = decltype(parameters_in(&F::operator()));

/// Defines the structs among the parameters of F's operator().
template <class F>
void define_parameters(kernel_text& to) {
  [&]<class... P>(std::tuple<P...>*) { (define_type<P>(to), ...); }(static_cast<parameters_t<F>*>(nullptr));
}

}  // namespace foldgrid::detail

#define FOLDGRID_DETAIL_STRIP(...) __VA_ARGS__

// FOLDGRID_DETAIL_USED(a, b) is `, &foldgrid_text_a, &foldgrid_text_b`, for up to 256 names: each pass over the text takes
// one name and leaves the rest behind a macro call that the next pass completes.
#define FOLDGRID_DETAIL_USED(...) __VA_OPT__(FOLDGRID_DETAIL_PASS(FOLDGRID_DETAIL_ONE_USED(__VA_ARGS__)))
#define FOLDGRID_DETAIL_ONE_USED(name, ...) , &foldgrid_text_##name __VA_OPT__(FOLDGRID_DETAIL_MORE_USED FOLDGRID_DETAIL_LATER(__VA_ARGS__))
#define FOLDGRID_DETAIL_MORE_USED() FOLDGRID_DETAIL_ONE_USED
#define FOLDGRID_DETAIL_LATER ()
#define FOLDGRID_DETAIL_PASS(...) \
  FOLDGRID_DETAIL_PASS_3(FOLDGRID_DETAIL_PASS_3(FOLDGRID_DETAIL_PASS_3(FOLDGRID_DETAIL_PASS_3(__VA_ARGS__))))
#define FOLDGRID_DETAIL_PASS_3(...) \
  FOLDGRID_DETAIL_PASS_2(FOLDGRID_DETAIL_PASS_2(FOLDGRID_DETAIL_PASS_2(FOLDGRID_DETAIL_PASS_2(__VA_ARGS__))))
#define FOLDGRID_DETAIL_PASS_2(...) \
  FOLDGRID_DETAIL_PASS_1(FOLDGRID_DETAIL_PASS_1(FOLDGRID_DETAIL_PASS_1(FOLDGRID_DETAIL_PASS_1(__VA_ARGS__))))
#define FOLDGRID_DETAIL_PASS_1(...) __VA_ARGS__

#define FOLDGRID_DETAIL_TEXT(used_names, text_name, text_kind, text_state, text_parameters, text_body, parameters, layout)            \
  inline constexpr const ::foldgrid::detail::device_text* foldgrid_used_by_##text_name[] = {nullptr FOLDGRID_DETAIL_USED used_names}; \
  inline constexpr ::foldgrid::detail::device_text foldgrid_text_##text_name{::foldgrid::detail::device_text_kind::text_kind,         \
                                                                             #text_name,                                              \
                                                                             text_state,                                              \
                                                                             text_parameters,                                         \
                                                                             text_body,                                               \
                                                                             foldgrid_used_by_##text_name,                            \
                                                                             sizeof foldgrid_used_by_##text_name / sizeof(void*),     \
                                                                             parameters,                                              \
                                                                             layout,                                                  \
                                                                             __FILE__,                                                \
                                                                             __LINE__};

#define FOLDGRID_DETAIL_PARAMETERS(type) &::foldgrid::detail::define_parameters<type>
#define FOLDGRID_DETAIL_LAYOUT(type) &::foldgrid::detail::assert_layout<type>

#define FOLDGRID_DETAIL_FUNCTOR(name, text, state, parameters, ...)               \
  struct name {                                                                   \
    FOLDGRID_DETAIL_STRIP state auto operator() parameters const {                \
      using namespace ::foldgrid::function_names;                                 \
      __VA_ARGS__                                                                 \
    }                                                                             \
    static constexpr const ::foldgrid::detail::device_text& foldgrid_text = text; \
  };
