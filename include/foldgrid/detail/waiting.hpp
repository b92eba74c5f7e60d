// SPDX-License-Identifier: MIT
// Waiting for many tasks at once.
#pragma once

#include <foldgrid/detail/task.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

namespace foldgrid::detail {

/// std::invalid_argument: a call on an empty future.
[[noreturn]] FOLDGRID_API void throw_no_future(const char* verb);
/// timeout_error of future::get.
[[noreturn]] FOLDGRID_API void throw_not_ready(double seconds);
/// Gives what a callback threw to the handler.
FOLDGRID_API void report_callback_error(std::exception_ptr what) noexcept;

/// Cancels a task unless it has begun, and waits for it.
FOLDGRID_API void abandon(task& of) noexcept;

enum class wait_until { all_completed, first_completed, first_exception };

/// Waits for tasks; helps when there is no limit, as task::wait() does.
FOLDGRID_API void wait_for_tasks(const std::vector<task*>& tasks, wait_until when,
                                 const std::optional<std::chrono::duration<double>>& limit);

/// A consumer that is faster than the workers would be woken for every item, at the cost of several microseconds each. It sleeps until
/// some more are done, as many as lately came in the longest sleep.
class FOLDGRID_API consumer_pace {
 public:
  /// Many times what waking a thread costs.
  static constexpr auto longest_sleep = std::chrono::duration<std::int64_t, std::micro>(200);

  void count() noexcept { ++consumed_; }
  /// How many items beyond the next one to sleep for; 0 when they come slowly, or when the thread had better help.
  std::size_t items_worth_a_sleep() noexcept;
  void sleep_for_some(task& last) const;

 private:
  std::int64_t before_ = 0;
  std::size_t consumed_ = 0;
};

/// Tasks in the order in which they are done, taken by one thread.
class FOLDGRID_API completions {
 public:
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

  /// One task's place; lives as long as its task is waited for.
  class entry final : public listener {
   public:
    void done() noexcept override;

   private:
    friend class completions;
    completions* owner_ = nullptr;
    task* of_ = nullptr;
    std::size_t number_ = 0;
    entry* next_done_ = nullptr;
    entry* next_ = nullptr;
    entry* previous_ = nullptr;
  };

  completions();
  completions(const completions&) = delete;
  completions& operator=(const completions&) = delete;
  /// Lets go of the tasks that have not been delivered.
  ~completions();

  void add(entry& place, task& of, std::size_t number);
  /// Waits for the next task to be done and gives its number; `none` when all have been given, or the time is up first. Helps when there is
  /// no limit, as task::wait() does.
  std::size_t next(const std::optional<std::chrono::duration<double>>& limit = {});

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Part of a task that is done when other tasks are.
class FOLDGRID_API gathering {
 public:
  gathering(task& whole, std::vector<task*> parts);
  gathering(const gathering&) = delete;
  gathering& operator=(const gathering&) = delete;

 protected:
  virtual ~gathering();
  /// Called once, when all parts are done.
  virtual void build() noexcept = 0;
  void start();
  /// A part that is not done, with a reference; null when there is none.
  task* unfinished() noexcept;
  /// Before the parts are let go.
  void forget_parts() noexcept;

 private:
  struct place final : listener {
    gathering* owner = nullptr;
    void done() noexcept override;
  };
  void count_down() noexcept;

  task& whole_;
  spin_lock lock_;  // of the parts
  std::vector<task*> parts_;
  std::vector<place> places_;
  std::atomic<std::size_t> left_;
};

}  // namespace foldgrid::detail
