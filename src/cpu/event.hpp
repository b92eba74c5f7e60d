// SPDX-License-Identifier: MIT
// What a thread sleeps on until a task is done or it is woken for another reason.
#pragma once

#include <foldgrid/detail/task.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace foldgrid::detail {

/// Lives on the stack of the thread that waits.
class event final : public listener {
 public:
  using clock = std::chrono::steady_clock;

  void done() noexcept override {
    const std::lock_guard lock(mutex_);
    told_ = set_ = true;
    changed_.notify_one();
  }
  void set() noexcept {
    const std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_one();
  }
  /// Sleeps until it is set, and takes that back.
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return set_; });
    set_ = false;
  }
  /// False when the time is up first.
  bool wait_until(clock::time_point end) {
    std::unique_lock lock(mutex_);
    const bool was_set = changed_.wait_until(lock, end, [this] { return set_; });
    set_ = false;
    return was_set;
  }
  /// Leaves the task it listens to: on return nobody will touch this event on its behalf.
  void leave(task& of) {
    if (of.unlisten(*this)) return;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return told_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false, told_ = false;
};

}  // namespace foldgrid::detail
