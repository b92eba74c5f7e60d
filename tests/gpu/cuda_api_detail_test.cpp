// SPDX-License-Identifier: MIT
// Compiles when the declarations of cuda_api.hpp have the shape of the toolkit's own.
#include <gpu/cuda_api.hpp>

namespace ours {
using namespace foldgrid::detail::cuda;
#define DECLARE(name, parameters) using name##_type = result(*) parameters;
FOLDGRID_DRIVER_CALLS(DECLARE)
FOLDGRID_NVRTC_CALLS(DECLARE)
#undef DECLARE
}  // namespace ours

#include <cuda.h>
#include <nvrtc.h>

#include <cstddef>
#include <type_traits>

template <class Ours, class Theirs>
inline constexpr bool same_shape = false;
template <class R, class... P, class S, class... Q>
  requires(sizeof...(P) == sizeof...(Q))
inline constexpr bool same_shape<R (*)(P...), S (*)(Q...)> =
    sizeof(R) == sizeof(S) && ((sizeof(P) == sizeof(Q) && std::is_pointer_v<P> == std::is_pointer_v<Q>) && ...);

#define COMPARE(name, parameters) static_assert(same_shape<ours::name##_type, decltype(&name)>, #name);
FOLDGRID_DRIVER_CALLS(COMPARE)
FOLDGRID_NVRTC_CALLS(COMPARE)

static_assert(ours::success == CUDA_SUCCESS && ours::out_of_memory == CUDA_ERROR_OUT_OF_MEMORY);
static_assert(ours::not_initialized == CUDA_ERROR_NOT_INITIALIZED && ours::deinitialized == CUDA_ERROR_DEINITIALIZED);
static_assert(ours::stub_library == CUDA_ERROR_STUB_LIBRARY && ours::no_device == CUDA_ERROR_NO_DEVICE);
static_assert(ours::invalid_image == CUDA_ERROR_INVALID_IMAGE && ours::not_found == CUDA_ERROR_NOT_FOUND);
static_assert(ours::invalid_context == CUDA_ERROR_INVALID_CONTEXT && ours::uncorrectable_memory_error == CUDA_ERROR_ECC_UNCORRECTABLE);
static_assert(ours::illegal_address == CUDA_ERROR_ILLEGAL_ADDRESS && ours::launch_timeout == CUDA_ERROR_LAUNCH_TIMEOUT);
static_assert(ours::context_is_destroyed == CUDA_ERROR_CONTEXT_IS_DESTROYED && ours::assertion_failed == CUDA_ERROR_ASSERT);
static_assert(ours::first_of_launch_failures == CUDA_ERROR_HARDWARE_STACK_ERROR &&
              ours::last_of_launch_failures == CUDA_ERROR_LAUNCH_FAILED);
static_assert(ours::unknown_error == CUDA_ERROR_UNKNOWN);
static_assert(ours::not_ready == CUDA_ERROR_NOT_READY && ours::driver_mismatch == CUDA_ERROR_SYSTEM_DRIVER_MISMATCH);
static_assert(ours::already_registered == CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
static_assert(ours::host_memory_portable == CU_MEMHOSTALLOC_PORTABLE && ours::host_memory_portable == CU_MEMHOSTREGISTER_PORTABLE);
static_assert(ours::unsupported_device == CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE);
static_assert(ours::capture_unsupported == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED &&
              ours::capture_implicit == CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
static_assert(ours::last_of_capture == CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD && ours::capture_relaxed == CU_STREAM_CAPTURE_MODE_RELAXED);
static_assert(ours::capture_none == CU_STREAM_CAPTURE_STATUS_NONE);
static_assert(ours::multiprocessor_count == CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
static_assert(ours::capability_major == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
static_assert(ours::capability_minor == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
static_assert(ours::memory_pools_supported == CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED);
static_assert(ours::stream_non_blocking == CU_STREAM_NON_BLOCKING && ours::event_default == CU_EVENT_DEFAULT);
static_assert(ours::pool_release_threshold == CU_MEMPOOL_ATTR_RELEASE_THRESHOLD);
static_assert(sizeof(ours::pool_properties) == sizeof(CUmemPoolProps));
static_assert(offsetof(ours::pool_properties, location) == offsetof(CUmemPoolProps, location));
static_assert(offsetof(ours::pool_properties, max_size) == offsetof(CUmemPoolProps, maxSize));
static_assert(CU_MEM_ALLOCATION_TYPE_PINNED == 1 && CU_MEM_LOCATION_TYPE_DEVICE == 1);
