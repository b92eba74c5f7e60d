// SPDX-License-Identifier: MIT
// Single tasks on other ranks: a function that sends its arguments away and waits for what comes back, on a thread that does only that.
#pragma once

#include <foldgrid/detail/async.hpp>
#include <foldgrid/detail/mpi_verbs.hpp>

#include <concepts>
#include <cstdint>
#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace foldgrid::detail::remote {

/// What a task's reply becomes.
template <class R, class Wire = wire<stored_t<R>>>
struct task_result {
  std::optional<stored_t<R>> value;
  std::exception_ptr error;

  static void take(void* to, reply& what) {
    auto& mine = *static_cast<task_result*>(to);
    mine.error = what.error;
    if (mine.error) return;
    if constexpr (std::is_void_v<R>) {
      mine.value.emplace();
    } else {
      mine.value.emplace(Wire::read(what.in));
    }
  }
  R get() {
    if (error) std::rethrow_exception(error);
    if constexpr (!std::is_void_v<R>) return *std::move(value);
  }
};

template <class... E>
inline constexpr bool leads_with_token = false;
template <class First, class... E>
inline constexpr bool leads_with_token<First, E...> = std::same_as<std::remove_cvref_t<First>, std::stop_token>;

/// Stands for F where a task calls it: as Callee, which is F when it is called once, else const F&.
template <class F, class Callee>
class remote_function {
 public:
  template <class G>
  remote_function(const station& at, const char* verb, G&& f) : mine_(std::make_shared<shared>(at, std::forward<G>(f))) {
    function_wire<F>::check(verb, mine_->f);
  }

  template <class... E>
    requires(std::invocable<Callee, received_t<E>...> && !leads_with_token<E...>)
  auto operator()(E&&... elements) const {
    return call_there<result_value_t<std::invoke_result_t<Callee, received_t<E>...>>>({}, std::forward<E>(elements)...);
  }
  template <class... E>
    requires(!std::invocable<Callee, received_t<E>...> && std::invocable<Callee, std::stop_token, received_t<E>...>)
  auto operator()(const std::stop_token& token, E&&... elements) const {
    return call_there<result_value_t<std::invoke_result_t<Callee, std::stop_token, received_t<E>...>>>(token, std::forward<E>(elements)...);
  }

  /// What a call costs there that gives such a value and takes two of them.
  template <class A>
  std::int64_t nanoseconds_for(const A& value) const {
    byte_writer bytes;
    wire<A>::write(bytes, value);
    return 50'000 + 6 * static_cast<std::int64_t>(bytes.bytes().size());
  }

 private:
  struct shared {
    template <class G>
    shared(const station& ranks, G&& given) : at(ranks), f(std::forward<G>(given)) {}
    station at;
    F f;
    std::mutex mutex;
    std::list<std::pair<std::uint32_t, job>> jobs;  // one for each kind of arguments: mostly one
  };

  template <class R, class... E>
  R call_there(const std::stop_token& token, E&&... elements) const {
    if constexpr (check_functions<F>() && check_elements<std::remove_cvref_t<E>...>() && check_result<R>()) {
      const job& what = job_for(code_of<task_job<Callee, E...>>::number);
      byte_writer arguments;
      (wire<std::remove_cvref_t<E>>::write(arguments, elements), ...);
      task_result<R> result;
      run_single(what, std::move(arguments), token, &task_result<R>::take, &result);
      return result.get();
    }
  }

  const job& job_for(code_number code) const {
    const std::lock_guard lock(mine_->mutex);
    for (const auto& [known, one] : mine_->jobs)
      if (known == code.value) return one;
    byte_writer state;
    function_wire<F>::write(state, mine_->f);
    return mine_->jobs
        .emplace_back(std::piecewise_construct, std::forward_as_tuple(code.value), std::forward_as_tuple(mine_->at, code, std::move(state)))
        .second;
  }

  std::shared_ptr<shared> mine_;
};

template <class F>
auto called_once(const station& at, const char* verb, F&& f) {
  return remote_function<std::decay_t<F>, std::decay_t<F>>(at, verb, std::forward<F>(f));
}
template <class F>
auto called_often(const station& at, const char* verb, F&& f) {
  return remote_function<std::decay_t<F>, const std::decay_t<F>&>(at, verb, std::forward<F>(f));
}

template <class F>
constexpr bool check_task_function() {
  return check_functions<std::decay_t<F>>();
}

template <class F, class... Args>
auto submit(const station& at, const options* asked, F&& f, Args&&... args) {
  if constexpr (check_submit<F, Args...>() && check_task_function<F>() && check_elements<std::decay_t<Args>...>() &&
                check_result<submit_result_t<F, Args...>>()) {
    auto there = called_once(at, "submit", std::forward<F>(f));
    return asked ? detail::submit_told(engine_of(*at), *asked, std::move(there), std::forward<Args>(args)...)
                 : detail::submit(engine_of(*at).get(), std::move(there), std::forward<Args>(args)...);
  }
}

/// The elements are here, so their tree grows here. An operator that costs more than sending its operands is applied on the other ranks,
/// when it can travel.
template <class A, class Op, class X, class... Init>
A reduce_source(const station& at, const char* verb, const options& asked, const Op& op, X&& range, Init&&... init) {
  call here(engine_of(*at).get(), verb, asked, call::unknown);
  const auto fold = [&](const auto& away) -> A {
    return fold_source<A>(here, asked, op, away, std::forward<X>(range), std::forward<Init>(init)...);
  };
  if constexpr (function_wire<Op>::possible && travels<A>) {
    std::optional<remote_function<Op, const Op&>> there;
    try {
      there.emplace(at, verb, op);
    } catch (const std::invalid_argument&) {  // it holds an address of this process
    }
    if (there) return fold(*there);
  }
  return fold(op);
}

template <bool unpack, class F, class... X>
auto map_later(const station& at, const char* verb, const options& asked, F&& f, X&&... inputs) {
  return start_later(engine_of(*at), verb, asked,
                     [at, verb, f = std::decay_t<F>(std::forward<F>(f)), ... inputs = detail::copied(std::forward<X>(inputs))](
                         const options& told) mutable { return remote::map<unpack>(at, verb, told, f, std::move(inputs)...); });
}

template <class A, class Op, class X, class... Init>
auto reduce_later(const station& at, const options& asked, Op&& op, X&& range, Init&&... init) {
  return start_later(engine_of(*at), "reduce_async", asked,
                     [at, op = std::decay_t<Op>(std::forward<Op>(op)), range = detail::copied(std::forward<X>(range)),
                      ... init = detail::copied(std::forward<Init>(init))](const options& told) mutable {
                       return remote::reduce<A>(at, "reduce_async", told, op, std::move(range), std::move(init)...);
                     });
}

/// A common value is its own element, which travels by its number.
template <class X>
decltype(auto) as_elements(X&& input) {
  if constexpr (is_common<std::remove_cvref_t<X>>) {
    return repeat_input<std::remove_cvref_t<X>>(input);
  } else {
    return std::forward<X>(input);
  }
}

template <template <class> class Window, class F, class... X>
auto make_stream(const station& at, const char* verb, const options& asked, F&& f, X&&... inputs) {
  if constexpr (check_task_function<F>())
    return detail::make_stream<Window>(engine_of(*at), verb, asked, called_often(at, verb, std::forward<F>(f)),
                                       as_elements(std::forward<X>(inputs))...);
}

/// Makes the calls of fg::delayed there.
class remote_call_maker {
 public:
  remote_call_maker(const station& at, const char* verb) : at_(at), verb_(verb) {}
  template <class R>
  R operator()(const foldgrid::call<R>& one) const {
    const auto* const form = one.form();
    if (!form)
      throw std::invalid_argument(
          std::string(verb_) +
          ": asked to make a call on another rank, found one that cannot travel; make it by fg::delayed of a function "
          "that captures flat values and takes flat values, strings or vectors of such, or use map or submit");
    check_closure(verb_, form->name, form->function(one.body()), form->size);
    byte_writer state;
    form->write(one.body(), state);
    const job what(at_, form->code, std::move(state));
    task_result<R, codec<stored_t<R>>> result;
    run_single(what, {}, {}, &task_result<R, codec<stored_t<R>>>::take, &result);
    return result.get();
  }

 private:
  station at_;
  const char* verb_;
};

template <class Calls>
auto parallel(const station& at, const options& asked, Calls&& calls) {
  return detail::map<false>(engine_of(*at).get(), parallel_verb, asked, remote_call_maker(at, parallel_verb), std::forward<Calls>(calls));
}
template <class... R>
auto run_calls(const station& at, const options& asked, const foldgrid::call<R>&... calls) {
  const remote_call_maker make(at, parallel_verb);
  return detail::run_calls(engine_of(*at).get(), asked, foldgrid::call<R>([&] { return make(calls); })...);
}

}  // namespace foldgrid::detail::remote
