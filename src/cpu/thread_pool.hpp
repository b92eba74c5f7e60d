// SPDX-License-Identifier: MIT
// The threads: a fixed number of workers, started when first needed, that help callers with their jobs in order of arrival.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
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
  std::size_t wanted_ = 0;                 // helpers still wanted
  std::atomic<std::size_t> attached_ = 0;  // helpers at work
  std::condition_variable left_;           // a helper left
};

/// Every thread that waits here for helpers has run out of work of its own, and helpers of a job work on that job alone:
/// waiting never deadlocks for want of a worker. A worker that waits for another pool is replaced meanwhile. The calling thread is one of
/// the participants, unless an initializer says that only workers may run user code.
class thread_pool {
 public:
  thread_pool(std::size_t workers, std::function<void()> initializer);
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;
  ~thread_pool();

  /// Runs the job with at most `participants` threads and returns when all have left it. Throws broken_executor when the
  /// initializer failed or a thread could not be started.
  void run(job& work, std::size_t participants);

 private:
  void work(std::size_t seat);
  bool initialize() noexcept;
  void start_threads();
  void worker_waits_elsewhere();
  void worker_is_back() noexcept;
  std::size_t helpers_at_once() const noexcept;
  void unlink(job& work) noexcept;
  job* next_job(std::unique_lock<std::mutex>& lock);
  void sleep(std::unique_lock<std::mutex>& lock);
  bool wake_one() noexcept;

  /// A worker asleep. Each waits for a condition of its own: one that many wait for can lose a wake-up in glibc before 2.41
  /// (its bug 25847), and who woke up last is the one to wake first, its caches being warm.
  struct sleeper {
    std::condition_variable woken;
    bool asleep = true;
    sleeper* next = nullptr;
  };

  const std::size_t workers_;
  const std::function<void()> initializer_;
  const bool spins_;
  std::mutex mutex_;
  sleeper* sleepers_ = nullptr;  // those nobody has woken yet, the last to fall asleep first
  job* first_ = nullptr;         // jobs that want helpers, oldest first
  job* last_ = nullptr;
  std::atomic<std::size_t> open_ = 0;  // how many they are: what a spinning worker looks at
  std::size_t sleeping_ = 0, spinning_ = 0, helping_ = 0;
  std::size_t waiting_elsewhere_ = 0;  // workers that wait for another pool, which may call back
  std::atomic<int> callers_core_ = -1;
  bool stopping_ = false;
  std::exception_ptr broken_;
  std::vector<std::jthread> threads_;
};

}  // namespace foldgrid::detail
