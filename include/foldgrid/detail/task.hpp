// SPDX-License-Identifier: MIT
// A task as the compiled core sees it: run once by some worker, waited for by anybody.
#pragma once

#include <foldgrid/detail/build.hpp>
#include <foldgrid/detail/spin_lock.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <semaphore>  // declares std::chrono::duration at a fraction of <chrono>'s cost
#include <utility>

namespace foldgrid::detail {

class engine;
class thread_pool;

/// Memory for tasks: blocks of a few sizes, kept for the next task. Throws std::bad_alloc.
FOLDGRID_API void* allocate_task(std::size_t bytes);
FOLDGRID_API void free_task(void* block, std::size_t bytes) noexcept;

/// Is told once that a task is done, on the thread that completed it.
class listener {
 public:
  virtual void done() noexcept = 0;
  listener* next = nullptr;  ///< of the same task

 protected:
  ~listener() = default;
};

/// A place in a queue of tasks.
struct queue_link {
  std::atomic<queue_link*> next = nullptr;
};

/// Work that is done once, and what came of it. Counted by reference. From pending, somebody claims it and runs it, or cancels it;
/// its result is written before it is published by complete(), and not changed afterwards.
class FOLDGRID_API task : private queue_link {
 public:
  enum status : std::uint32_t { pending, running, succeeded, failed, cancelled };

  task() = default;
  task(const task&) = delete;
  task& operator=(const task&) = delete;

  status now() const noexcept { return static_cast<status>(word_.load(std::memory_order_acquire) & status_bits); }
  bool done() const noexcept { return now() > running; }

  /// Cancels it unless it has begun, with that error or one of its own; true when it is cancelled now, by whomever.
  bool cancel(const std::exception_ptr& why = nullptr) noexcept;
  /// Waits until it is done. Inside a task of a pool the waiting thread runs what it waits for, and what that has submitted, as long as
  /// no worker has begun it. Throws broken_executor in a forked child.
  void wait();
  /// Waits without helping; false when the time is up first.
  bool wait_for(std::chrono::duration<double> limit);

  /// Tells the listener when the task is done; false when it is done already, and the listener will not be told.
  bool listen(listener& who) noexcept { return add_listener(who, has_listeners); }
  /// The same for a listener that reads the result, which is not taken away meanwhile.
  bool listen_to_result(listener& who) noexcept { return add_listener(who, has_listeners | has_callbacks); }
  /// Takes a listener back; false when it has been told, or is being told right now.
  bool unlisten(listener& who) noexcept;
  /// Waits for the listeners that read the result, unless called by one of them.
  void wait_for_readers() const noexcept;

  void add_reference() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (references_.load(std::memory_order_acquire) == 1 || references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  static void* operator new(std::size_t bytes) { return allocate_task(bytes); }
  static void operator delete(void* block, std::size_t bytes) noexcept { free_task(block, bytes); }
  static void* operator new(std::size_t bytes, std::align_val_t alignment) { return ::operator new(bytes, alignment); }
  static void operator delete(void* block, std::size_t, std::align_val_t alignment) noexcept { ::operator delete(block, alignment); }

 protected:
  virtual ~task();
  /// Does the work and ends with complete(). Called by who claimed the task.
  virtual void run() noexcept = 0;
  /// In place of run(): destroys the work and keeps the error as the result.
  virtual void drop(std::exception_ptr why, status outcome) noexcept = 0;
  /// What a task made of others waits for next, with a reference; null when there is nothing to help with.
  virtual task* part() noexcept { return nullptr; }

  /// True for the one who may run or drop it.
  bool claim() noexcept;
  /// Publishes the result and tells who waits.
  void complete(status outcome) noexcept;

 private:
  friend class family;
  friend class task_queue;
  friend class completions;
  friend class thread_pool;
  friend class engine;
  template <class R>
  friend class result_task;

  static constexpr std::uint32_t status_bits = 7, has_listeners = 8, has_callbacks = 16, in_callbacks = 32;
  bool add_listener(listener& who, std::uint32_t bits) noexcept;

  std::atomic<std::uint32_t> word_ = pending;
  std::atomic<std::uint32_t> references_ = 1;
  std::atomic<thread_pool*> pool_ = nullptr;   // null when no worker runs it
  listener* listeners_ = nullptr;              // in order of arrival
  const void* teller_ = nullptr;               // the thread that tells the listeners
  spin_lock lock_;                             // of the listeners
  std::atomic_flag taken_ = {};                // the result was moved out
  bool has_family_ = false;                    // has or had a parent or children
  std::atomic<unsigned> fork_generation_ = 0;  // in which it was submitted
  // under the lock of all families: the task that submitted this one, and those it submitted that are not done
  task* parent_ = nullptr;
  task* child_ = nullptr;
  task* next_sibling_ = nullptr;
  task* previous_sibling_ = nullptr;
};

}  // namespace foldgrid::detail
