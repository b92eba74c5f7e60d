// SPDX-License-Identifier: MIT
// Tasks in order of arrival: pushing never waits, those who take one wait for each other.
#pragma once

#include <foldgrid/detail/task.hpp>

#include <atomic>

namespace foldgrid::detail {

/// The intrusive queue of Dmitry Vyukov (non-blocking for producers, one consumer), whose consumers take turns under a lock. Holds a
/// reference to each of its tasks, which may have been claimed or cancelled since they were pushed.
class task_queue {
 public:
  task_queue() = default;
  task_queue(const task_queue&) = delete;
  task_queue& operator=(const task_queue&) = delete;

  void push(task& newest) noexcept {
    queue_link& link = newest;
    link.next.store(nullptr, std::memory_order_relaxed);
    last_.exchange(&link, std::memory_order_seq_cst)->next.store(&link, std::memory_order_release);
  }

  /// Sequentially consistent, as what a worker looks at before it sleeps has to be. The stub is last only when there is no task.
  bool empty() const noexcept { return last_.load(std::memory_order_seq_cst) == &stub_; }

  /// The oldest task, and the reference to it; null when there is none, or when the oldest is just being pushed.
  task* pop() noexcept {
    if (seems_empty()) return nullptr;
    const spin_guard guard(taking_);
    queue_link* first = first_.load(std::memory_order_relaxed);
    queue_link* second = first->next.load(std::memory_order_acquire);
    if (first == &stub_) {
      if (second == nullptr) return nullptr;
      first = second;
      first_.store(first, std::memory_order_relaxed);
      second = first->next.load(std::memory_order_acquire);
    }
    if (second == nullptr) {  // the last one, so far
      stub_.next.store(nullptr, std::memory_order_relaxed);
      queue_link* last = first;
      if (!last_.compare_exchange_strong(last, &stub_, std::memory_order_seq_cst)) return nullptr;
      second = &stub_;
    }
    first_.store(second, std::memory_order_relaxed);
    return static_cast<task*>(first);
  }

 private:
  /// The same as empty() without a look at what is written by each push.
  bool seems_empty() const noexcept {
    return first_.load(std::memory_order_relaxed) == &stub_ && stub_.next.load(std::memory_order_relaxed) == nullptr;
  }

  alignas(64) std::atomic<queue_link*> last_ = &stub_;
  alignas(64) spin_lock taking_;
  std::atomic<queue_link*> first_ = &stub_;  // written under the lock
  queue_link stub_;
};

}  // namespace foldgrid::detail
