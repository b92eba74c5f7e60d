// SPDX-License-Identifier: MIT
// Opens a device and keeps its context, memory pool, streams and kernels.
#include "gpu/device.hpp"

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
  static auto* const opened = new std::map<int, device_object*>;  // never closed: device arrays may outlive every static object
  const std::lock_guard lock(mutex);
  device_object*& found = (*opened)[ordinal];
  if (found == nullptr) found = new device_object(ordinal);
  return *found;
}

device_object::device_object(int ordinal) : ordinal_(ordinal) {
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
  FOLDGRID_CUDA(cuDevicePrimaryCtxRetain, &context_, handle);
  if (pools == 0) return;
  const context_guard current(context_);
  pool_properties properties;
  properties.location.id = ordinal;
  FOLDGRID_CUDA(cuMemPoolCreate, &pool_, &properties);
  unsigned long long keep_all = std::numeric_limits<unsigned long long>::max();
  FOLDGRID_CUDA(cuMemPoolSetAttribute, pool_, pool_release_threshold, &keep_all);
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
