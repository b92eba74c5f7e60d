// SPDX-License-Identifier: MIT
// The executor: map and reduce on the caller's thread or on every core, with the same bits.
#pragma once

#include <foldgrid/detail/extremes.hpp>
#include <foldgrid/detail/reduce.hpp>
#include <foldgrid/device_array.hpp>
#include <foldgrid/function.hpp>
#include <foldgrid/inputs.hpp>
#include <foldgrid/operators.hpp>
#include <foldgrid/options.hpp>
#include <foldgrid/shared_array.hpp>
#include <foldgrid/tasks.hpp>

#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

namespace foldgrid {

namespace detail {
template <class T>
inline constexpr bool is_init = false;
template <class T>
inline constexpr bool is_init<init<T>> = true;
template <class T>
concept no_init = !is_init<std::remove_cvref_t<T>>;
}  // namespace detail

/// Runs map and reduce, and single tasks (see tasks.hpp). Every verb of this page blocks until its work is done, may be called from many
/// threads at once and from inside a function that a verb runs, and gives the same bits on every backend with any number of workers.
///
/// Inputs are sized random-access ranges (vector, array, span, ...) or lazy inputs (linspace, iota, repeat, grid);
/// several are walked together and stop at the shortest. Other ranges are copied first, as far as the shortest goes (reduce streams those
/// of unknown length). Functions are called concurrently as one shared const object, with one element of each input; a function that takes
/// no tuple but its parts gets the parts of the tuples of an only input; one that only takes a std::stop_token before the elements gets
/// one. Elements of rvalue containers are moved.
///
/// Every verb takes `options` first, as braces or by name. Every verb throws:
/// - task_error when a function or operator threw: of the smallest failing index, the original exception nested; all
///   other items still run, unless `fail_fast`;
/// - what an input or the progress callback threw, as it is;
/// - cancelled_error, timeout_error for the options `stop` and `timeout`;
/// - std::invalid_argument for misuse, before any work;
/// - broken_executor when moved from, shut down, in a forked child, when the initializer failed, or when its GPU was lost;
/// - on a GPU's executor backend_unavailable when a function has to be compiled and there is no NVRTC, and error when the
///   device's memory is full.
class executor : public task_verbs {
 public:
  /// The best backend there is, with one worker per core.
  executor() : executor(executor_options{}) {}
  /// Throws backend_unavailable when the backend asked for is not there, std::invalid_argument for a number of workers
  /// that is negative or above 65,536. Threads are started when first needed.
  explicit executor(const executor_options& asked) : task_verbs(detail::make_engine(asked)) {}
  executor(executor&&) noexcept = default;
  /// Shuts down what it was before, as the destructor does.
  executor& operator=(executor&& other) noexcept {
    executor before(std::move(*this));
    task_verbs::operator=(std::move(other));
    return *this;
  }
  /// Waits for all tasks, pending ones too; while an exception unwinds, those that have not begun are cancelled instead. Does not wait
  /// when it is a task of its own that destroys it.
  ~executor() {
    if (engine_) detail::shut_down(*engine_, true, std::uncaught_exceptions() > unwinding_);
  }

  /// Takes nothing new from now on: every verb throws broken_executor. What has begun ends; what is pending still runs, or is cancelled.
  /// Waits for that unless told otherwise, or called by a task of its own. May be called again.
  void shutdown(bool wait = true, bool cancel_pending = false) const {
    detail::shut_down(detail::checked(engine_.get()), wait, cancel_pending);
  }
  /// Cancels what has not begun, and stops what runs: the std::stop_token that functions may take is stopped, blocking verbs start
  /// nothing more and throw cancelled_error. Does not wait. The executor can still be used.
  void request_stop() const { detail::request_stop(detail::checked(engine_.get())); }

  /// f over the elements of the inputs, results in input order: std::vector of f's decayed result (which need not be
  /// default constructible), void when f returns nothing. Costs one call of f per item; memory for the results. Over a
  /// device_array, beside which only others and lazy inputs may stand, it is a device_array.
  template <class F, class... X>
  auto map(const options& asked, F&& f, X&&... inputs) const {
    return detail::map<false>(engine_.get(), "map", asked, f, std::forward<X>(inputs)...);
  }
  template <detail::not_options F, class... X>
  auto map(F&& f, X&&... inputs) const {
    return map(options{}, f, std::forward<X>(inputs)...);
  }

  /// What functions read beside their inputs: converts to view<const T>, for the state of a function. On a GPU's executor a read-only copy
  /// there (made now; later changes of the range are not seen); on the CPU it refers to the range, an lvalue that must outlive it. Blocks.
  template <detail::contiguous_input X>
  auto share(const X& range) const {
    using T = std::remove_cv_t<std::ranges::range_value_t<X>>;
    return detail::share(engine_.get(), std::span<const T>(std::ranges::data(range), detail::length_of(range)));
  }
  template <detail::contiguous_input X>
    requires(!std::ranges::borrowed_range<X>)
  auto share(const X&& range) const {
    static_assert(sizeof(X) == 0, "foldgrid: share refers to the range, which must outlive it: give a variable, not a temporary");
    return share(range);
  }

  /// A copy of the range where this executor works: on its GPU, or in the host's memory when it has none. Blocks.
  template <detail::contiguous_input X>
  auto to_device(const X& range) const {
    using T = std::remove_cv_t<std::ranges::range_value_t<X>>;
    device_array<T> copy(engine_.get(), detail::length_of(range));
    if (!copy.empty()) copy.block()->copy_in(std::ranges::data(range), copy.size() * sizeof(T));
    return copy;
  }

  /// f over rows that are tuple-like (tuple, pair, array, points of a grid), each unpacked into f's arguments.
  template <class F, class Rows>
  auto starmap(const options& asked, F&& f, Rows&& rows) const {
    return detail::map<true>(engine_.get(), "starmap", asked, f, std::forward<Rows>(rows));
  }
  template <detail::not_options F, class Rows>
  auto starmap(F&& f, Rows&& rows) const {
    return starmap(options{}, f, std::forward<Rows>(rows));
  }

  /// map that writes into the caller's contiguous range; allocates nothing. An `out` shorter than the inputs is
  /// std::invalid_argument before any work; longer is fine. `out` may be an input.
  template <class Out, class F, class... X>
  void map_into(const options& asked, Out&& out, F&& f, X&&... inputs) const {
    detail::map_into(engine_.get(), asked, out, f, std::forward<X>(inputs)...);
  }
  template <detail::not_options Out, class F, class... X>
  void map_into(Out&& out, F&& f, X&&... inputs) const {
    map_into(options{}, out, f, std::forward<X>(inputs)...);
  }

  /// The fixed tree (see tree.hpp) of op over the elements. The accumulator is the element type, or the one named:
  /// `reduce<double>(op, floats)`. op is associative, need not be commutative, and takes (A const&, A const&) or
  /// (A&&, A&&). An empty input is std::invalid_argument. Costs n-1 calls of op, depth ceil(log2 n). Elements of an
  /// lvalue are copied at most once. A range of unknown length is reduced as it comes, in memory that does not grow;
  /// its trouble, and a length that is not the option `total`, end the call.
  template <class A = void, class Op, class X>
  auto reduce(const options& asked, Op&& op, X&& range) const {
    return detail::reduce<A>(engine_.get(), "reduce", &asked, op, std::forward<X>(range));
  }
  template <class A = void, detail::not_options Op, class X>
  auto reduce(Op&& op, X&& range) const {
    return detail::reduce<A>(engine_.get(), "reduce", nullptr, op, std::forward<X>(range));
  }
  /// op(init, tree); init alone when the input is empty. The accumulator is still the element type.
  template <class A = void, class Op, class X, class Init>
  auto reduce(const options& asked, Op&& op, X&& range, Init&& init) const {
    return detail::reduce<A>(engine_.get(), "reduce", &asked, op, std::forward<X>(range), std::forward<Init>(init));
  }
  template <class A = void, detail::not_options Op, class X, class Init>
  auto reduce(Op&& op, X&& range, Init&& init) const {
    return detail::reduce<A>(engine_.get(), "reduce", nullptr, op, std::forward<X>(range), std::forward<Init>(init));
  }

  /// reduce(op, range) into the first element of `out`, a contiguous range; std::invalid_argument when it has none. Where `out` is a
  /// fg::device_range and so is the range, or a device_array, the value stays on the GPU; and where their stream is
  /// being captured into a CUDA graph, the call becomes a part of that.
  template <class Out, class Op, class X>
  void reduce_into(const options& asked, Out&& out, Op&& op, X&& range) const {
    detail::reduce_into(engine_.get(), asked, out, op, std::forward<X>(range));
  }
  template <detail::not_options Out, class Op, class X>
  void reduce_into(Out&& out, Op&& op, X&& range) const {
    reduce_into(options{}, out, op, std::forward<X>(range));
  }

  /// reduce(op, map(f, inputs...)) in one pass, without the array between. The accumulator is f's result, or the one
  /// named: `map_reduce<double>(f, op, xs)`. In errors, index() is the item's.
  template <class A = void, class F, class Op, detail::no_init First, class... X>
  auto map_reduce(const options& asked, F&& f, Op&& op, First&& first, X&&... inputs) const {
    return detail::map_reduce<A>(engine_.get(), asked, f, op, detail::without_init{}, std::forward<First>(first),
                                 std::forward<X>(inputs)...);
  }
  template <class A = void, detail::not_options F, class Op, detail::no_init First, class... X>
  auto map_reduce(F&& f, Op&& op, First&& first, X&&... inputs) const {
    return map_reduce<A>(options{}, f, op, std::forward<First>(first), std::forward<X>(inputs)...);
  }
  /// op(value, tree), the value given as foldgrid::init(value).
  template <class A = void, class F, class Op, class T, class... X>
  auto map_reduce(const options& asked, F&& f, Op&& op, init<T> start, X&&... inputs) const {
    return detail::map_reduce<A>(engine_.get(), asked, f, op, std::move(start.value), std::forward<X>(inputs)...);
  }
  template <class A = void, detail::not_options F, class Op, class T, class... X>
  auto map_reduce(F&& f, Op&& op, init<T> start, X&&... inputs) const {
    return map_reduce<A>(options{}, f, op, std::move(start), std::forward<X>(inputs)...);
  }

  /// reduce(std::plus<>, xs); `sum<double>(floats)` adds in double. Integers wrap. Empty: std::invalid_argument.
  template <class A = void, class X>
  auto sum(const options& asked, X&& range) const {
    return detail::reduce<A>(engine_.get(), "sum", &asked, std::plus<>{}, std::forward<X>(range));
  }
  template <class A = void, detail::not_options X>
  auto sum(X&& range) const {
    return detail::reduce<A>(engine_.get(), "sum", nullptr, std::plus<>{}, std::forward<X>(range));
  }

  /// Smallest and largest element, as minmax_result {min, max}. Of equal elements the first; NaN is passed over, and
  /// only when there is nothing else the result is {NaN, NaN}. Empty: std::invalid_argument.
  template <class X>
  auto minmax(const options& asked, X&& range) const {
    return detail::minmax(engine_.get(), asked, std::forward<X>(range));
  }
  template <detail::not_options X>
  auto minmax(X&& range) const {
    return minmax(options{}, std::forward<X>(range));
  }

  /// Index of the smallest element: of equal ones the first, NaN passed over, 0 when all are NaN. Empty:
  /// std::invalid_argument.
  template <class X>
  std::size_t argmin(const options& asked, X&& range) const {
    return detail::argmin(engine_.get(), asked, std::forward<X>(range));
  }
  template <detail::not_options X>
  std::size_t argmin(X&& range) const {
    return argmin(options{}, std::forward<X>(range));
  }

  /// Index of the largest element; as argmin.
  template <class X>
  std::size_t argmax(const options& asked, X&& range) const {
    return detail::argmax(engine_.get(), asked, std::forward<X>(range));
  }
  template <detail::not_options X>
  std::size_t argmax(X&& range) const {
    return argmax(options{}, std::forward<X>(range));
  }

  /// Index of the first NaN or infinity, if there is one.
  template <class X>
  std::optional<std::size_t> first_nonfinite(const options& asked, X&& range) const {
    return detail::first_nonfinite(engine_.get(), asked, std::forward<X>(range));
  }
  template <detail::not_options X>
  std::optional<std::size_t> first_nonfinite(X&& range) const {
    return first_nonfinite(options{}, std::forward<X>(range));
  }

  /// The reduction of each row of a row-major matrix: a std::vector of `rows` values. A size other than rows x columns,
  /// and rows without elements, are std::invalid_argument.
  template <class Op, class X>
  auto reduce_rows(const options& asked, Op&& op, X&& matrix, count rows, count columns) const {
    return detail::reduce_rows(engine_.get(), asked, op, std::forward<X>(matrix), rows, columns);
  }
  template <detail::not_options Op, class X>
  auto reduce_rows(Op&& op, X&& matrix, count rows, count columns) const {
    return reduce_rows(options{}, op, std::forward<X>(matrix), rows, columns);
  }

  /// The reduction of each column of a row-major matrix: a std::vector of `columns` values; as reduce_rows.
  template <class Op, class X>
  auto reduce_columns(const options& asked, Op&& op, X&& matrix, count rows, count columns) const {
    return detail::reduce_columns(engine_.get(), asked, op, std::forward<X>(matrix), rows, columns);
  }
  template <detail::not_options Op, class X>
  auto reduce_columns(Op&& op, X&& matrix, count rows, count columns) const {
    return reduce_columns(options{}, op, std::forward<X>(matrix), rows, columns);
  }

 private:
  int unwinding_ = std::uncaught_exceptions();
};

}  // namespace foldgrid
