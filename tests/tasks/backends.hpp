// SPDX-License-Identifier: MIT
// The executors that suites of tasks run on, and what their tests need to put tasks in order without sleeping.
#pragma once

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>

namespace fg = foldgrid;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

/// No workers stand for the serial executor.
inline fg::executor_options on(int workers) {
  return workers == 0 ? fg::executor_options{.where = fg::backend::serial}
                      : fg::executor_options{.where = fg::backend::threads, .workers = workers};
}

class on_a_backend : public testing::TestWithParam<int> {
 protected:
  static bool serial() { return GetParam() == 0; }
  const fg::executor pool{on(GetParam())};
};

/// Closed until somebody opens it.
class gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

/// Counts up; somebody waits until it has come far enough.
class counter {
 public:
  int add(int n = 1) {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
    return value_ += n;
  }
  int now() {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void wait_for(int least) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return value_ >= least; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int value_ = 0;
};

/// All workers of a pool, each with a task that has begun and ends when they are released.
class occupied {
 public:
  occupied(const fg::executor& pool, int workers) {
    for (int i = 0; i < workers; ++i)
      tasks_.push_back(pool.submit([this] {
        begun_.add();
        end_.wait();
      }));
    begun_.wait_for(workers);
  }
  occupied(const occupied&) = delete;
  occupied& operator=(const occupied&) = delete;
  ~occupied() { release(); }
  void let_go() { end_.open(); }
  void release() {
    let_go();
    for (auto& each : tasks_) each.wait();
  }
  fg::future<void>& task(std::size_t i) { return tasks_[i]; }

 private:
  gate end_;
  counter begun_;
  std::deque<fg::future<void>> tasks_;
};

/// All workers are busy: what is submitted is pending until they are released.
class on_busy_workers : public on_a_backend {
 protected:
  occupied workers{pool, GetParam()};
};
