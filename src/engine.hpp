// SPDX-License-Identifier: MIT
// What an executor runs on: its backend, its threads, and whether it can be used.
#pragma once

#include "cpu/thread_pool.hpp"

#include <foldgrid/detail/call.hpp>

#include <memory>
#include <mutex>
#include <string>

namespace foldgrid::detail {

namespace cuda {
class device_object;
}

class engine {
 public:
  explicit engine(const executor_options& asked);
  ~engine();

  /// Throws broken_executor when the process has forked since or the initializer failed.
  void check() const;
  /// Runs the job on at most `participants` threads.
  void run(job& work, std::size_t participants);

  /// The backend the executor is on; automatic executors work on threads unless a call is worth a GPU.
  backend where() const noexcept { return where_; }
  bool automatic() const noexcept { return automatic_; }
  /// The GPU of the executor: asked for, or the first one when automatic; null when there is none. Opens the driver.
  cuda::device_object* gpu();
  std::size_t workers() const noexcept { return workers_; }
  const std::string& reason() const noexcept { return reason_; }
  std::string device() const;
  bool logs() const noexcept { return logs_; }

 private:
  backend where_;
  bool automatic_;
  cuda::device_object* gpu_ = nullptr;
  std::once_flag gpu_sought_;
  std::size_t workers_;
  std::string reason_;
  bool logs_;
  unsigned fork_generation_;
  std::function<void()> initializer_;  // serial only: run once, before the first item
  std::once_flag initialized_;
  std::unique_ptr<thread_pool> pool_;  // null for one thread that is the caller's
};

}  // namespace foldgrid::detail
