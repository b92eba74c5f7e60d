// SPDX-License-Identifier: MIT
// What the kernel text needs of its compiler: nvcc and NVRTC have it, the software GPU of the tests brings its own.
#pragma once

/// The compute capability that is compiled for; nvcc's pass over the host's code has none.
#if defined(__CUDA_ARCH__)
#define FOLDGRID_CAPABILITY (__CUDA_ARCH__ / 10)
#elif !defined(FOLDGRID_CAPABILITY)
#define FOLDGRID_CAPABILITY 90
#endif

#if defined(FOLDGRID_SOFTWARE_GPU)
#include <software_gpu/device.hpp>  // the same names, run by fibers
#define FOLDGRID_COPY_BYTES(to, from, bytes) __builtin_memcpy(to, from, bytes)
#define FOLDGRID_OFFSET_OF(type, member) __builtin_offsetof(type, member)
#define FOLDGRID_OUT_OF_LINE inline
#define FOLDGRID_UNROLL
#define FOLDGRID_IS_EXTENDED_LAMBDA(F) (sizeof(F) == 0)
#define FOLDGRID_IS_DEVICE_LAMBDA(F) (sizeof(F) == 0)
#define FOLDGRID_KERNEL_HANDLE(handle, Which, kernel) ::software_gpu::kernel_handle<Which>(handle, kernel)
#else
/// `count` uninitialised elements of T that the block's threads share; once per kernel and name.
#define FOLDGRID_SHARED(T, name, count) __shared__ T name[count]
/// Adds to, or takes the minimum of, *address, acquiring and releasing at the scope of the device; gives the old value.
#define FOLDGRID_ATOMIC_ADD(address, value) __nv_atomic_fetch_add(address, value, __NV_ATOMIC_ACQ_REL, __NV_THREAD_SCOPE_DEVICE)
#define FOLDGRID_ATOMIC_MIN(address, value) __nv_atomic_fetch_min(address, value, __NV_ATOMIC_RELAXED, __NV_THREAD_SCOPE_DEVICE)
/// True for the closures of __host__ __device__ lambdas, which no unit but this one has.
#define FOLDGRID_IS_EXTENDED_LAMBDA(F) __nv_is_extended_host_device_lambda_closure_type(F)
/// True for those of lambdas that are __device__ alone.
#define FOLDGRID_IS_DEVICE_LAMBDA(F) __nv_is_extended_device_lambda_closure_type(F)
/// The driver's handle of a kernel that nvcc compiles; Which is a type that stands for it.
#define FOLDGRID_KERNEL_HANDLE(handle, Which, kernel) cudaGetFuncBySymbol(handle, reinterpret_cast<const void*>(kernel))
/// offsetof as a constant: NVRTC has neither the header nor __builtin_offsetof.
#define FOLDGRID_OFFSET_OF(type, member) __INTADDR__(&(((type*)0)->member))
#define FOLDGRID_DEVICE __device__ __forceinline__
#define FOLDGRID_OUT_OF_LINE __device__ __noinline__
/// In front of a loop whose index picks registers.
#define FOLDGRID_UNROLL _Pragma("unroll")
/// Copies the bytes of a value.
#define FOLDGRID_COPY_BYTES(to, from, bytes) memcpy(to, from, bytes)
#endif
