// SPDX-License-Identifier: MIT
// joblib's helpers without an executor: they use one that the whole process shares, or make one.
#pragma once

#include <foldgrid/executor.hpp>

#include <initializer_list>
#include <utility>

namespace foldgrid {

/// The automatic executor that the functions of this page use; made when first needed.
FOLDGRID_API const executor& default_executor();

/// default_executor().parallel(calls)
template <std::ranges::input_range Calls>
auto parallel(Calls&& calls) {
  return default_executor().parallel(std::forward<Calls>(calls));
}
template <class R>
auto parallel(std::initializer_list<call<R>> calls) {
  return default_executor().parallel(calls);
}
template <class First, class... R>
auto parallel(const call<First>& first, const call<R>&... calls) {
  return default_executor().parallel(first, calls...);
}

/// The same on an executor made for this call: `parallel({.workers = 4}, calls)`.
template <std::ranges::input_range Calls>
auto parallel(const executor_options& asked, Calls&& calls) {
  return executor(asked).parallel(std::forward<Calls>(calls));
}
template <class R>
auto parallel(const executor_options& asked, std::initializer_list<call<R>> calls) {
  return executor(asked).parallel(calls);
}
template <class First, class... R>
auto parallel(const executor_options& asked, const call<First>& first, const call<R>&... calls) {
  return executor(asked).parallel(first, calls...);
}

/// parallelized(f)(xs...) is default_executor().map(f, xs...).
template <class F>
auto parallelized(F&& f) {
  return default_executor().parallelized(std::forward<F>(f));
}

}  // namespace foldgrid
