// SPDX-License-Identifier: MIT
// check: whether a function compiles for the GPU, asked without one.
#pragma once

#include <foldgrid/detail/device_kernels.hpp>
#include <foldgrid/function.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>

namespace foldgrid {
namespace detail {

/// The compiler's message about a kernel's text; nothing when it compiles. `name` is the function's.
FOLDGRID_API std::optional<std::string> check_text(const char* name, kernel_text (*make_text)());
FOLDGRID_API std::string type_unknown_there(const char* name, std::size_t parameter, std::size_t parameters);

/// What a function takes.
template <class F>
struct parameters_of;
template <has_device_text F>
struct parameters_of<F> {
  using type = parameters_t<F>;
};
template <class F, class First>
struct parameters_of<bound_front<F, First>> {
  template <class P, class... Rest>
  static std::tuple<Rest...> read(std::tuple<P, Rest...>*);
  using type = decltype(read(static_cast<typename parameters_of<F>::type*>(nullptr)));
};

template <class F>
constexpr const char* name_of() {
  if constexpr (has_device_text<F>) {
    return F::foldgrid_text.name;
  } else {
    return name_of<decltype(F::function)>();
  }
}

template <class F, class... P>
std::optional<std::string> check_function(std::tuple<P...>*) {
  constexpr bool known[] = {on_device<P>..., true};
  for (std::size_t k = 0; k < sizeof...(P); ++k)
    if (!known[k]) return type_unknown_there(name_of<F>(), k, sizeof...(P));
  if constexpr ((on_device<P> && ...)) {
    using R = std::decay_t<std::invoke_result_t<const F&, const P&...>>;
    if constexpr (on_device<R> || std::is_void_v<R>) return check_text(name_of<F>(), &map_text<R, F, array_source<P>...>);
  }
  return type_unknown_there(name_of<F>(), sizeof...(P), sizeof...(P));
}

}  // namespace detail

/// Whether a function of FOLDGRID_FUNCTION or FOLDGRID_FUNCTOR, or one bound by bind_front, compiles for the GPU: nothing when it does,
/// else the compiler's message in words that help, with file and line of the macro; or that it could not be checked, where NVRTC is not
/// found. Needs no GPU. Compiles anew every time: takes 20 to 300 ms.
template <class F>
  requires requires { typename detail::parameters_of<F>::type; }
std::optional<std::string> check(const F&) {
  return detail::check_function<F>(static_cast<typename detail::parameters_of<F>::type*>(nullptr));
}

}  // namespace foldgrid
