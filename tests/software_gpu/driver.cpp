// SPDX-License-Identifier: MIT
// A stand-in for libcuda.so.1 on the software GPU: memory, streams, modules and launches; work happens only when a stream is waited for.
// What it was asked for can be counted by software_cuda_count(name), and made to fail: see trouble.hpp. Environment variables:
// SOFTWARE_CUDA_MEMORY, bytes there are; SOFTWARE_CUDA_SLOW, milliseconds that every launch takes longer; SOFTWARE_CUDA_DEVICES,
// SOFTWARE_CUDA_CAPABILITY, SOFTWARE_CUDA_INIT, SOFTWARE_CUDA_VERSION, SOFTWARE_CUDA_POOLS, SOFTWARE_CUDA_LACKS,
// SOFTWARE_CUDA_REFUSES_FATBIN: what is found.
#include "driver_calls.hpp"
#include "memory.hpp"
#include "stream.hpp"
#include "trouble.hpp"

#include <gpu/cuda_api.hpp>

#include <cstdlib>
#include <mutex>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace {

std::recursive_mutex mutex;
software_gpu::trouble& planted() {
  static software_gpu::trouble all("SOFTWARE_CUDA");
  return all;
}

/// A stream whose waiting fails does nothing more: the host's memory may be gone.
template <class... P>
void drop_work(P... p) {
  if constexpr (std::is_same_v<std::tuple<P...>, std::tuple<stream>>) ((p->work.clear(), free_memory(p)), ...);
}

/// Counts a call and runs it under the one lock, unless it is to fail.
#define FOLDGRID_DETAIL_COUNTED(name, parameters)                         \
  struct counted_##name {                                                 \
    template <class... P>                                                 \
    static result run(P... p) {                                           \
      const std::lock_guard lock(mutex);                                  \
      if (const result code = planted().before(#name); code != success) { \
        drop_work<P...>(p...);                                            \
        return code;                                                      \
      }                                                                   \
      return calls::name(p...);                                           \
    }                                                                     \
    template <class... P>                                                 \
    static void* pointer_to(result (*)(P...)) {                           \
      return reinterpret_cast<void*>(&run<P...>);                         \
    }                                                                     \
  };
FOLDGRID_DRIVER_CALLS(FOLDGRID_DETAIL_COUNTED)
#undef FOLDGRID_DETAIL_COUNTED

}  // namespace

extern "C" {

[[gnu::visibility("default")]] int cuDriverGetVersion(int* version) { return counted_cuDriverGetVersion::run(version); }

[[gnu::visibility("default")]] int cuGetProcAddress_v2(const char* symbol, void** found, int, unsigned long long, int* status) {
  const std::string name = symbol;
  *found = nullptr;
  if (const char* const missing = std::getenv("SOFTWARE_CUDA_LACKS"); missing == nullptr || name != missing) {
#define FOLDGRID_DETAIL_FIND(call, parameters) \
  if (name == #call) *found = counted_##call::pointer_to(&calls::call);
    FOLDGRID_DRIVER_CALLS(FOLDGRID_DETAIL_FIND)
#undef FOLDGRID_DETAIL_FIND
  }
  *status = *found == nullptr ? 1 : 0;
  return *found == nullptr ? not_found : success;
}

/// How often a call was made.
[[gnu::visibility("default")]] std::size_t software_cuda_count(const char* name) {
  const std::lock_guard lock(mutex);
  return planted().count(name);
}
/// The calls made since, a name a line; asking begins anew.
[[gnu::visibility("default")]] const char* software_cuda_calls() {
  const std::lock_guard lock(mutex);
  static std::string told;
  told = std::exchange(planted().calls, {});
  return told.c_str();
}
/// Bytes of the host that were pinned for good.
[[gnu::visibility("default")]] std::size_t software_cuda_pinned_bytes() {
  const std::lock_guard lock(mutex);
  return pinned_bytes;
}
/// Blocks of the last launch.
[[gnu::visibility("default")]] std::size_t software_cuda_blocks_launched() {
  const std::lock_guard lock(mutex);
  return blocks_launched;
}
/// Captures under way: one more, or one less.
[[gnu::visibility("default")]] void software_cuda_captures(int more) {
  const std::lock_guard lock(mutex);
  captures += more;
}
/// Bytes there are.
[[gnu::visibility("default")]] void software_cuda_limit(std::size_t bytes) { software_gpu::limit_device_memory(bytes); }
/// What cudaDeviceReset does to the primary context.
[[gnu::visibility("default")]] void software_cuda_reset() {
  const std::lock_guard lock(mutex);
  was_reset = true;
}
/// Blocks of device memory that are allocated when all streams have done their work.
[[gnu::visibility("default")]] std::size_t software_cuda_blocks() {
  const std::lock_guard lock(mutex);
  for (const stream each : streams) run_work(each);
  return software_gpu::device_memory_use().blocks;
}
/// Bytes ever copied to the device, and from it.
[[gnu::visibility("default")]] std::size_t software_cuda_bytes_in() { return software_gpu::device_memory_use().bytes_in; }
[[gnu::visibility("default")]] std::size_t software_cuda_bytes_out() { return software_gpu::device_memory_use().bytes_out; }
}
