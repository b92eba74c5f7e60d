// SPDX-License-Identifier: MIT
// What each call of the driver does on the software GPU, and the state behind them all; the caller holds the driver's one lock.
#pragma once

#include "argument_values.hpp"
#include "emulator.hpp"
#include "loading.hpp"
#include "memory.hpp"
#include "module.hpp"
#include "registered.hpp"
#include "stream.hpp"

#include <dlfcn.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace foldgrid::detail::cuda {
struct context_object {};
struct library_object {
  void* handle;
};
struct kernel_object {};
struct function_object {};
struct memory_pool_object {};
}  // namespace foldgrid::detail::cuda

namespace {

using namespace foldgrid::detail::cuda;

int environment_number(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text ? std::atoi(text) : otherwise;
}

context_object primary;
std::vector<context>& contexts() {
  thread_local std::vector<context> stack;
  return stack;
}
bool has_context() { return !contexts().empty() && contexts().back() == &primary; }

address address_of(void* memory) { return reinterpret_cast<address>(memory); }

std::vector<stream> streams;

software_gpu::options launch_options() {
  static std::uint64_t launches = 0;
  return {.scheduling = software_gpu::all_orders[launches % software_gpu::all_orders.size()], .seed = ++launches};
}

constexpr result invalid_value = 1, invalid_context = 201, invalid_handle = 400, context_is_destroyed = 709;
bool was_reset = false;
int captures = 0;                   // under way
thread_local int capture_mode = 0;  // global: a call that might wait for a stream is not allowed during a capture
bool is_forbidden() { return captures != 0 && capture_mode != capture_relaxed; }
std::size_t pinned_bytes = 0, blocks_launched = 0;

/// The stream meant: the caller may name the default streams by numbers.
stream known_stream(stream named) {
  static stream_object by_default;
  return reinterpret_cast<std::uintptr_t>(named) <= 2 ? &by_default : named;
}

// The calls, named as in the interface.
namespace calls {

result cuInit(unsigned) {
  if (const char* const memory = std::getenv("SOFTWARE_CUDA_MEMORY")) software_gpu::limit_device_memory(std::strtoull(memory, nullptr, 10));
  return environment_number("SOFTWARE_CUDA_INIT", success);
}
result cuDriverGetVersion(int* version) {
  *version = environment_number("SOFTWARE_CUDA_VERSION", 13000);
  return success;
}
result cuGetErrorName(result error, const char** name) {
  *name = error == out_of_memory ? "CUDA_ERROR_OUT_OF_MEMORY"
          : error == no_device   ? "CUDA_ERROR_NO_DEVICE"
          : error == 719         ? "CUDA_ERROR_LAUNCH_FAILED"
                                 : "CUDA_ERROR_OTHER";
  return success;
}
result cuGetErrorString(result error, const char** text) {
  *text = error == out_of_memory ? "out of memory" : "an error of the software GPU";
  return success;
}
result cuDeviceGetCount(int* count) {
  *count = environment_number("SOFTWARE_CUDA_DEVICES", 1);
  return success;
}
result cuDeviceGet(device* found, int ordinal) {
  *found = ordinal;
  return success;
}
result cuDeviceGetName(char* name, int length, device) {
  std::snprintf(name, static_cast<std::size_t>(length), "software GPU");
  return success;
}
result cuDeviceGetAttribute(int* value, int attribute, device) {
  switch (attribute) {
    case multiprocessor_count:
      *value = 4;
      break;
    case capability_major:
      *value = environment_number("SOFTWARE_CUDA_CAPABILITY", 90) / 10;
      break;
    case capability_minor:
      *value = environment_number("SOFTWARE_CUDA_CAPABILITY", 90) % 10;
      break;
    case memory_pools_supported:
      *value = environment_number("SOFTWARE_CUDA_POOLS", 1);
      break;
    default:
      return invalid_value;
  }
  return success;
}
result cuDeviceTotalMem(std::size_t* bytes, device) {
  *bytes = std::size_t{1} << 32;
  return success;
}
result cuDevicePrimaryCtxRetain(context* retained, device) {
  *retained = &primary;
  return success;
}
result cuDevicePrimaryCtxRelease(device) { return success; }
result cuCtxPushCurrent(context pushed) {
  if (was_reset) return context_is_destroyed;
  contexts().push_back(pushed);
  return success;
}
result cuCtxPopCurrent(context* popped) {
  if (contexts().empty()) return invalid_context;
  *popped = contexts().back();
  contexts().pop_back();
  return success;
}
result cuStreamCreate(stream* made, unsigned) {
  if (!has_context()) return invalid_context;
  streams.push_back(*made = new stream_object);
  return success;
}
result cuStreamSynchronize(stream of) { return of->capture ? spoil_capture(of) : run_work(of); }
result cuStreamIsCapturing(stream of, int* state) {
  if (known_stream(of) != of && captures != 0) return capture_implicit;
  *state = known_stream(of)->capture == nullptr ? capture_none : 1;
  return success;
}
result cuThreadExchangeStreamCaptureMode(int* mode) {
  std::swap(*mode, capture_mode);
  return success;
}
result cuEventCreate(event* made, unsigned) {
  *made = new event_object;
  return success;
}
result cuEventRecord(event recorded, stream on) {
  on = known_stream(on);
  if (on->capture) return spoil_capture(on);  // others would be captured with it, which the library never means
  const auto made = std::make_shared<recording>(recording{.on = on});
  recorded->last = made;
  on->push([made] {
    made->passed = true;
    made->when = std::chrono::steady_clock::now();
  });
  return success;
}
result cuEventSynchronize(event of) { return is_forbidden() ? capture_unsupported : run_until(of->last); }
result cuStreamWaitEvent(stream waits, event passes, unsigned) {
  waits->push([until = passes->last] {
    if (run_until(until) != success) throw std::runtime_error("the stream waited for has failed");
  });
  return success;
}
result cuEventElapsedTime(float* milliseconds, event start, event end) {
  if (start == nullptr || end == nullptr || !start->last || !end->last) return invalid_handle;
  if (!start->last->passed || !end->last->passed) return not_ready;
  *milliseconds = std::chrono::duration<float, std::milli>(end->last->when - start->last->when).count();
  return success;
}
result cuMemHostAlloc(void** allocated, std::size_t bytes, unsigned) {
  if (!has_context()) return invalid_context;
  if (is_forbidden()) return capture_unsupported;
  *allocated = std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  if (*allocated == nullptr) return out_of_memory;
  pinned_bytes += bytes;
  return success;
}
result cuMemHostRegister(void* pinned, std::size_t bytes, unsigned) {
  if (!has_context()) return invalid_context;
  if (is_forbidden()) return capture_unsupported;
  return software_gpu::registered().insert(pinned, bytes) ? success : already_registered;
}
result cuMemHostUnregister(void* pinned) { return software_gpu::registered().erase(pinned) ? success : invalid_value; }
result allocate(address* allocated, std::size_t bytes) {
  if (!has_context()) return invalid_context;
  if (bytes == 0) return invalid_value;
  try {
    *allocated = address_of(software_gpu::allocate(bytes));
    return success;
  } catch (const std::bad_alloc&) {
    return out_of_memory;
  }
}
result cuMemAlloc(address* allocated, std::size_t bytes) { return is_forbidden() ? capture_unsupported : allocate(allocated, bytes); }
result cuMemFree(address freed) {
  try {
    software_gpu::deallocate(pointer(freed));
    return success;
  } catch (const std::exception&) {
    return invalid_value;
  }
}
result cuMemPoolCreate(memory_pool* made, const pool_properties* properties) {
  if (properties->allocation_type != 1 || properties->location.type != 1) return invalid_value;
  *made = new memory_pool_object;
  return success;
}
result cuMemPoolDestroy(memory_pool of) {
  delete of;
  return success;
}
result cuMemPoolSetAttribute(memory_pool, int, void*) { return success; }
result cuMemPoolTrimTo(memory_pool, std::size_t) { return success; }
result cuMemAllocFromPoolAsync(address* allocated, std::size_t bytes, memory_pool from, stream on) {
  if (from == nullptr) return invalid_handle;
  const result code = allocate(allocated, bytes);
  if (code == success && on->capture) {
    on->capture->memory.push_back(*allocated);
    on->push([at = *allocated, bytes] { software_gpu::fill(pointer(at), 0xff, bytes); });  // nobody knows what it holds in a run
  }
  return code;
}
result cuMemFreeAsync(address freed, stream on) {
  if (!has_context()) return invalid_context;
  if (on->capture) return success;
  on->freed.push_back(freed);
  if (on->work.empty()) free_memory(on);
  return success;
}
result cuMemcpyHtoDAsync(address to, const void* from, std::size_t bytes, stream on) {
  if (!has_context()) return invalid_context;
  if (!software_gpu::is_device_memory(pointer(to), bytes) || !software_gpu::registered().is_alike(from, bytes)) return invalid_value;
  on->push([=] { software_gpu::copy_in(pointer(to), from, bytes); });
  return success;
}
result cuMemcpyDtoHAsync(void* to, address from, std::size_t bytes, stream on) {
  if (!has_context()) return invalid_context;
  if (!software_gpu::is_device_memory(pointer(from), bytes) || !software_gpu::registered().is_alike(to, bytes)) return invalid_value;
  on->push([=] { software_gpu::copy_out(to, pointer(from), bytes); });
  return success;
}
result cuMemsetD8Async(address to, unsigned char value, std::size_t bytes, stream on) {
  on->push([=] { software_gpu::fill(pointer(to), value, bytes); });
  return success;
}
/// The code is a shared object, which is written to a file and loaded; or the fatbin with the library's prebuilt kernels, whose
/// shared object lies beside this one.
result cuLibraryLoadData(library* loaded, const void* code, int*, void**, unsigned, int*, void**, unsigned) {
  if (is_forbidden()) return capture_unsupported;
  void* const handle = software_gpu::load_code(code);
  if (handle == nullptr) return invalid_image;
  static auto* const all = new std::vector<library>;  // loaded for as long as the process lives
  all->push_back(*loaded = new library_object{handle});
  return success;
}
result cuLibraryGetKernel(kernel* found, library in, const char* name) {
  const auto table = reinterpret_cast<const software_gpu::kernel_entry* (*)()>(dlsym(in->handle, "software_gpu_kernels"));
  if (table == nullptr) return not_found;
  for (const software_gpu::kernel_entry* each = table(); each->name != nullptr; ++each)
    if (std::strcmp(each->name, name) == 0) {
      *found = reinterpret_cast<kernel>(const_cast<software_gpu::kernel_entry*>(each));
      return success;
    }
  return not_found;
}
result cuKernelGetFunction(function* found, kernel of) {
  *found = reinterpret_cast<function>(of);
  return success;
}
result cuLaunchKernel(function launched, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
                      unsigned block_z, unsigned, stream on, void** parameters, void**) {
  if (!has_context()) return invalid_context;
  blocks_launched = grid_x;
  if (grid_x == 0 || block_x == 0) return invalid_value;
  const auto* const entry = reinterpret_cast<const software_gpu::kernel_entry*>(launched);
  on->push([=, values = software_gpu::argument_values(*entry, parameters)]() mutable {
    void** const arguments = values.pointers();
    std::this_thread::sleep_for(std::chrono::milliseconds(environment_number("SOFTWARE_CUDA_SLOW", 0)));
    software_gpu::launch({{grid_x, grid_y, grid_z}, {block_x, block_y, block_z}}, [&] { entry->run(arguments); }, launch_options());
  });
  return success;
}

}  // namespace calls

}  // namespace
