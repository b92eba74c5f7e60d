// SPDX-License-Identifier: MIT
// One GPU of this process: its context, streams, memory and kernels. Shared by all executors.
#pragma once

#include "gpu/driver.hpp"

#include <foldgrid/detail/kernel_text.hpp>
#include <foldgrid/tuning.cuh>

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace foldgrid::detail::cuda {

/// Makes the device's context current in the calling thread, and puts back what was there before. Meanwhile the thread may allocate memory
/// and wait, whatever the caller, or another thread, captures into a CUDA graph: all that is on streams of ours.
class context_guard {
 public:
  explicit context_guard(context with) {
    FOLDGRID_CUDA(cuCtxPushCurrent, with);
    relaxed_ = driver::get().cuThreadExchangeStreamCaptureMode(&mode_) == success;
  }
  context_guard(const context_guard&) = delete;
  context_guard& operator=(const context_guard&) = delete;
  ~context_guard() {
    const driver& calls = driver::get();
    if (relaxed_) calls.cuThreadExchangeStreamCaptureMode(&mode_);
    context popped;
    calls.cuCtxPopCurrent(&popped);
  }

 private:
  int mode_ = capture_relaxed;
  bool relaxed_;
};

/// Launches so many blocks of a kernel. The context must be current.
inline void launch_blocks(function kernel, std::size_t blocks, stream on, void** parameters) {
  constexpr std::size_t most = 0x7fffffff;
  if (blocks > most)
    throw error("asked for a kernel of " + std::to_string(blocks) + " blocks, found that a GPU launches at most " + std::to_string(most) +
                "; cut the call into smaller ones");
  FOLDGRID_CUDA(cuLaunchKernel, kernel, static_cast<unsigned>(blocks), 1u, 1u, static_cast<unsigned>(gpu::threads_in_block), 1u, 1u, 0u, on,
                parameters, nullptr);
}

/// Memory of a device that is kept between calls, and grows.
struct kept_memory {
  address at = 0;
  std::size_t bytes = 0;
};

/// A stream and what belongs to the one launch in flight on it: kept, so that small work allocates nothing.
struct lane {
  static constexpr std::size_t cell_bytes = 4096;
  stream on = nullptr;
  kept_memory tickets;   ///< all zero between launches
  kept_memory partials;  ///< of the blocks of a reduction, when they are not many
  std::byte* cell =
      nullptr;             ///< pinned, where a kernel writes a reduction's value; made by the first, null where there is no memory to pin
  event before = nullptr;  ///< made by the first call that starts after a stream of the caller's
  event marks[4] = {};     ///< made by the first call that wants to know its times
};

class staging;

class device_object {
 public:
  /// The device with this ordinal, opened when first asked for. Throws backend_unavailable saying why there is none, or why it cannot
  /// be opened.
  static device_object& get(int ordinal);

  const std::string& name() const noexcept { return name_; }
  int ordinal() const noexcept { return ordinal_; }
  int capability() const noexcept { return capability_; }
  std::size_t total_bytes() const noexcept { return total_bytes_; }
  int multiprocessors() const noexcept { return multiprocessors_; }

  /// Why nothing works on the device any more; null while it does.
  const std::string* lost() const noexcept { return lost_.load(std::memory_order_acquire); }
  /// True in a forked child of the process that opened it: nothing of the device can be used there.
  bool is_of_parent() const noexcept;
  /// Throws broken_executor when the device was lost, or the process is a forked child of the one that opened it.
  void check_usable(const char* verb) const;
  /// From now on the device is lost, because of this trouble with the driver; throws broken_executor.
  [[noreturn]] void lose(const char* verb, const char* trouble);
  context context_handle() const noexcept { return context_; }

  /// Memory on the device; 0 bytes give address 0. Throws driver_error with out_of_memory. The context must be current.
  address allocate(std::size_t bytes, stream on);
  /// Memory that belongs to the graph being captured from the stream, until it is freed there. Throws error where the device has no pools.
  address allocate_in_graph(const char* verb, std::size_t bytes, stream captured);
  /// Gives memory back once the stream has come so far. Never throws.
  void release(address memory, stream on) noexcept;

  /// A stream for one call, made when all are in use.
  lane take_lane();
  void give_back(lane used) noexcept;

  /// What large copies go through; made when first asked for.
  staging& staging_area();

  /// The kernel of a text: prebuilt, found in the kernel cache, or compiled, when it is new to this process; or what nvcc has compiled.
  /// Throws compile_error, or backend_unavailable when it would have to be compiled and there is no compiler, or nvcc has not for this
  /// device. The context must be current.
  function kernel_of(kernel_source of);

 private:
  device_object(int ordinal);
  void make_pool();
  function prebuilt_kernel(const std::string& text);
  function compiled_kernel(const std::string& text);

  const int ordinal_;
  context context_ = nullptr;
  std::string name_;
  int capability_ = 0;
  std::size_t total_bytes_ = 0;
  int multiprocessors_ = 1;
  const unsigned fork_generation_;
  std::atomic<const std::string*> lost_ = nullptr;
  memory_pool pool_ = nullptr;  // null where the device has none
  std::mutex lanes_mutex_;
  std::vector<lane> idle_lanes_;
  std::once_flag staging_made_;
  staging* staging_ = nullptr;
  std::mutex kernels_mutex_;
  std::map<kernel_text (*)(), function> kernels_;
  std::map<void* (*)(const char**), function> compiled_kernels_;
  std::map<std::string, function> functions_;        // by text: two calls may have the same
  std::map<std::string, std::string> failed_texts_;  // what the compiler said of them, by key
  bool prebuilt_sought_ = false;
  library prebuilt_ = nullptr;  // null when there is none, or the driver refuses it
};

/// A lane for the time of one call.
class lane_lease {
 public:
  explicit lane_lease(device_object& of) : device_(of), lane_(of.take_lane()) {}
  lane_lease(const lane_lease&) = delete;
  lane_lease& operator=(const lane_lease&) = delete;
  ~lane_lease() { device_.give_back(lane_); }
  lane& operator*() noexcept { return lane_; }
  lane* operator->() noexcept { return &lane_; }

 private:
  device_object& device_;
  lane lane_;
};

/// Memory for the time of one call.
class device_memory {
 public:
  device_memory(device_object& of, std::size_t bytes, stream on) : device_(of), on_(on), at_(of.allocate(bytes, on)) {}
  device_memory(const device_memory&) = delete;
  device_memory& operator=(const device_memory&) = delete;
  ~device_memory() { device_.release(at_, on_); }
  address at() const noexcept { return at_; }

 private:
  device_object& device_;
  stream on_;
  address at_;
};

}  // namespace foldgrid::detail::cuda
