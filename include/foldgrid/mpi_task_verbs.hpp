// SPDX-License-Identifier: MIT
// The verbs of the MPI executor that work in single tasks, as foldgrid::task_verbs.
#pragma once

#include <foldgrid/detail/mpi_tasks.hpp>
#include <foldgrid/executor.hpp>

#include <initializer_list>
#include <memory>
#include <optional>
#include <utility>

namespace foldgrid::mpi {

/// The part of executor that works in single tasks: see foldgrid::task_verbs. They run on the threads of the other ranks.
class task_verbs : public foldgrid::detail::apply_verbs<task_verbs> {
 public:
  /// submit(f, args...), and so apply and apply_async: see executor::submit. Arguments are copied to the other rank.
  template <class F, class... Args>
  auto submit(const options& asked, F&& f, Args&&... args) const {
    if (alone()) return here().submit(asked, std::forward<F>(f), std::forward<Args>(args)...);
    return detail::remote::submit(ranks_, &asked, std::forward<F>(f), std::forward<Args>(args)...);
  }
  template <detail::not_options F, class... Args>
  auto submit(F&& f, Args&&... args) const {
    if (alone()) return here().submit(std::forward<F>(f), std::forward<Args>(args)...);
    return detail::remote::submit(ranks_, nullptr, std::forward<F>(f), std::forward<Args>(args)...);
  }

  /// map_async(f, xs...): the future of map.
  template <class F, class... X>
  auto map_async(const options& asked, F&& f, X&&... inputs) const {
    if (alone()) return here().map_async(asked, std::forward<F>(f), std::forward<X>(inputs)...);
    return detail::remote::map_later<false>(ranks_, "map_async", asked, std::forward<F>(f), std::forward<X>(inputs)...);
  }
  template <detail::not_options F, class... X>
  auto map_async(F&& f, X&&... inputs) const {
    return map_async(options{}, std::forward<F>(f), std::forward<X>(inputs)...);
  }

  /// starmap_async(f, rows): the future of starmap.
  template <class F, class Rows>
  auto starmap_async(const options& asked, F&& f, Rows&& rows) const {
    if (alone()) return here().starmap_async(asked, std::forward<F>(f), std::forward<Rows>(rows));
    return detail::remote::map_later<true>(ranks_, "starmap_async", asked, std::forward<F>(f), std::forward<Rows>(rows));
  }
  template <detail::not_options F, class Rows>
  auto starmap_async(F&& f, Rows&& rows) const {
    return starmap_async(options{}, std::forward<F>(f), std::forward<Rows>(rows));
  }

  /// reduce_async(op, xs), reduce_async(op, xs, init): the future of reduce.
  template <class A = void, class Op, class X, class... Init>
  auto reduce_async(const options& asked, Op&& op, X&& range, Init&&... init) const {
    if (alone()) return here().template reduce_async<A>(asked, std::forward<Op>(op), std::forward<X>(range), std::forward<Init>(init)...);
    return detail::remote::reduce_later<A>(ranks_, asked, std::forward<Op>(op), std::forward<X>(range), std::forward<Init>(init)...);
  }
  template <class A = void, detail::not_options Op, class X, class... Init>
  auto reduce_async(Op&& op, X&& range, Init&&... init) const {
    return reduce_async<A>(options{}, std::forward<Op>(op), std::forward<X>(range), std::forward<Init>(init)...);
  }

  /// imap(f, xs...): see executor::imap. Costs a message there and one back for each item.
  template <class F, class... X>
  auto imap(const options& asked, F&& f, X&&... inputs) const {
    if (alone()) return here().imap(asked, std::forward<F>(f), std::forward<X>(inputs)...);
    return detail::remote::make_stream<detail::ordered_window>(ranks_, "imap", asked, std::forward<F>(f), std::forward<X>(inputs)...);
  }
  template <detail::not_options F, class... X>
  auto imap(F&& f, X&&... inputs) const {
    return imap(options{}, std::forward<F>(f), std::forward<X>(inputs)...);
  }

  /// imap_unordered(f, xs...): see executor::imap_unordered. Costs a message there and one back for each item.
  template <class F, class... X>
  auto imap_unordered(const options& asked, F&& f, X&&... inputs) const {
    if (alone()) return here().imap_unordered(asked, std::forward<F>(f), std::forward<X>(inputs)...);
    return detail::remote::make_stream<detail::unordered_window>(ranks_, "imap_unordered", asked, std::forward<F>(f),
                                                                 std::forward<X>(inputs)...);
  }
  template <detail::not_options F, class... X>
  auto imap_unordered(F&& f, X&&... inputs) const {
    return imap_unordered(options{}, std::forward<F>(f), std::forward<X>(inputs)...);
  }

  /// map_outcomes(f, xs...): see executor::map_outcomes.
  template <class F, class... X>
  auto map_outcomes(const options& asked, F&& f, X&&... inputs) const {
    if (alone()) return here().map_outcomes(asked, std::forward<F>(f), std::forward<X>(inputs)...);
    return detail::remote::map_outcomes(ranks_, asked, detail::remote::as_object(f), std::forward<X>(inputs)...);
  }
  template <detail::not_options F, class... X>
  auto map_outcomes(F&& f, X&&... inputs) const {
    return map_outcomes(options{}, std::forward<F>(f), std::forward<X>(inputs)...);
  }

  /// parallel(calls): see executor::parallel. Calls made by delayed travel when they hold flat values, strings and vectors of such.
  template <std::ranges::input_range Calls>
  auto parallel(const options& asked, Calls&& calls) const {
    if (alone()) return here().parallel(asked, std::forward<Calls>(calls));
    return detail::remote::parallel(ranks_, asked, std::forward<Calls>(calls));
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
  template <class... R>
  auto parallel(const options& asked, const call<R>&... calls) const {
    if (alone()) return here().parallel(asked, calls...);
    return detail::remote::run_calls(ranks_, asked, calls...);
  }
  template <class First, class... R>
  auto parallel(const call<First>& first, const call<R>&... calls) const {
    return parallel(options{}, first, calls...);
  }

 protected:
  /// On these ranks, or alone when there are none.
  task_verbs(std::shared_ptr<detail::remote::ranks> ranks, const executor_options& local) : ranks_(std::move(ranks)) {
    if (!ranks_) alone_.emplace(local);
  }
  task_verbs(task_verbs&&) noexcept = default;
  task_verbs& operator=(task_verbs&&) noexcept = default;
  ~task_verbs() = default;

  bool alone() const {
    if (!ranks_ && !alone_) detail::checked(nullptr);  // moved from
    return !ranks_;
  }
  const foldgrid::executor& here() const noexcept { return *alone_; }
  const std::shared_ptr<detail::engine>& engine() const noexcept { return detail::remote::engine_of(*ranks_); }

  std::shared_ptr<detail::remote::ranks> ranks_;
  std::optional<foldgrid::executor> alone_;
};

}  // namespace foldgrid::mpi
