// SPDX-License-Identifier: MIT
// Calls to be made later: what parallel() takes.
#pragma once

#include <foldgrid/detail/build.hpp>
#include <foldgrid/detail/invoke.hpp>
#include <foldgrid/detail/travelling_code.hpp>

#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace foldgrid {

namespace detail {

/// f(args...), to be called many times; in another process too when all of it is flat or made of standard containers.
template <class R, class F, class... Args>
class delayed_call {
 public:
  static constexpr bool possible =
      function_codec<F>::possible && (packs<Args> && ...) && packs<std::conditional_t<std::is_void_v<R>, char, R>>;

  delayed_call(F f, Args... args) : f_(std::move(f)), args_(std::move(args)...) {}
  explicit delayed_call(byte_reader& in) : f_(function_codec<F>::read(in)), args_{codec<Args>::read(in)...} {}
  R operator()() const {
    return std::apply([this](const Args&... each) { return static_cast<R>(std::invoke(f_, each...)); }, args_);
  }
  void write(byte_writer& out) const {
    function_codec<F>::write(out, f_);
    std::apply([&](const Args&... each) { (codec<Args>::write(out, each), ...); }, args_);
  }
  void run(remote_call&, byte_reader&, byte_writer& out) const {
    if constexpr (std::is_void_v<R>) {
      (*this)();
    } else {
      codec<R>::write(out, (*this)());
    }
  }
  const F& function() const noexcept { return f_; }

 private:
  F f_;
  std::tuple<Args...> args_;
};

}  // namespace detail

/// A function with copies of its arguments, not called yet. Copyable; may be called many times. R may be void.
template <class R>
class call {
 public:
  using result_type = R;

  explicit call(std::function<R()> body) : body_(std::move(body)) {}
  R operator()() const { return body_(); }

  /// For the library: how the call is made in another process; null when it cannot be.
  struct travel_form {
    detail::code_number code;
    const char* name;
    std::size_t size;
    const void* (*function)(const std::function<R()>& body);
    void (*write)(const std::function<R()>& body, detail::byte_writer& out);
  };
  call(std::function<R()> body, const travel_form& form) : body_(std::move(body)), form_(&form) {}
  const travel_form* form() const noexcept { return form_; }
  const std::function<R()>& body() const noexcept { return body_; }

 private:
  std::function<R()> body_;
  const travel_form* form_ = nullptr;
};

namespace detail {

template <class R, class Call>
foldgrid::call<R> make_call(Call&& one) {
  if constexpr (Call::possible) {
    using F = std::remove_cvref_t<decltype(one.function())>;
    static const typename foldgrid::call<R>::travel_form form{
        code_of<Call>::number, typeid(F).name(), std::is_class_v<F> && !std::is_empty_v<F> ? sizeof(F) : 0,
        [](const std::function<R()>& body) -> const void* { return &body.template target<Call>()->function(); },
        [](const std::function<R()>& body, byte_writer& out) { body.template target<Call>()->write(out); }};
    return foldgrid::call<R>(std::forward<Call>(one), form);
  } else {
    return foldgrid::call<R>(std::forward<Call>(one));
  }
}

}  // namespace detail

/// `delayed(f)(args...)` is the call f(args...), to be run by parallel(). f and the arguments are copied; std::ref shares one. An
/// overloaded name such as sqrt has to be wrapped: `delayed([](double x) { return sqrt(x); })`.
template <class F>
auto delayed(F&& f) {
  return [f = std::decay_t<F>(std::forward<F>(f))]<class... Args>(Args&&... args) {
    static_assert(std::is_invocable_v<const std::decay_t<F>&, const std::decay_t<Args>&...>,
                  "foldgrid: delayed(f)(args...) cannot call f with these arguments. A call may be made many times, so f is called as a "
                  "const object, with constant copies of the arguments: wrap one in std::ref to share it");
    using R = detail::result_value_t<std::invoke_result_t<const std::decay_t<F>&, const std::decay_t<Args>&...>>;
    return detail::make_call<R>(detail::delayed_call<R, std::decay_t<F>, std::decay_t<Args>...>(f, std::forward<Args>(args)...));
  };
}

}  // namespace foldgrid
