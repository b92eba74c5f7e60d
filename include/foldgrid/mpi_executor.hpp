// SPDX-License-Identifier: MIT
// The executor over the ranks of an MPI program, with the verbs of foldgrid::executor.
#pragma once

#include <foldgrid/detail/mpi_search.hpp>
#include <foldgrid/detail/mpi_start.hpp>
#include <foldgrid/executor.hpp>
#include <foldgrid/mpi_task_verbs.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace foldgrid::mpi {

/// Runs the verbs of foldgrid::executor on the other ranks of the program, with the same results, errors and bits for any number of them;
/// what each verb does and throws is told there. Alone, without a launcher, it is a foldgrid::executor.
///
/// The calling rank, the manager, only deals out: elements that are not lazy travel with the piece that needs them, results travel back in
/// pieces, dealt out in order of their indices as workers become free. Functions travel too: their captures must be flat (numbers, structs
/// of such) or the class have a serialize function for cereal; [&], this and pointers are std::invalid_argument, found by looking for
/// addresses in the function's bytes. Elements, arguments and results must be flat, standard containers of such, or serializable by cereal.
///
/// Task functions (submit, imap, parallel) run on the threads of the other ranks; the manager has a thread waiting for each.
/// A range of unknown length is reduced on the manager, costly operators on the other ranks. Errors of items name the rank and its host;
/// their original is nested, rebuilt when its type is of the standard, of foldgrid or registered by register_exception, else as
/// foldgrid::error with the type's name and text.
/// A rank that dies ends the whole program: that is what MPI allows.
class executor : public task_verbs {
 public:
  executor(executor&&) noexcept = default;
  executor& operator=(executor&& other) noexcept {
    executor before(std::move(*this));
    task_verbs::operator=(std::move(other));
    owner_ = std::exchange(other.owner_, false);
    return *this;
  }
  /// Waits for all tasks, pending ones too, or cancels them while an exception unwinds; then lets the other ranks go when it was made by
  /// comm_executor.
  ~executor() {
    if (!ranks_) return;
    detail::shut_down(*engine(), true, std::uncaught_exceptions() > unwinding_);
    if (owner_) detail::remote::close(*ranks_, 0);
  }

  /// As executor::shutdown and executor::request_stop; functions on other ranks see their std::stop_token stopped a few milliseconds later.
  void shutdown(bool wait = true, bool cancel_pending = false) const {
    if (alone()) return here().shutdown(wait, cancel_pending);
    detail::shut_down(detail::checked(engine().get()), wait, cancel_pending);
  }
  void request_stop() const {
    if (alone()) return here().request_stop();
    detail::request_stop(detail::checked(engine().get()));
  }

  /// map(f, xs, ys...): see executor::map.
  template <class F, class... X>
  auto map(const options& asked, F&& f, X&&... inputs) const {
    if (alone()) return here().map(asked, std::forward<F>(f), std::forward<X>(inputs)...);
    return detail::remote::map<false>(ranks_, "map", asked, detail::remote::as_object(f), std::forward<X>(inputs)...);
  }
  template <detail::not_options F, class... X>
  auto map(F&& f, X&&... inputs) const {
    return map(options{}, std::forward<F>(f), std::forward<X>(inputs)...);
  }

  /// starmap(f, rows): see executor::starmap.
  template <class F, class Rows>
  auto starmap(const options& asked, F&& f, Rows&& rows) const {
    if (alone()) return here().starmap(asked, std::forward<F>(f), std::forward<Rows>(rows));
    return detail::remote::map<true>(ranks_, "starmap", asked, detail::remote::as_object(f), std::forward<Rows>(rows));
  }
  template <detail::not_options F, class Rows>
  auto starmap(F&& f, Rows&& rows) const {
    return starmap(options{}, std::forward<F>(f), std::forward<Rows>(rows));
  }

  /// map_into(out, f, xs...): see executor::map_into.
  template <class Out, class F, class... X>
  void map_into(const options& asked, Out&& out, F&& f, X&&... inputs) const {
    if (alone()) return here().map_into(asked, out, std::forward<F>(f), std::forward<X>(inputs)...);
    return detail::remote::map_into(ranks_, asked, out, detail::remote::as_object(f), std::forward<X>(inputs)...);
  }
  template <detail::not_options Out, class F, class... X>
  void map_into(Out&& out, F&& f, X&&... inputs) const {
    return map_into(options{}, out, std::forward<F>(f), std::forward<X>(inputs)...);
  }

  /// reduce(op, xs), reduce(op, xs, init): see executor::reduce.
  template <class A = void, class Op, class X, class... Init>
  auto reduce(const options& asked, Op&& op, X&& range, Init&&... init) const {
    if (alone()) return here().template reduce<A>(asked, std::forward<Op>(op), std::forward<X>(range), std::forward<Init>(init)...);
    return detail::remote::reduce<A>(ranks_, "reduce", asked, detail::remote::as_object(op), std::forward<X>(range),
                                     std::forward<Init>(init)...);
  }
  template <class A = void, detail::not_options Op, class X, class... Init>
  auto reduce(Op&& op, X&& range, Init&&... init) const {
    return reduce<A>(options{}, std::forward<Op>(op), std::forward<X>(range), std::forward<Init>(init)...);
  }

  /// map_reduce(f, op, xs...), map_reduce(f, op, fg::init(v), xs...): see executor::map_reduce.
  template <class A = void, class F, class Op, detail::no_init First, class... X>
  auto map_reduce(const options& asked, F&& f, Op&& op, First&& first, X&&... inputs) const {
    if (alone()) return here().template map_reduce<A>(asked, f, op, std::forward<First>(first), std::forward<X>(inputs)...);
    return detail::remote::map_reduce<A>(ranks_, asked, detail::remote::as_object(f), detail::remote::as_object(op), detail::without_init{},
                                         std::forward<First>(first), std::forward<X>(inputs)...);
  }
  template <class A = void, class F, class Op, class T, class... X>
  auto map_reduce(const options& asked, F&& f, Op&& op, init<T> start, X&&... inputs) const {
    if (alone()) return here().template map_reduce<A>(asked, f, op, std::move(start), std::forward<X>(inputs)...);
    return detail::remote::map_reduce<A>(ranks_, asked, detail::remote::as_object(f), detail::remote::as_object(op), std::move(start.value),
                                         std::forward<X>(inputs)...);
  }
  template <class A = void, detail::not_options F, class Op, class... X>
  auto map_reduce(F&& f, Op&& op, X&&... inputs) const {
    return map_reduce<A>(options{}, f, op, std::forward<X>(inputs)...);
  }

  /// sum(xs): see executor::sum.
  template <class A = void, class X>
  auto sum(const options& asked, X&& range) const {
    if (alone()) return here().template sum<A>(asked, std::forward<X>(range));
    return detail::remote::reduce<A>(ranks_, "sum", asked, std::plus<>{}, std::forward<X>(range));
  }
  template <class A = void, detail::not_options X>
  auto sum(X&& range) const {
    return sum<A>(options{}, std::forward<X>(range));
  }

  /// minmax(xs): see executor::minmax.
  template <class X>
  auto minmax(const options& asked, X&& range) const {
    if (alone()) return here().minmax(asked, std::forward<X>(range));
    return detail::remote::minmax(ranks_, asked, std::forward<X>(range));
  }
  template <detail::not_options X>
  auto minmax(X&& range) const {
    return minmax(options{}, std::forward<X>(range));
  }

  /// argmin(xs): see executor::argmin.
  template <class X>
  auto argmin(const options& asked, X&& range) const {
    if (alone()) return here().argmin(asked, std::forward<X>(range));
    return detail::remote::argmin(ranks_, asked, std::forward<X>(range));
  }
  template <detail::not_options X>
  auto argmin(X&& range) const {
    return argmin(options{}, std::forward<X>(range));
  }

  /// argmax(xs): see executor::argmax.
  template <class X>
  auto argmax(const options& asked, X&& range) const {
    if (alone()) return here().argmax(asked, std::forward<X>(range));
    return detail::remote::argmax(ranks_, asked, std::forward<X>(range));
  }
  template <detail::not_options X>
  auto argmax(X&& range) const {
    return argmax(options{}, std::forward<X>(range));
  }

  /// first_nonfinite(xs): see executor::first_nonfinite.
  template <class X>
  auto first_nonfinite(const options& asked, X&& range) const {
    if (alone()) return here().first_nonfinite(asked, std::forward<X>(range));
    return detail::remote::first_nonfinite(ranks_, asked, std::forward<X>(range));
  }
  template <detail::not_options X>
  auto first_nonfinite(X&& range) const {
    return first_nonfinite(options{}, std::forward<X>(range));
  }

  /// reduce_rows(op, xs, rows, columns): see executor::reduce_rows.
  template <class Op, class X>
  auto reduce_rows(const options& asked, Op&& op, X&& matrix, count rows, count columns) const {
    if (alone()) return here().reduce_rows(asked, std::forward<Op>(op), std::forward<X>(matrix), rows, columns);
    return detail::remote::reduce_rows(ranks_, asked, detail::remote::as_object(op), std::forward<X>(matrix), rows, columns);
  }
  template <detail::not_options Op, class X>
  auto reduce_rows(Op&& op, X&& matrix, count rows, count columns) const {
    return reduce_rows(options{}, std::forward<Op>(op), std::forward<X>(matrix), rows, columns);
  }

  /// reduce_columns(op, xs, rows, columns): see executor::reduce_columns.
  template <class Op, class X>
  auto reduce_columns(const options& asked, Op&& op, X&& matrix, count rows, count columns) const {
    if (alone()) return here().reduce_columns(asked, std::forward<Op>(op), std::forward<X>(matrix), rows, columns);
    return detail::remote::reduce_columns(ranks_, asked, detail::remote::as_object(op), std::forward<X>(matrix), rows, columns);
  }
  template <detail::not_options Op, class X>
  auto reduce_columns(Op&& op, X&& matrix, count rows, count columns) const {
    return reduce_columns(options{}, std::forward<Op>(op), std::forward<X>(matrix), rows, columns);
  }

  /// parallelized(f)(xs...) is map(f, xs...); the executor must outlive it.
  template <class F>
  auto parallelized(const options& asked, F&& f) const {
    return [this, asked, f = std::decay_t<F>(std::forward<F>(f))]<class... X>(X&&... inputs) {
      return this->map(asked, f, std::forward<X>(inputs)...);
    };
  }
  template <detail::not_options F>
  auto parallelized(F&& f) const {
    return parallelized(options{}, std::forward<F>(f));
  }

  /// For the library: on these ranks, or alone when there are none. `owner` lets them go in the end.
  executor(std::shared_ptr<detail::remote::ranks> ranks, const executor_options& local, bool owner)
      : task_verbs(std::move(ranks), local), owner_(owner) {}

 private:
  bool owner_;
  int unwinding_ = std::uncaught_exceptions();
};

}  // namespace foldgrid::mpi
