// SPDX-License-Identifier: MIT
// A call under way on a device: its memory there, its launches, and its times.
#pragma once

#include "gpu/device.hpp"
#include "gpu/pieces.hpp"

#include "engine.hpp"

#include <foldgrid/detail/offload.hpp>

#include <chrono>
#include <cstddef>
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

namespace foldgrid::detail::cuda {

/// Lives on the stack of the thread that makes the call; holds a stream, and keeps the device's context current.
class device_run {
 public:
  device_run(call& of, device_launch& launch)
      : of_(of), device_(*launch.device), launch_(launch), current_(device_.context_handle()), lane_(device_) {}

  device_run(const device_run&) = delete;
  device_run& operator=(const device_run&) = delete;
  /// After an error, waits for what is still under way on the caller's arrays; the tickets may be half counted.
  ~device_run() {
    if (finished_) return;
    driver::get().cuStreamSynchronize(lane_->on);
    lane_->workspace_bytes = 0;
  }

  function kernel() { return device_.kernel_of(launch_.text); }

  /// Memory that lives until the call ends.
  address memory(std::size_t bytes) { return memory_.emplace_back(device_, bytes, lane_->on).at(); }

  void copy_inputs() {
    mark(start);
    for (const kernel_arguments::host_array& each : launch_.arguments.arrays()) {
      const address copy = memory(each.bytes);
      if (each.bytes != 0) FOLDGRID_CUDA(cuMemcpyHtoDAsync, copy, each.data, each.bytes, lane_->on);
      std::memcpy(launch_.arguments.bytes().data() + each.offset, &copy, sizeof copy);
    }
  }

  /// Launches the kernel over a piece, with the call's arguments, base, n and what follows.
  template <class... More>
  void run(function kernel, const piece& over, More... more) {
    address base = over.first, n = over.count;
    std::vector<void*> parameters;
    for (const std::size_t offset : launch_.arguments.offsets()) parameters.push_back(launch_.arguments.bytes().data() + offset);
    parameters.insert(parameters.end(), {&base, &n, const_cast<void*>(static_cast<const void*>(more))...});
    if (over.first == 0) mark(copied_in);
    const auto began = std::chrono::steady_clock::now();
    FOLDGRID_CUDA(cuLaunchKernel, kernel, static_cast<unsigned>(blocks(over.count)), 1u, 1u, 256u, 1u, 1u, 0u, lane_->on, parameters.data(),
                  nullptr);
    if (over.is_last) {
      mark(computed);
      complete_ = true;
    } else {
      wait();
      seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
      of_.advance(over.count);
    }
  }

  void copy_back(void* to, address from, std::size_t bytes) { FOLDGRID_CUDA(cuMemcpyDtoHAsync, to, from, bytes, lane_->on); }
  void wait() { FOLDGRID_CUDA(cuStreamSynchronize, lane_->on); }

  /// What the last launch took, when it was not that of the last piece.
  double seconds_of_launch() const noexcept { return seconds_; }
  /// True when the last piece has been launched: the call was not stopped before.
  bool complete() const noexcept { return complete_; }

  /// Waits for the work, of which `last` items were launched last, and tells the call of it.
  void finish(std::size_t last) {
    if (!complete_) return wait();
    mark(copied_back);
    wait();
    finished_ = true;
    if (of_.tells()) {
      of_.ran(backend::gpu, device_.name(), of_.where().where() == backend::gpu ? "asked for" : "automatic: worth a GPU");
      of_.took(seconds(start, copied_in) + seconds(computed, copied_back), seconds(copied_in, computed));
    }
    of_.advance(last);
  }

  std::size_t blocks(std::size_t leaves) const noexcept { return (leaves + launch_.shape.in_block - 1) / launch_.shape.in_block; }

  /// Zeroed counts for the groups of blocks, left zero by every launch.
  address tickets(std::size_t count) {
    const std::size_t bytes = count * sizeof(unsigned);
    if (lane_->workspace_bytes < bytes) {
      device_.release(std::exchange(lane_->workspace, 0), lane_->on);
      lane_->workspace_bytes = 0;
      lane_->workspace = device_.allocate(bytes, lane_->on);
      FOLDGRID_CUDA(cuMemsetD8Async, lane_->workspace, static_cast<unsigned char>(0), bytes, lane_->on);
      lane_->workspace_bytes = bytes;
    }
    return lane_->workspace;
  }

 private:
  enum moment { start, copied_in, computed, copied_back };

  /// Marks the moment on the stream when somebody reads the times.
  void mark(moment now) {
    if (!of_.tells()) return;
    event& at = lane_->marks[now];
    if (at == nullptr) FOLDGRID_CUDA(cuEventCreate, &at, event_default);
    FOLDGRID_CUDA(cuEventRecord, at, lane_->on);
  }
  double seconds(moment from, moment to) {
    float milliseconds = 0;
    FOLDGRID_CUDA(cuEventElapsedTime, &milliseconds, lane_->marks[from], lane_->marks[to]);
    return 1e-3 * static_cast<double>(milliseconds);
  }

  call& of_;
  device_object& device_;
  device_launch& launch_;
  context_guard current_;
  lane_lease lane_;
  std::deque<device_memory> memory_;
  double seconds_ = 0;
  bool complete_ = false, finished_ = false;
};

}  // namespace foldgrid::detail::cuda
