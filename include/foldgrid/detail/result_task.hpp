// SPDX-License-Identifier: MIT
// Tasks with a result: a function and its arguments, or whatever else ends with one.
#pragma once

#include <foldgrid/detail/call.hpp>
#include <foldgrid/detail/invoke.hpp>
#include <foldgrid/detail/task.hpp>
#include <foldgrid/outcome.hpp>

#include <atomic>
#include <concepts>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <tuple>
#include <type_traits>
#include <utility>

namespace foldgrid::detail {

/// A counted reference to a task.
template <class T>
class task_ref {
 public:
  task_ref() = default;
  /// Takes over the reference that the caller has.
  explicit task_ref(T* owned) noexcept : task_(owned) {}
  task_ref(const task_ref& other) noexcept : task_(other.task_) {
    if (task_) task_->add_reference();
  }
  task_ref(task_ref&& other) noexcept : task_(std::exchange(other.task_, nullptr)) {}
  task_ref& operator=(task_ref other) noexcept {
    std::swap(task_, other.task_);
    return *this;
  }
  ~task_ref() {
    if (task_) task_->release();
  }
  T* get() const noexcept { return task_; }
  T* operator->() const noexcept { return task_; }
  T& operator*() const noexcept { return *task_; }
  explicit operator bool() const noexcept { return task_ != nullptr; }

 private:
  T* task_ = nullptr;
};

/// std::invalid_argument: a result is asked for twice.
FOLDGRID_API std::exception_ptr taken_error();

/// A task whose result is an R.
template <class R>
class result_task : public task {
 public:
  explicit result_task(std::size_t index = 0) noexcept : result(index) {}

  /// Moves the value out, or throws the error; when it is done, once.
  R take() {
    wait_for_readers();
    if (!result.error() && taken_.test_and_set(std::memory_order_relaxed)) std::rethrow_exception(taken_error());
    if constexpr (std::is_void_v<R>) {
      result.value();
    } else {
      R value = std::move(result).value();
      result.reset();  // the worker may hold the task a little longer
      return value;
    }
  }

  outcome<R> result;  ///< not written any more once the task is done

 protected:
  void publish() noexcept { complete(result.error() ? failed : succeeded); }
};

// with a token only where it matters: the body of a generic function may not compile with one
template <class F, class... Args>
inline constexpr bool takes_token =
    std::conjunction_v<std::negation<std::is_invocable<F, Args...>>, std::is_invocable<F, std::stop_token, Args...>>;
template <class F, class... Args>
inline constexpr bool is_callable = std::disjunction_v<std::is_invocable<F, Args...>, std::is_invocable<F, std::stop_token, Args...>>;

/// What a call of copies gives, with a stop_token in front where the function is not callable without.
template <class F, class... Args>
struct submit_result;
template <class F, class... Args>
  requires std::invocable<F, Args...>
struct submit_result<F, Args...> {
  using type = result_value_t<std::invoke_result_t<F, Args...>>;
};
template <class F, class... Args>
  requires takes_token<F, Args...>
struct submit_result<F, Args...> {
  using type = result_value_t<std::invoke_result_t<F, std::stop_token, Args...>>;
};
template <class F, class... Args>
using submit_result_t = typename submit_result<std::decay_t<F>, std::decay_t<Args>...>::type;

/// A function with copies of its arguments, called once with all of them as rvalues.
template <class F, class... Args>
struct bound_call {
  template <class... Parts>
  explicit bound_call(Parts&&... given) : parts(std::forward<Parts>(given)...) {}

  std::tuple<F, Args...> parts;

  decltype(auto) operator()() {
    return std::apply([](F& f, Args&... args) -> decltype(auto) { return std::invoke(std::move(f), std::move(args)...); }, parts);
  }
  /// With a token in front of the arguments, where the function wants one.
  decltype(auto) operator()(const std::stop_token& token) {
    if constexpr (takes_token<F, Args...>) {
      return std::apply([&](F& f, Args&... args) -> decltype(auto) { return std::invoke(std::move(f), token, std::move(args)...); }, parts);
    } else {
      return (*this)();
    }
  }
};

/// Calls work() once. The work is destroyed before the result is published.
template <class R, class Work>
class submitted final : public result_task<R> {
 public:
  template <class... Parts>
  explicit submitted(std::size_t index, Parts&&... parts) : result_task<R>(index), work_(std::forward<Parts>(parts)...) {}

 private:
  ~submitted() override {
    if (this->now() == task::pending) std::destroy_at(&work_);  // it was never started
  }

  void run() noexcept override {
    this->result.set([&]() -> decltype(auto) { return work_(); });
    std::destroy_at(&work_);
    this->publish();
  }
  void drop(std::exception_ptr why, task::status outcome) noexcept override {
    this->result.set_error(std::move(why));
    std::destroy_at(&work_);
    this->complete(outcome);
  }

  union {
    Work work_;
  };
};

/// The same under the options of a call.
template <class Work>
class told_work {
 public:
  template <class... Parts>
  told_work(std::shared_ptr<engine> where, const char* verb, const options& asked, std::size_t index, Parts&&... parts)
      : where_(std::move(where)), asked_(asked), index_(index), call_(where_.get(), verb, asked_, 1), work_(std::forward<Parts>(parts)...) {
    call_.link_token();
    call_.on_workers();
  }

  auto operator()() {
    using R = result_value_t<decltype(work_(call_.token()))>;
    if (call_.over()) call_.finish();
    if constexpr (std::is_void_v<R>) {
      compute<R>();
      end();
    } else {
      R result = compute<R>();
      end();
      return result;
    }
  }

 private:
  template <class R>
  R compute() {
    if (!call_.watches_items()) return work_(call_.token());
    item_watch watch(call_, index_);
    return watch.run(work_);
  }
  void end() {
    call_.advance(1);
    call_.finish();
  }

  std::shared_ptr<engine> where_;
  options asked_;
  std::size_t index_;
  call call_;
  Work work_;
};

/// Hands a new task to an engine, which runs it at once when it is serial. Throws broken_executor when it cannot be used.
FOLDGRID_API void start_task(engine* where, task& work);
/// The token that the executor's request_stop() stops.
FOLDGRID_API std::stop_token token_of(engine* where);

template <class R, class Work, class... Parts>
task_ref<result_task<R>> start(engine* where, std::size_t index, Parts&&... parts) {
  task_ref<result_task<R>> started(new submitted<R, Work>(index, std::forward<Parts>(parts)...));
  start_task(where, *started);
  return started;
}

}  // namespace foldgrid::detail
