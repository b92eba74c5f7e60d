// SPDX-License-Identifier: MIT
// The part of CUDA's driver interface and of NVRTC that foldgrid calls, declared here: building needs no toolkit.
#pragma once

#include <cstddef>

namespace foldgrid::detail::cuda {

using result = int;
using device = int;
using context = struct context_object*;
using stream = struct stream_object*;
using library = struct library_object*;
using kernel = struct kernel_object*;
using event = struct event_object*;
using function = struct function_object*;
using memory_pool = struct memory_pool_object*;
using address = unsigned long long;

inline constexpr result success = 0, invalid_value = 1, out_of_memory = 2, not_initialized = 3, deinitialized = 4, stub_library = 34,
                        no_device = 100, invalid_image = 200, invalid_context = 201, uncorrectable_memory_error = 214, invalid_handle = 400,
                        not_found = 500, not_ready = 600, illegal_address = 700, launch_timeout = 702, context_is_destroyed = 709,
                        assertion_failed = 710, already_registered = 712, first_of_launch_failures = 714, last_of_launch_failures = 719,
                        unknown_error = 999, driver_mismatch = 803, unsupported_device = 804, capture_unsupported = 900,
                        capture_implicit = 906,
                        last_of_capture = 908;  // all of [900, 908] are about stream capture

/// Attributes of a device.
inline constexpr int multiprocessor_count = 16, capability_major = 75, capability_minor = 76, memory_pools_supported = 115;
inline constexpr unsigned stream_non_blocking = 1, event_default = 0, event_without_time = 2, host_memory_portable = 1;
inline constexpr int pool_release_threshold = 4;
/// States of a stream's capture into a graph, and the mode in which a thread may call anything meanwhile.
inline constexpr int capture_none = 0, capture_relaxed = 2;
/// The version whose interface is asked for; the least driver that has it is 525.
inline constexpr int interface_version = 12000;

/// CUmemPoolProps.
struct pool_properties {
  int allocation_type = 1;  // pinned
  int handle_types = 0;
  struct {
    int type = 1;  // device
    int id = 0;
  } location;
  void* security_attributes = nullptr;
  std::size_t max_size = 0;
  unsigned short usage = 0;
  unsigned char reserved[54] = {};
};

// clang-format off
#define FOLDGRID_DRIVER_CALLS(call)                                                                                            \
  call(cuInit, (unsigned flags))                                                                                               \
  call(cuDriverGetVersion, (int* version))                                                                                     \
  call(cuGetErrorName, (result error, const char** name))                                                                      \
  call(cuGetErrorString, (result error, const char** text))                                                                    \
  call(cuDeviceGetCount, (int* count))                                                                                         \
  call(cuDeviceGet, (device* found, int ordinal))                                                                              \
  call(cuDeviceGetName, (char* name, int length, device of))                                                                   \
  call(cuDeviceGetAttribute, (int* value, int attribute, device of))                                                           \
  call(cuDeviceTotalMem, (std::size_t* bytes, device of))                                                                      \
  call(cuDevicePrimaryCtxRetain, (context* retained, device of))                                                               \
  call(cuDevicePrimaryCtxRelease, (device of))                                                                                 \
  call(cuCtxPushCurrent, (context pushed))                                                                                     \
  call(cuCtxPopCurrent, (context* popped))                                                                                     \
  call(cuStreamCreate, (stream* made, unsigned flags))                                                                         \
  call(cuStreamWaitEvent, (stream waits, event passes, unsigned flags))                                                        \
  call(cuStreamSynchronize, (stream of))                                                                                       \
  call(cuStreamIsCapturing, (stream of, int* state))                                                                           \
  call(cuThreadExchangeStreamCaptureMode, (int* mode))                                                                         \
  call(cuEventCreate, (event* made, unsigned flags))                                                                           \
  call(cuEventRecord, (event recorded, stream on))                                                                             \
  call(cuEventSynchronize, (event of))                                                                                         \
  call(cuEventElapsedTime, (float* milliseconds, event start, event end))                                                      \
  call(cuMemHostAlloc, (void** allocated, std::size_t bytes, unsigned flags))                                                  \
  call(cuMemHostRegister, (void* pinned, std::size_t bytes, unsigned flags))                                                   \
  call(cuMemHostUnregister, (void* pinned))                                                                                    \
  call(cuMemAlloc, (address* allocated, std::size_t bytes))                                                                    \
  call(cuMemFree, (address freed))                                                                                             \
  call(cuMemPoolCreate, (memory_pool* made, const pool_properties* properties))                                                \
  call(cuMemPoolDestroy, (memory_pool of))                                                                                     \
  call(cuMemPoolSetAttribute, (memory_pool of, int attribute, void* value))                                                    \
  call(cuMemPoolTrimTo, (memory_pool of, std::size_t bytes))                                                                   \
  call(cuMemAllocFromPoolAsync, (address* allocated, std::size_t bytes, memory_pool from, stream on))                          \
  call(cuMemFreeAsync, (address freed, stream on))                                                                             \
  call(cuMemcpyHtoDAsync, (address to, const void* from, std::size_t bytes, stream on))                                        \
  call(cuMemcpyDtoHAsync, (void* to, address from, std::size_t bytes, stream on))                                              \
  call(cuMemsetD8Async, (address to, unsigned char value, std::size_t bytes, stream on))                                       \
  call(cuLibraryLoadData, (library* loaded, const void* code, int* jit_options, void** jit_values, unsigned jit_count,         \
                           int* library_options, void** library_values, unsigned library_count))                               \
  call(cuLibraryGetKernel, (kernel* found, library in, const char* name))                                                      \
  call(cuKernelGetFunction, (function* found, kernel of))                                                                      \
  call(cuLaunchKernel, (function launched, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,                \
                        unsigned block_y, unsigned block_z, unsigned shared_bytes, stream on, void** parameters, void** extra))

#define FOLDGRID_NVRTC_CALLS(call)                                                                                             \
  call(nvrtcVersion, (int* major, int* minor))                                                                                 \
  call(nvrtcGetNumSupportedArchs, (int* count))                                                                                \
  call(nvrtcGetSupportedArchs, (int* archs))                                                                                   \
  call(nvrtcCreateProgram, (program* made, const char* text, const char* name, int headers, const char* const* header_texts,   \
                            const char* const* header_names))                                                                  \
  call(nvrtcDestroyProgram, (program* of))                                                                                     \
  call(nvrtcCompileProgram, (program of, int options, const char* const* option_texts))                                        \
  call(nvrtcGetPTXSize, (program of, std::size_t* bytes))                                                                      \
  call(nvrtcGetPTX, (program of, char* to))                                                                                    \
  call(nvrtcGetCUBINSize, (program of, std::size_t* bytes))                                                                    \
  call(nvrtcGetCUBIN, (program of, char* to))                                                                                  \
  call(nvrtcGetProgramLogSize, (program of, std::size_t* bytes))                                                               \
  call(nvrtcGetProgramLog, (program of, char* to))
// clang-format on

#define FOLDGRID_DETAIL_POINTER(name, parameters) result(*name) parameters = nullptr;
struct driver_calls {
  FOLDGRID_DRIVER_CALLS(FOLDGRID_DETAIL_POINTER)
};
using program = struct program_object*;
struct nvrtc_calls {
  FOLDGRID_NVRTC_CALLS(FOLDGRID_DETAIL_POINTER)
};
#undef FOLDGRID_DETAIL_POINTER

}  // namespace foldgrid::detail::cuda
