// SPDX-License-Identifier: MIT
// For users who compile with nvcc: their `__host__ __device__` functions, device pointers, streams and Thrust's containers and iterators in
// the verbs of an executor. A kernel is instantiated in the user's unit and handed to the library, which runs it as it does its own.
#pragma once

#if defined(__NVCC__)
#pragma nv_diagnostic push
#pragma nv_diag_suppress 1675  // a hint of the host's compiler, which nvcc's front end hands on without knowing it
#endif
#include <foldgrid/foldgrid.hpp>
#if defined(__NVCC__)
#pragma nv_diagnostic pop
#endif

#include <foldgrid/port.cuh>

#if defined(FOLDGRID_SOFTWARE_GPU)
#include <software_gpu/runtime.hpp>
#else
#include <cuda_runtime_api.h>
#endif

#include <concepts>
#include <cstddef>
#include <iterator>
#include <string>
#include <tuple>
#include <type_traits>

#include <foldgrid/tuning.cuh>

#include <foldgrid/types.cuh>

#include <foldgrid/operators.cuh>

#include <foldgrid/search.cuh>

#include <foldgrid/inputs.cuh>

#include <foldgrid/tree_reduce.cuh>

#include <foldgrid/segments.cuh>

#include <foldgrid/map.cuh>

#include <foldgrid/nvcc_sources.cuh>

#include <foldgrid/nvcc_kernels.cuh>
