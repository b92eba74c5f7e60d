// SPDX-License-Identifier: MIT
// How the verbs that do not block make their tasks and streams.
#pragma once

#include <foldgrid/delayed.hpp>
#include <foldgrid/detail/map.hpp>
#include <foldgrid/detail/reduce.hpp>
#include <foldgrid/detail/result_task.hpp>
#include <foldgrid/future.hpp>
#include <foldgrid/stream.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail {

template <class T>
concept not_options = !std::same_as<std::remove_cvref_t<T>, options>;

template <class F, class... Args>
constexpr bool check_submit() {
  constexpr bool possible = is_callable<std::decay_t<F>, std::decay_t<Args>...>;
  static_assert(possible,
                "foldgrid: the function cannot be called with these arguments. A task calls it with copies of them, as rvalues: wrap an "
                "argument in std::ref to share it");
  return possible;
}

template <class F, class... Args>
auto submit(engine* where, F&& f, Args&&... args) {
  if constexpr (check_submit<F, Args...>()) {
    check_views_here("submit", f);
    using R = submit_result_t<F, Args...>;
    using Fn = std::decay_t<F>;
    if constexpr (takes_token<Fn, std::decay_t<Args>...>) {
      return future<R>(start<R, bound_call<Fn, std::stop_token, std::decay_t<Args>...>>(where, 0, std::forward<F>(f), token_of(where),
                                                                                        std::forward<Args>(args)...));
    } else {
      return future<R>(start<R, bound_call<Fn, std::decay_t<Args>...>>(where, 0, std::forward<F>(f), std::forward<Args>(args)...));
    }
  }
}

template <class F, class... Args>
auto submit_told(const std::shared_ptr<engine>& where, const options& asked, F&& f, Args&&... args) {
  if constexpr (check_submit<F, Args...>()) {
    check_views_here("submit", f);
    using R = submit_result_t<F, Args...>;
    return future<R>(start<R, told_work<bound_call<std::decay_t<F>, std::decay_t<Args>...>>>(
        where.get(), 0, where, "submit", asked, std::size_t{0}, std::forward<F>(f), std::forward<Args>(args)...));
  }
}

/// Options of a call that begins later: its time runs from now.
class FOLDGRID_API later_options {
 public:
  explicit later_options(const options& asked);
  /// call(options), with what is left of the time.
  template <class Call>
  auto use(const char* verb, Call&& call) const {
    try {
      return call(left());
    } catch (const out_of_time&) {  // it knows only of what was left
      throw out_of_time(verb, asked_.timeout.value_or(std::chrono::duration<double>()));
    }
  }

 private:
  options left() const;
  options asked_;
  std::int64_t made_;
};

/// A copy to be kept; of an array, a std::array.
template <class X>
auto copied(X&& input) {
  if constexpr (std::is_array_v<std::remove_reference_t<X>>) {
    return std::to_array(std::forward<X>(input));
  } else {
    return std::decay_t<X>(std::forward<X>(input));
  }
}

/// A blocking verb as a task: call(options) once.
template <class Call>
auto start_later(const std::shared_ptr<engine>& where, const char* verb, const options& asked, Call&& call) {
  using R = decltype(call(asked));
  auto body = [where, verb, asked = later_options(asked), call = std::forward<Call>(call)]() mutable { return asked.use(verb, call); };
  return future<R>(start<R, bound_call<decltype(body)>>(where.get(), 0, std::move(body)));
}

template <bool unpack, class F, class... X>
auto map_later(const std::shared_ptr<engine>& where, const char* verb, const options& asked, F&& f, X&&... inputs) {
  return start_later(
      where, verb, asked,
      [to = where.get(), verb, f = std::decay_t<F>(std::forward<F>(f)), ... inputs = detail::copied(std::forward<X>(inputs))](
          const options& told) mutable { return map<unpack>(to, verb, told, f, std::move(inputs)...); });
}

template <class A, class Op, class X, class... Init>
auto reduce_later(const std::shared_ptr<engine>& where, const options& asked, Op&& op, X&& range, Init&&... init) {
  return start_later(where, "reduce_async", asked,
                     [to = where.get(), op = std::decay_t<Op>(std::forward<Op>(op)), range = detail::copied(std::forward<X>(range)),
                      ... init = detail::copied(std::forward<Init>(init))](const options& told) mutable {
                       return reduce<A>(to, "reduce_async", &told, op, std::move(range), std::move(init)...);
                     });
}

template <class X>
inline constexpr bool has_length = endless_input<X> || std::ranges::sized_range<X>;

template <template <class> class Window, class F, class... X>
auto make_stream(const std::shared_ptr<engine>& where, const char* verb, const options& asked, F&& f, X&&... inputs) {
  static_assert(sizeof...(X) > 0, "foldgrid: give at least one input after the function");
  static_assert((any_input<X> && ...), "foldgrid: every argument after the function must be a range or a lazy input");
  if constexpr (sizeof...(X) > 0 && (any_input<X> && ...)) {
    using How = invocation<false, const std::decay_t<F>&, kept_element_t<X>...>;
    static_assert(How::possible,
                  "foldgrid: the function cannot be called with the elements of its inputs. It is called as one shared const object (a "
                  "mutable lambda does not fit), once per item, with one argument per input, or with the parts of a tuple element");
    if constexpr (How::possible) {
      using R = result_value_t<decltype(invoke_with<false>(std::declval<const std::decay_t<F>&>(), std::stop_token{},
                                                           std::declval<kept_element_t<X>>()...))>;
      check_quiet(where.get());
      check_views_here(verb, f);
      std::size_t length = call::unknown;
      if constexpr ((has_length<X> && ...) && !(endless_input<X> && ...)) length = detail::common_length(verb, asked.strict, inputs...);
      return stream<R>(std::make_unique<stream_state<R>>(
          where, verb, asked, length,
          std::make_unique<item_source_of<R, std::decay_t<F>, X...>>(std::forward<F>(f), asked.strict, std::forward<X>(inputs)...),
          std::make_unique<Window<R>>()));
    }
  }
}

template <class F, class... X>
auto map_outcomes_indexed(engine* where, const options& asked, const F& f, X&&... inputs) {
  if constexpr (check_function<items<false, F, X...>>()) {
    using R = item_result<false, F, X...>;
    const std::size_t n = detail::common_length("map_outcomes", asked.strict, inputs...);
    call here(where, "map_outcomes", asked, n);
    here.on_workers();
    const items<false, F, X...> item(here, f, inputs...);
    std::vector<outcome<R>> results;
    results.reserve(n);
    for (std::size_t i = 0; i < n; ++i) results.emplace_back(i);
    const auto compute = [&](std::size_t i) {
      try {
        return here.watches_items() ? item.watched(i) : item(i);
      } catch (const source_error& source) {
        here.abort(source.original);
        throw;
      }
    };
    auto body = [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last && !here.gives_up(); ++i) {
        results[i].set([&] { return compute(i); });
        if (!asked.fail_fast || !results[i].error()) continue;
        try {
          std::rethrow_exception(results[i].error());
        } catch (...) {
          here.fail(i);
        }
      }
    };
    here.loop(n, cut::anywhere, 1, body);
    const std::exception_ptr not_begun = here.finish_early();
    for (outcome<R>& each : results)
      if (!each.has_value() && !each.error()) each.set_error(not_begun);
    return results;
  }
}

template <class F, class... X>
auto map_outcomes(engine* where, const options& asked, const F& f, X&&... inputs) {
  check_views_here("map_outcomes", f);
  if constexpr (check_inputs<X...>())
    return with_indexed(
        "map_outcomes", asked.strict,
        [&]<class... Y>(Y&&... each) { return map_outcomes_indexed(where, asked, f, std::forward<Y>(each)...); },
        std::forward<X>(inputs)...);
}

struct run_call {
  template <class R>
  R operator()(const foldgrid::call<R>& one) const {
    return one();
  }
};

template <class... R>
auto run_calls(engine* where, const options& asked, const foldgrid::call<R>&... calls) {
  std::tuple<std::optional<stored_t<R>>...> results;
  const auto run_one = [&]<class T>(const foldgrid::call<T>& one, std::optional<stored_t<T>>& result) {
    if constexpr (std::is_void_v<T>) {
      one();
      result.emplace();
    } else {
      result.emplace(one());
    }
  };
  const auto run = [&](std::size_t wanted) {
    std::apply(
        [&](auto&... each) {
          std::size_t at = 0;
          ((at++ == wanted ? run_one(calls, each) : void()), ...);
        },
        results);
  };
  map<false>(where, parallel_verb, asked, run, iota(sizeof...(R)));
  return std::apply([](auto&... each) { return std::tuple<stored_t<R>...>(*std::move(each)...); }, results);
}

}  // namespace foldgrid::detail
