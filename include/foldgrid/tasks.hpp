// SPDX-License-Identifier: MIT
// The verbs of an executor that do not block: tasks, futures and streams; and joblib's helpers.
#pragma once

#include <foldgrid/delayed.hpp>
#include <foldgrid/detail/async.hpp>
#include <foldgrid/future.hpp>
#include <foldgrid/options.hpp>
#include <foldgrid/stream.hpp>

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <type_traits>
#include <utility>

namespace foldgrid {

class task_verbs;
namespace detail {
/// What an executor runs on; null when it was moved from.
engine* engine_of(const task_verbs& of) noexcept;

/// Python's other names for submit, beside the submit of Verbs, which derives from this.
template <class Verbs>
class apply_verbs {
 public:
  /// submit(f, args...).get()
  template <class F, class... Args>
  auto apply(const options& asked, F&& f, Args&&... args) const {
    return apply_async(asked, std::forward<F>(f), std::forward<Args>(args)...).get();
  }
  template <not_options F, class... Args>
  auto apply(F&& f, Args&&... args) const {
    return apply_async(std::forward<F>(f), std::forward<Args>(args)...).get();
  }

  /// submit(f, args...)
  template <class F, class... Args>
  auto apply_async(const options& asked, F&& f, Args&&... args) const {
    return static_cast<const Verbs&>(*this).submit(asked, std::forward<F>(f), std::forward<Args>(args)...);
  }
  template <not_options F, class... Args>
  auto apply_async(F&& f, Args&&... args) const {
    return static_cast<const Verbs&>(*this).submit(std::forward<F>(f), std::forward<Args>(args)...);
  }
};
}  // namespace detail

/// The part of executor that works in single tasks. They run on the CPU's workers (on a GPU executor too), begun in order of submission;
/// on a serial executor they run before the verb returns, and streams compute an item when it is pulled. A task may submit, map, reduce
/// and wait on its own executor: that never deadlocks for want of a worker.
///
/// Every verb takes `options` first, as braces or by name, and throws std::invalid_argument for options that make no sense and
/// broken_executor when the executor is moved from, shut down, in a forked child, or its initializer failed.
class task_verbs : public detail::apply_verbs<task_verbs> {
 public:
  /// f(args...) as a task; returns at once. f and the arguments are copied or moved in, and given to f as rvalues; std::ref shares one.
  /// An f that is not callable without gets a std::stop_token first, stopped by request_stop(), the options `stop` and `task_timeout`.
  /// The future throws what f threw, as it is. With the options `timeout` and `stop`, a task that was late or stopped throws timeout_error
  /// or cancelled_error; it is not begun when it is known before.
  template <class F, class... Args>
  auto submit(const options& asked, F&& f, Args&&... args) const {
    return detail::submit_told(engine_, asked, std::forward<F>(f), std::forward<Args>(args)...);
  }
  template <detail::not_options F, class... Args>
  auto submit(F&& f, Args&&... args) const {
    return detail::submit(engine_.get(), std::forward<F>(f), std::forward<Args>(args)...);
  }

  /// The future of map(f, inputs...), with copies of f and the inputs (a view is copied as a view). Goes where map goes.
  template <class F, class... X>
  auto map_async(const options& asked, F&& f, X&&... inputs) const {
    return detail::map_later<false>(engine_, "map_async", asked, std::forward<F>(f), std::forward<X>(inputs)...);
  }
  template <detail::not_options F, class... X>
  auto map_async(F&& f, X&&... inputs) const {
    return map_async(options{}, std::forward<F>(f), std::forward<X>(inputs)...);
  }
  /// The future of starmap(f, rows).
  template <class F, class Rows>
  auto starmap_async(const options& asked, F&& f, Rows&& rows) const {
    return detail::map_later<true>(engine_, "starmap_async", asked, std::forward<F>(f), std::forward<Rows>(rows));
  }
  template <detail::not_options F, class Rows>
  auto starmap_async(F&& f, Rows&& rows) const {
    return starmap_async(options{}, std::forward<F>(f), std::forward<Rows>(rows));
  }
  /// The future of reduce(op, range) or reduce(op, range, init).
  template <class A = void, class Op, class X, class... Init>
  auto reduce_async(const options& asked, Op&& op, X&& range, Init&&... init) const {
    return detail::reduce_later<A>(engine_, asked, std::forward<Op>(op), std::forward<X>(range), std::forward<Init>(init)...);
  }
  template <class A = void, detail::not_options Op, class X, class... Init>
  auto reduce_async(Op&& op, X&& range, Init&&... init) const {
    return reduce_async<A>(options{}, std::forward<Op>(op), std::forward<X>(range), std::forward<Init>(init)...);
  }

  /// f over the elements of any input ranges, endless ones too, as a stream of results in input order. Lvalue inputs are referred to,
  /// rvalues are moved in; elements of a range that computes them are kept until their item has run. Never more than `buffer_size`
  /// elements (0: twice the workers) are ahead of the consumer, on whose thread the inputs are read. See stream.
  template <class F, class... X>
  auto imap(const options& asked, F&& f, X&&... inputs) const {
    return detail::make_stream<detail::ordered_window>(engine_, "imap", asked, std::forward<F>(f), std::forward<X>(inputs)...);
  }
  template <detail::not_options F, class... X>
  auto imap(F&& f, X&&... inputs) const {
    return imap(options{}, std::forward<F>(f), std::forward<X>(inputs)...);
  }
  /// The same, in the order in which the items are done; outcome::index() tells which one it is.
  template <class F, class... X>
  auto imap_unordered(const options& asked, F&& f, X&&... inputs) const {
    return detail::make_stream<detail::unordered_window>(engine_, "imap_unordered", asked, std::forward<F>(f), std::forward<X>(inputs)...);
  }
  template <detail::not_options F, class... X>
  auto imap_unordered(F&& f, X&&... inputs) const {
    return imap_unordered(options{}, std::forward<F>(f), std::forward<X>(inputs)...);
  }

  /// map, blocking, that keeps every error at its item: a vector of outcomes. Items that were not begun (`stop`, `timeout`, `fail_fast`)
  /// have cancelled_error or timeout_error.
  template <class F, class... X>
  auto map_outcomes(const options& asked, F&& f, X&&... inputs) const {
    return detail::map_outcomes(engine_.get(), asked, f, std::forward<X>(inputs)...);
  }
  template <detail::not_options F, class... X>
  auto map_outcomes(F&& f, X&&... inputs) const {
    return map_outcomes(options{}, f, std::forward<X>(inputs)...);
  }

  /// Makes calls, blocking: a std::vector of their results in order (nothing for void). Errors as map's.
  template <std::ranges::input_range Calls>
  auto parallel(const options& asked, Calls&& calls) const {
    return detail::map<false>(engine_.get(), detail::parallel_verb, asked, detail::run_call{}, std::forward<Calls>(calls));
  }
  template <std::ranges::input_range Calls>
  auto parallel(Calls&& calls) const {
    return parallel(options{}, std::forward<Calls>(calls));
  }
  template <class R>
  auto parallel(const options& asked, std::initializer_list<call<R>> calls) const {
    return parallel<const std::initializer_list<call<R>>&>(asked, calls);
  }
  template <class R>
  auto parallel(std::initializer_list<call<R>> calls) const {
    return parallel(options{}, calls);
  }
  /// Calls of different results: a tuple of them, std::monostate for void.
  template <class... R>
  auto parallel(const options& asked, const call<R>&... calls) const {
    return detail::run_calls(engine_.get(), asked, calls...);
  }
  template <class First, class... R>
  auto parallel(const call<First>& first, const call<R>&... calls) const {
    return parallel(options{}, first, calls...);
  }

  /// A function of inputs: parallelized(f)(xs...) is map(f, xs...). It may outlive the executor, which it then finds shut down.
  template <class F>
  auto parallelized(const options& asked, F&& f) const {
    return [where = engine_, asked, f = std::decay_t<F>(std::forward<F>(f))]<class... X>(X&&... inputs) {
      return detail::map<false>(where.get(), "parallelized", asked, f, std::forward<X>(inputs)...);
    };
  }
  template <detail::not_options F>
  auto parallelized(F&& f) const {
    return parallelized(options{}, std::forward<F>(f));
  }

 protected:
  explicit task_verbs(std::shared_ptr<detail::engine> engine) noexcept : engine_(std::move(engine)) {}
  task_verbs(task_verbs&&) noexcept = default;
  task_verbs& operator=(task_verbs&&) noexcept = default;
  ~task_verbs() = default;

  std::shared_ptr<detail::engine> engine_;

 private:
  friend detail::engine* detail::engine_of(const task_verbs& of) noexcept;
};

inline detail::engine* detail::engine_of(const task_verbs& of) noexcept { return of.engine_.get(); }

}  // namespace foldgrid
