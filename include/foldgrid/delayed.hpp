// SPDX-License-Identifier: MIT
// Calls to be made later: what parallel() takes.
#pragma once

#include <foldgrid/detail/build.hpp>

#include <functional>
#include <type_traits>
#include <utility>

namespace foldgrid {

/// A function with copies of its arguments, not called yet. Copyable; may be called many times. R may be void.
template <class R>
class call {
 public:
  using result_type = R;

  explicit call(std::function<R()> body) : body_(std::move(body)) {}
  R operator()() const { return body_(); }

 private:
  std::function<R()> body_;
};

/// `delayed(f)(args...)` is the call f(args...), to be run by parallel(). f and the arguments are copied; std::ref shares one. An
/// overloaded name such as sqrt has to be wrapped: `delayed([](double x) { return sqrt(x); })`.
template <class F>
auto delayed(F&& f) {
  return [f = std::decay_t<F>(std::forward<F>(f))]<class... Args>(Args&&... args) {
    using R = std::decay_t<std::invoke_result_t<const std::decay_t<F>&, const std::decay_t<Args>&...>>;
    return call<R>([f, ... args = std::decay_t<Args>(std::forward<Args>(args))] { return static_cast<R>(std::invoke(f, args...)); });
  };
}

}  // namespace foldgrid
