// SPDX-License-Identifier: MIT
// What an executor runs on: its backend, its threads, and whether it can be used.
#pragma once

#include "thread_pool.hpp"

#include <foldgrid/detail/call.hpp>

#include <memory>
#include <mutex>
#include <string>

namespace foldgrid::detail {

class engine {
 public:
  explicit engine(const executor_options& asked);
  ~engine();

  /// Throws broken_executor when the process has forked since or the initializer failed.
  void check() const;
  /// Runs the job on at most `participants` threads.
  void run(job& work, std::size_t participants);

  backend where() const noexcept { return where_; }
  std::size_t workers() const noexcept { return workers_; }
  const std::string& reason() const noexcept { return reason_; }
  std::string device() const;
  bool logs() const noexcept { return logs_; }

 private:
  backend where_;
  std::size_t workers_;
  std::string reason_;
  bool logs_;
  unsigned fork_generation_;
  std::function<void()> initializer_;  // serial only: run once, before the first item
  std::once_flag initialized_;
  std::unique_ptr<thread_pool> pool_;  // null for one thread that is the caller's
};

}  // namespace foldgrid::detail
