// SPDX-License-Identifier: MIT
// The threads: a fixed number of workers, started when first needed, that run tasks and help callers with their jobs.
#pragma once

#include "task_queue.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace foldgrid::detail {

/// Work that several threads may join. Lives on the stack of the thread that calls thread_pool::run.
class job {
 public:
  /// Takes part until no work is left to claim. Called by several threads at once; `seat` is 0 for the caller and another
  /// number for each worker, always the same.
  virtual void participate(std::size_t seat) noexcept = 0;

 protected:
  ~job() = default;

 private:
  friend class thread_pool;
  job* next_ = nullptr;
  task* inside_ = nullptr;                 // the task that calls for help
  std::size_t wanted_ = 0;                 // helpers still wanted
  std::atomic<std::size_t> attached_ = 0;  // helpers at work
  std::condition_variable left_;           // a helper left
};

/// What the calling thread works for right now: a task, or its part of a job. They nest.
struct worker_context {
  thread_pool* pool = nullptr;
  task* inside = nullptr;  // the innermost task
  worker_context* outer = nullptr;
  thread_pool* home = nullptr;  // the pool that the thread belongs to

  bool works() const noexcept {
    for (const worker_context* at = this; at; at = at->outer)
      if (at->pool) return true;
    return false;
  }
  bool works_for(const thread_pool* asked) const noexcept {
    for (const worker_context* at = this; at; at = at->outer)
      if (at->pool == asked && asked) return true;
    return false;
  }
};

/// The calling thread's; its pool is null outside of tasks and jobs.
worker_context& this_worker() noexcept;

/// Sets what the calling thread works for during a scope.
class working_for {
 public:
  working_for(thread_pool* pool, task* inside) noexcept : outer_(this_worker()) { this_worker() = {pool, inside, &outer_, outer_.home}; }
  working_for(const working_for&) = delete;
  working_for& operator=(const working_for&) = delete;
  ~working_for() { this_worker() = outer_; }

 private:
  worker_context outer_;
};

/// Every thread that waits here for helpers has run out of work of its own, and helpers of a job work on that job alone:
/// waiting never deadlocks for want of a worker. A worker that waits for another pool is replaced meanwhile. The calling thread is one of
/// the participants of a job, unless an initializer says that only workers may run user code. Tasks are begun in order of arrival, by
/// workers alone, or by a thread that waits for them inside a task of the same pool.
class thread_pool : public std::enable_shared_from_this<thread_pool> {
 public:
  thread_pool(std::size_t workers, std::function<void()> initializer);
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;
  ~thread_pool();

  /// Runs the job with at most `participants` threads and returns when all have left it. Throws broken_executor when the
  /// initializer failed or a thread could not be started.
  void run(job& work, std::size_t participants);

  /// Hands a new task to the workers. Throws broken_executor when the initializer failed, the pool is closed or no thread could be
  /// started; the task is then done or will never begin.
  void submit(task& work);
  /// Runs a task that belongs to no pool, on the calling thread.
  static void run_alone(task& work) noexcept {
    if (work.claim()) run_claimed(work);
  }
  /// Waits for a task, on a thread that works for some pool: runs it, or descendants of it, as long as they have not begun.
  static void help(task& target);
  /// Waits for what a task is made of, one after another.
  static void wait_for_parts(task& target);
  /// A task that may run on the calling thread because that waits for it: claimed, and with a reference; null when it may not.
  static task* claim_for_waiter(task& target) noexcept;
  static void run_for_waiter(task& claimed);
  /// Cancels the tasks that have not begun.
  void cancel_pending() noexcept;
  /// No task is taken from now on; those there still run. Waits for all workers to be gone, unless called by one.
  void close(bool wait);

  static const thread_pool* pool_of(const task& of) noexcept { return of.pool_.load(std::memory_order_acquire); }
  /// Throws broken_executor in a child forked since the task was submitted. Its pool may be gone.
  static void check_fork_of(const task& of);

  /// A worker is replaced as long as this says that it waits for another pool.
  void worker_waits_elsewhere();
  void worker_is_back() noexcept;

 private:
  void work(std::size_t seat);
  bool initialize() noexcept;
  void break_with(std::exception_ptr why) noexcept;
  bool start_thread();
  void start_helpers();
  void wake_for_task();
  void wake_next();
  bool lacks_threads() const noexcept;
  /// A core for each worker.
  bool has_cores() const noexcept { return spinners_ == workers_; }
  bool retires() noexcept;
  std::size_t helpers_at_once() const noexcept;
  void unlink(job& work) noexcept;
  bool run_next_task(bool wakes_next);
  static void run_claimed(task& work) noexcept;
  bool help_next_job(std::size_t seat);
  bool wait_for_work(bool& spin);
  bool wake_one(bool for_task = false) noexcept;

  /// A worker asleep. Each waits for a condition of its own: one that many wait for can lose a wake-up in glibc before 2.41
  /// (its bug 25847), and who woke up last is the one to wake first, its caches being warm.
  struct sleeper {
    std::condition_variable woken;
    bool asleep = true, for_task = false;
    sleeper* next = nullptr;
  };

  const std::size_t workers_;
  const std::function<void()> initializer_;
  const std::size_t spinners_;  // workers that may spin at a time
  const unsigned fork_generation_;
  task_queue tasks_;
  alignas(64) std::atomic<std::size_t> spinning_ = 0;  // what a thread that submits looks at
  std::atomic<std::size_t> roused_ = 0;                // woken for a task, and not there yet
  std::atomic<std::size_t> sleeping_ = 0, alive_ = 0;
  std::atomic<std::size_t> waiting_elsewhere_ = 0;  // workers that wait for another pool, which may call back
  std::atomic<bool> closed_ = false, is_broken_ = false;
  alignas(64) std::atomic<std::size_t> open_ = 0;  // how many jobs want helpers: what a spinning worker looks at
  std::atomic<int> callers_core_ = -1;
  std::mutex mutex_;             // of all below
  sleeper* sleepers_ = nullptr;  // those nobody has woken yet, the last to fall asleep first
  job* first_ = nullptr;         // jobs that want helpers, oldest first
  job* last_ = nullptr;
  std::size_t helping_ = 0;
  std::size_t calling_ = 0;  // workers that are the callers of jobs here
  std::exception_ptr broken_;
  std::condition_variable gone_;  // the last worker has left
  std::vector<std::jthread> threads_;
};

/// While a worker waits for a task of a pool for which it does not work, a spare thread takes its place at home.
class waiting_elsewhere {
 public:
  explicit waiting_elsewhere(const thread_pool* awaited)
      : home_(awaited && !this_worker().works_for(awaited) ? this_worker().home : nullptr) {
    if (home_) home_->worker_waits_elsewhere();
  }
  waiting_elsewhere(const waiting_elsewhere&) = delete;
  waiting_elsewhere& operator=(const waiting_elsewhere&) = delete;
  ~waiting_elsewhere() {
    if (home_) home_->worker_is_back();
  }

 private:
  thread_pool* const home_;
};

}  // namespace foldgrid::detail
