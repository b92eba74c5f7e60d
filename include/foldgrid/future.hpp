// SPDX-License-Identifier: MIT
// Futures: what submit gives, and waiting for many of them.
#pragma once

#include <foldgrid/detail/result_task.hpp>
#include <foldgrid/detail/waiting.hpp>
#include <foldgrid/outcome.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>  // also brings the range concepts, at a fraction of <ranges>' cost
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid {

/// Receives what callbacks of on_done throw; without one it is told on stderr. Empty takes the handler back. The handler is called on
/// the thread that ran the callback; what it throws itself ends the program.
FOLDGRID_API void set_callback_error_handler(std::function<void(std::exception_ptr)> handler);

/// The result of a task, now or later. Move-only; may outlive the executor, which leaves it done or cancelled. Its destructor neither
/// waits nor cancels. Inside a task of a pool, waiting without a time limit runs what is waited for, and what that has submitted, unless
/// it has begun elsewhere: it never deadlocks for want of a worker. Every call on an empty (default-constructed or moved-from) future is
/// std::invalid_argument.
template <class R>
class future {
 public:
  using value_type = R;

  future() = default;

  /// Waits, then moves the result out, or throws what the task threw, as it is; cancelled_error when it was cancelled. A value can be
  /// taken once: the second time is std::invalid_argument. In a child forked meanwhile, broken_executor.
  R get() {
    state("get").wait();
    return state_->take();
  }
  /// The same, without helping; timeout_error when it takes longer. The task goes on then.
  R get(std::chrono::duration<double> limit) {
    if (!state("get").wait_for(limit)) detail::throw_not_ready(limit.count());
    return state_->take();
  }
  /// Waits until it is done: computed, failed or cancelled.
  void wait() const { state("wait").wait(); }
  /// The same, without helping; tells whether it is done.
  bool wait(std::chrono::duration<double> limit) const { return state("wait").wait_for(limit); }
  /// True when it is done: get() will not wait.
  bool ready() const { return state("ready").done(); }
  /// Cancels the task unless it has begun; true when it is cancelled now, also by an earlier call. A cancelled future is done.
  bool cancel() { return state("cancel").cancel(); }
  /// Waits; what get() would throw, null for a value.
  std::exception_ptr exception() const {
    state("exception").wait();
    return state_->result.error();
  }
  /// Calls f(const outcome<R>&) once it is done: on the thread that completes it, in order of registration; at once when it is done. Of a
  /// value that was taken before, the outcome's error says so.
  /// What f throws goes to the handler of set_callback_error_handler.
  template <std::invocable<const outcome<R>&> F>
  void on_done(F f) const {
    auto* const told = new callback<F>(state("on_done"), std::move(f));
    if (!state_->listen_to_result(*told)) told->done();
  }

  /// False when it is empty: default-constructed or moved from.
  bool valid() const noexcept { return static_cast<bool>(state_); }

  /// For the library: the task behind it.
  explicit future(detail::task_ref<detail::result_task<R>> task) noexcept : state_(std::move(task)) {}
  const detail::task_ref<detail::result_task<R>>& task(const char* verb) const {
    state(verb);
    return state_;
  }
  future(future&&) noexcept = default;
  future& operator=(future&&) noexcept = default;

 private:
  template <class F>
  struct callback final : detail::listener {
    callback(const detail::result_task<R>& read, F&& called) : of(read), f(std::move(called)) {}
    void done() noexcept override {
      const std::unique_ptr<callback> self(this);
      try {
        if (of.result.has_value() || of.result.error()) {
          std::invoke(f, of.result);
        } else {
          outcome<R> taken(of.result.index());
          taken.set_error(detail::taken_error());
          std::invoke(f, std::as_const(taken));
        }
      } catch (...) {
        detail::report_callback_error(std::current_exception());
      }
    }
    const detail::result_task<R>& of;
    F f;
  };

  detail::result_task<R>& state(const char* verb) const {
    if (!state_) detail::throw_no_future(verb);
    return *state_;
  }

  detail::task_ref<detail::result_task<R>> state_;
};

/// When wait() may return.
enum class return_when {
  all_completed,    ///< all are done
  first_completed,  ///< at least one is done
  first_exception,  ///< at least one failed, or all are done
};

/// Numbers of the futures in the order given: those done, cancelled ones too, and those not.
struct wait_result {
  std::vector<std::size_t> done, not_done;
};

/// Waits for futures, an lvalue range of them, up to a time limit in seconds when there is one. Being late is no error: the result tells
/// which are done. No futures: returns at once.
template <std::ranges::input_range Futures>
wait_result wait(Futures& futures, return_when when = return_when::all_completed, std::optional<std::chrono::duration<double>> limit = {}) {
  std::vector<detail::task*> tasks;
  for (auto& each : futures) tasks.push_back(each.task("wait").get());
  detail::wait_for_tasks(tasks, static_cast<detail::wait_until>(when), limit);
  wait_result result;
  for (std::size_t i = 0; i < tasks.size(); ++i) (tasks[i]->done() ? result.done : result.not_done).push_back(i);
  return result;
}

/// What as_completed gives: an input range of references to the futures.
template <class Future>
class completed_range {
 public:
  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = Future;
    using difference_type = std::ptrdiff_t;

    explicit iterator(completed_range& of) : of_(&of) {}
    Future& operator*() const { return *of_->futures_[of_->at_]; }
    iterator& operator++() {
      of_->at_ = of_->left_.next();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return of_->at_ == detail::completions::none; }

   private:
    completed_range* of_;
  };

  explicit completed_range(std::vector<Future*> futures) : futures_(std::move(futures)), entries_(futures_.size()) {
    for (std::size_t i = 0; i < futures_.size(); ++i) left_.add(entries_[i], *futures_[i]->task("as_completed"), i);
  }
  completed_range(const completed_range&) = delete;
  completed_range& operator=(const completed_range&) = delete;

  iterator begin() {
    at_ = left_.next();
    return iterator(*this);
  }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  std::vector<Future*> futures_;
  std::vector<detail::completions::entry> entries_;
  detail::completions left_;
  std::size_t at_ = detail::completions::none;
};

/// Futures, an lvalue range of them, as they are done: those done already first, in their order. To be walked once; waits at each step.
template <std::ranges::input_range Futures>
auto as_completed(Futures& futures) {
  using Future = std::remove_reference_t<std::ranges::range_reference_t<Futures>>;
  std::vector<Future*> all;
  for (auto& each : futures) all.push_back(&each);
  return completed_range<Future>(std::move(all));
}

namespace detail {

/// A task that is done when others are: they tell it, and the last one has it built.
template <class R, class Parts>
class gathered final : public result_task<R>, private gathering {
 public:
  gathered(Parts parts, std::vector<task*> all) : gathering(*this, std::move(all)), parts_(std::move(parts)) {}
  void start() { gathering::start(); }

 private:
  void run() noexcept override {
    this->result.set([&] { return take_all(parts_); });
    this->publish();
  }
  void drop(std::exception_ptr why, task::status outcome) noexcept override {
    this->result.set_error(std::move(why));
    this->complete(outcome);
  }
  task* part() noexcept override { return gathering::unfinished(); }
  void build() noexcept override {
    if (this->claim()) run();
  }

  template <class T>
  static stored_t<T> take(result_task<T>& from) {
    if constexpr (std::is_void_v<T>) {
      from.take();
      return {};
    } else {
      return from.take();
    }
  }
  template <class... T>
  static R take_all(std::tuple<task_ref<result_task<T>>...>& parts) {
    return std::apply([](auto&... each) { return R{take(*each)...}; }, parts);
  }
  template <class T>
  static R take_all(std::vector<task_ref<result_task<T>>>& parts) {
    R all;
    all.reserve(parts.size());
    for (auto& each : parts) all.push_back(take(*each));
    return all;
  }

  Parts parts_;
};

template <class R, class Parts>
future<R> gather(Parts parts, std::vector<task*> all) {
  auto* const whole = new gathered<R, Parts>(std::move(parts), std::move(all));
  task_ref<result_task<R>> reference(whole);
  whole->start();
  return future<R>(std::move(reference));
}

}  // namespace detail

/// The future of a tuple of all results (void gives std::monostate), which are moved out of the futures given once all are done. Fails
/// with the error of the first future in order that failed. Does not block.
template <class... R>
future<std::tuple<detail::stored_t<R>...>> when_all(future<R>&... futures) {
  return detail::gather<std::tuple<detail::stored_t<R>...>>(std::tuple(futures.task("when_all")...),
                                                            std::vector<detail::task*>{futures.task("when_all").get()...});
}
/// The future of a vector of all results; the same for an lvalue range of futures.
template <std::ranges::input_range Futures>
auto when_all(Futures& futures) {
  using T = typename std::ranges::range_value_t<Futures>::value_type;
  std::vector<detail::task_ref<detail::result_task<T>>> parts;
  std::vector<detail::task*> all;
  for (auto& each : futures) {
    parts.push_back(each.task("when_all"));
    all.push_back(parts.back().get());
  }
  return detail::gather<std::vector<detail::stored_t<T>>>(std::move(parts), std::move(all));
}

}  // namespace foldgrid
