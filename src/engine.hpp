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

  /// Throws broken_executor when the process has forked since or the engine was shut down.
  void check() const;
  /// Runs the job on at most `participants` threads.
  void run(job& work, std::size_t participants);
  /// True when the thread that calls run() is one of them: then it needs no free worker.
  bool caller_takes_part() const noexcept { return caller_takes_part_; }
  /// Hands a new task to the workers; a serial engine runs it at once.
  void start(task& work);

  /// Nothing new is taken from now on. What has begun ends, and what is pending runs or is cancelled; waits for that unless called by
  /// one of the workers.
  void shutdown(bool wait, bool cancel_pending);
  /// Cancels what is pending, and stops the tokens of what runs.
  void request_stop();
  /// How often stopping was asked for: a call that began before is over then.
  unsigned stops() const noexcept { return stops_.load(std::memory_order_relaxed); }
  /// Stopped by the next request_stop().
  std::stop_token token() const;

  /// The backend the executor is on; automatic executors work on threads unless a call is worth a GPU.
  backend where() const noexcept { return where_; }
  bool automatic() const noexcept { return automatic_; }
  /// The GPU of the executor: asked for, or, when automatic, the one asked for if there is one; null when there is none. Opens the driver.
  cuda::device_object* gpu();
  /// Why an automatic executor has none.
  const std::string& no_gpu() const noexcept { return no_gpu_; }
  std::size_t workers() const noexcept { return workers_; }
  const std::string& reason() const noexcept { return reason_; }
  std::string device() const;
  /// Reports say from now on that work is done there: the threads only wait for it.
  FOLDGRID_API void present(backend where, std::string device);  // called by foldgrid_mpi
  backend shown() const noexcept { return shown_; }
  bool logs() const noexcept { return logs_; }

 private:
  backend where_;
  bool automatic_;
  int gpu_asked_;
  cuda::device_object* gpu_ = nullptr;
  std::once_flag gpu_sought_;
  std::string no_gpu_;
  std::size_t workers_;
  backend shown_;
  std::string shown_device_;
  std::string reason_;
  bool logs_, caller_takes_part_;
  unsigned fork_generation_;
  std::atomic<bool> closed_ = false;
  std::atomic<unsigned> stops_ = 0;
  mutable std::mutex stop_mutex_;
  std::stop_source stop_;
  std::function<void()> initializer_;  // serial only: run once, before the first item
  std::once_flag initialized_;
  void run_initializer();

  std::shared_ptr<thread_pool> pool_;  // null when serial
};

}  // namespace foldgrid::detail
