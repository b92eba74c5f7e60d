// SPDX-License-Identifier: MIT
// A reduction of CUB's for the disassembler of scripts/roofline, which sets ELEMENT and OPERATOR: compiled, never run.
#include <cub/device/device_reduce.cuh>
#include <cuda/std/functional>

#include <cstddef>

/// The maximum whose first NaN wins, as ours does.
struct first_nan_maximum {
  template <class T>
  __host__ __device__ T operator()(const T& a, const T& b) const {
    return a != a ? a : b != b ? b : a < b ? b : a;
  }
};

cudaError_t reduce(void* room, std::size_t& bytes, const ELEMENT* from, ELEMENT* to, std::size_t n) {
  return cub::DeviceReduce::Reduce(room, bytes, from, to, n, OPERATOR{}, static_cast<ELEMENT>(0));
}
