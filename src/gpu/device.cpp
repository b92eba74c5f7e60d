// SPDX-License-Identifier: MIT
// Opens a device and keeps its context, memory pool, streams and kernels.
#include "gpu/device.hpp"

#include "forks.hpp"

#include <limits>

namespace foldgrid::detail::cuda {

device_object& device_object::get(int ordinal) {
  const driver& calls = driver::get();
  if (calls.device_count == 0)
    throw backend_unavailable("executor: asked for backend::gpu; " + calls.reason +
                              ". Use backend::threads, or backend::automatic, which takes the best there is");
  if (ordinal < 0 || ordinal >= calls.device_count)
    throw backend_unavailable("executor: asked for GPU number " + std::to_string(ordinal) + "; this process sees " +
                              std::to_string(calls.device_count) + ", numbered from 0");
  static std::mutex mutex;
  static const held_over_fork over_fork(mutex);
  static auto* const opened = new std::map<int, device_object*>;  // never closed: device arrays may outlive every static object
  const std::lock_guard lock(mutex);
  device_object*& found = (*opened)[ordinal];
  try {
    if (found == nullptr) found = new device_object(ordinal);
  } catch (const driver_error& e) {
    throw backend_unavailable("executor: asked for a GPU; number " + std::to_string(ordinal) + " cannot be opened: " + e.what() +
                              "; see whether nvidia-smi lists it as working");
  }
  if (found->is_of_parent())
    throw backend_unavailable(
        "executor: asked for a GPU in a forked child, whose parent has used it; use it in one of the two only, or start "
        "the child by exec");
  return *found;
}

device_object::device_object(int ordinal) : ordinal_(ordinal), fork_generation_(fork_generation()) {
  device handle;
  FOLDGRID_CUDA(cuDeviceGet, &handle, ordinal);
  char name[256] = {};
  FOLDGRID_CUDA(cuDeviceGetName, name, static_cast<int>(sizeof name) - 1, handle);
  name_ = name;
  int major = 0, minor = 0, pools = 0;
  FOLDGRID_CUDA(cuDeviceGetAttribute, &major, capability_major, handle);
  FOLDGRID_CUDA(cuDeviceGetAttribute, &minor, capability_minor, handle);
  FOLDGRID_CUDA(cuDeviceGetAttribute, &pools, memory_pools_supported, handle);
  capability_ = 10 * major + minor;
  FOLDGRID_CUDA(cuDeviceTotalMem, &total_bytes_, handle);
  FOLDGRID_CUDA(cuDeviceGetAttribute, &multiprocessors_, multiprocessor_count, handle);
  FOLDGRID_CUDA(cuDevicePrimaryCtxRetain, &context_, handle);
  try {
    if (pools != 0) make_pool();
  } catch (...) {
    driver::get().cuDevicePrimaryCtxRelease(handle);
    throw;
  }
}

void device_object::make_pool() {
  const context_guard current(context_);
  pool_properties properties;
  properties.location.id = ordinal_;
  FOLDGRID_CUDA(cuMemPoolCreate, &pool_, &properties);
  unsigned long long keep_all = std::numeric_limits<unsigned long long>::max();
  try {
    FOLDGRID_CUDA(cuMemPoolSetAttribute, pool_, pool_release_threshold, &keep_all);
  } catch (...) {
    driver::get().cuMemPoolDestroy(pool_);
    throw;
  }
}

bool device_object::is_of_parent() const noexcept { return fork_generation_ != fork_generation(); }

void device_object::check_usable(const char* verb) const {
  check_fork(fork_generation_);
  if (const std::string* const trouble = lost()) throw broken_executor(std::string(verb) + ": " + *trouble);
}

void device_object::lose(const char* verb, const char* trouble) {
  if (lost() == nullptr) {
    const auto* const text =
        new std::string(name_ + " was lost (" + trouble +
                        "): nothing works on it any more, and what lay there is gone. Use backend::threads, or start the "
                        "program again");
    const std::string* none = nullptr;
    if (!lost_.compare_exchange_strong(none, text, std::memory_order_acq_rel)) delete text;
  }
  throw broken_executor(std::string(verb) + ": " + *lost());
}

address device_object::allocate(std::size_t bytes, stream on) {
  if (bytes == 0) return 0;
  address memory = 0;
  if (pool_ == nullptr) {
    FOLDGRID_CUDA(cuMemAlloc, &memory, bytes);
    return memory;
  }
  const driver& calls = driver::get();
  result code = calls.cuMemAllocFromPoolAsync(&memory, bytes, pool_, on);
  if (code == out_of_memory) {  // what the pool has kept for later may be in pieces too small
    calls.cuStreamSynchronize(on);
    calls.cuMemPoolTrimTo(pool_, 0);
    code = calls.cuMemAllocFromPoolAsync(&memory, bytes, pool_, on);
  }
  check(code, "cuMemAllocFromPoolAsync");
  return memory;
}

address device_object::allocate_in_graph(const char* verb, std::size_t bytes, stream captured) {
  if (bytes == 0) return 0;
  if (pool_ == nullptr)
    throw error(std::string(verb) + ": captured into a CUDA graph, which would own memory of a pool, and " + name_ +
                " has none; reduce fewer elements, or do not capture the call");
  address memory = 0;
  FOLDGRID_CUDA(cuMemAllocFromPoolAsync, &memory, bytes, pool_, captured);
  return memory;
}

void device_object::release(address memory, stream on) noexcept {
  if (memory == 0) return;
  if (pool_ == nullptr) {
    driver::get().cuMemFree(memory);
  } else {
    driver::get().cuMemFreeAsync(memory, on);
  }
}

lane device_object::take_lane() {
  {
    const std::lock_guard lock(lanes_mutex_);
    if (!idle_lanes_.empty()) {
      const lane found = idle_lanes_.back();
      idle_lanes_.pop_back();
      return found;
    }
  }
  lane made;
  FOLDGRID_CUDA(cuStreamCreate, &made.on, stream_non_blocking);
  return made;
}

void device_object::give_back(lane used) noexcept {
  const std::lock_guard lock(lanes_mutex_);
  try {
    idle_lanes_.push_back(used);
  } catch (...) {  // the stream is lost, which costs less than the result
  }
}

}  // namespace foldgrid::detail::cuda
