// SPDX-License-Identifier: MIT
// CUB, Thrust and copies for comparison. Every call is checked.
#include "rivals.hpp"

#include <thrust/execution_policy.h>
#include <thrust/iterator/zip_iterator.h>
#include <thrust/reduce.h>
#include <thrust/transform_reduce.h>
#include <thrust/tuple.h>
#include <cub/device/device_reduce.cuh>

#include <cuda/std/functional>
#include <cuda/std/tuple>

#include <cuda_runtime.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#if __has_include(<cub/device/device_transform.cuh>)
#include <cub/device/device_transform.cuh>
#define FOLDGRID_HAS_CUB_TRANSFORM 1
#else
#define FOLDGRID_HAS_CUB_TRANSFORM 0
#endif

namespace gpu_check::rivals {
namespace {

void check(cudaError_t code, const char* what) {
  if (code != cudaSuccess) throw std::runtime_error(std::string(what) + ": " + cudaGetErrorString(code));
}

/// A stream, two events on it, and memory that grows: for the whole process.
struct device_state {
  cudaStream_t on{};
  cudaEvent_t start{}, end{};
  void* scratch = nullptr;
  std::size_t scratch_bytes = 0;
  void* result = nullptr;

  static device_state& get() {
    static device_state state;
    return state;
  }
  device_state() {
    check(cudaStreamCreateWithFlags(&on, cudaStreamNonBlocking), "cudaStreamCreate");
    check(cudaEventCreate(&start), "cudaEventCreate");
    check(cudaEventCreate(&end), "cudaEventCreate");
    check(cudaMalloc(&result, 64), "cudaMalloc");
  }
  void* room(std::size_t bytes) {
    if (bytes > scratch_bytes) {
      check(cudaFree(scratch), "cudaFree");
      scratch = nullptr;
      scratch_bytes = 0;
      check(cudaMalloc(&scratch, bytes), "cudaMalloc");
      scratch_bytes = bytes;
    }
    return scratch;
  }
};

/// Device seconds of work(stream) on the idle stream.
template <class Work>
double seconds_of(Work work) {
  device_state& state = device_state::get();
  check(cudaStreamSynchronize(state.on), "cudaStreamSynchronize");
  check(cudaEventRecord(state.start, state.on), "cudaEventRecord");
  check(work(state.on), "the work of a rival");
  check(cudaEventRecord(state.end, state.on), "cudaEventRecord");
  check(cudaStreamSynchronize(state.on), "cudaStreamSynchronize");
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, state.start, state.end), "cudaEventElapsedTime");
  return 1e-3 * milliseconds;
}

/// One of CUB's reductions: call(temporary memory, its size, result, stream). Its memory is there before the clock runs.
template <class T, class Call>
timed<T> reduced(Call call) {
  device_state& state = device_state::get();
  T* const result = static_cast<T*>(state.result);
  std::size_t bytes = 0;
  check(call(nullptr, bytes, result, state.on), "the size of CUB's temporary memory");
  void* const scratch = state.room(std::max<std::size_t>(bytes, 1));
  timed<T> found{};
  found.seconds = seconds_of([&](cudaStream_t on) { return call(scratch, bytes, result, on); });
  check(cudaMemcpy(&found.value, result, sizeof(T), cudaMemcpyDeviceToHost), "cudaMemcpy");
  return found;
}

struct squared {
  __host__ __device__ double operator()(float x) const { return static_cast<double>(x) * static_cast<double>(x); }
};
struct multiplied {
  __host__ __device__ double operator()(const thrust::tuple<float, float>& x) const {
    return static_cast<double>(thrust::get<0>(x)) * static_cast<double>(thrust::get<1>(x));
  }
};
struct product {
  __host__ __device__ matrix operator()(const matrix& l, const matrix& r) const {
    const std::uint64_t prime = 998244353;
    const std::uint64_t la = l.a, lb = l.b, lc = l.c, ld = l.d;
    return {static_cast<std::uint32_t>((la * r.a + lb * r.c) % prime), static_cast<std::uint32_t>((la * r.b + lb * r.d) % prime),
            static_cast<std::uint32_t>((lc * r.a + ld * r.c) % prime), static_cast<std::uint32_t>((lc * r.b + ld * r.d) % prime)};
  }
};
template <class T>
struct scaled {
  __host__ __device__ T operator()(T x) const { return T(2.5) * x + T(1); }
};
template <class T>
struct scaled_sum {
  __host__ __device__ T operator()(T x, T y) const { return x + T(3) * y; }
};

}  // namespace

const char* missing() {
  int major = 0;
  static const cudaError_t code = cudaFree(nullptr);
  if (code != cudaSuccess) return cudaGetErrorString(code);
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, 0), "cudaDeviceGetAttribute");
  return major >= 9 ? nullptr : "they are built for compute capability 9.0 and newer";
}
bool has_transform() { return FOLDGRID_HAS_CUB_TRANSFORM; }

template <class T>
timed<T> cub_sum(const T* x, std::size_t n) {
  return reduced<T>([=](void* scratch, std::size_t& bytes, T* result, cudaStream_t on) {
    return cub::DeviceReduce::Sum(scratch, bytes, x, result, n, on);
  });
}
template timed<float> cub_sum(const float*, std::size_t);
template timed<double> cub_sum(const double*, std::size_t);
template timed<int> cub_sum(const int*, std::size_t);
template timed<long long> cub_sum(const long long*, std::size_t);

timed<double> cub_squares(const float* x, std::size_t n) {
  return reduced<double>([=](void* scratch, std::size_t& bytes, double* result, cudaStream_t on) {
    return cub::DeviceReduce::TransformReduce(scratch, bytes, x, result, n, cuda::std::plus<>{}, squared{}, 0.0, on);
  });
}

timed<double> cub_dot(const float* x, const float* y, std::size_t n) {
  return reduced<double>([=](void* scratch, std::size_t& bytes, double* result, cudaStream_t on) {
    const auto both = thrust::make_zip_iterator(thrust::make_tuple(x, y));
    return cub::DeviceReduce::TransformReduce(scratch, bytes, both, result, n, cuda::std::plus<>{}, multiplied{}, 0.0, on);
  });
}

timed<matrix> cub_product(const matrix* x, std::size_t n) {
  return reduced<matrix>([=](void* scratch, std::size_t& bytes, matrix* result, cudaStream_t on) {
    return cub::DeviceReduce::Reduce(scratch, bytes, x, result, n, product{}, matrix{1, 0, 0, 1}, on);
  });
}

template <class T>
double cub_scaled(const T* x, T* out, std::size_t n) {
#if FOLDGRID_HAS_CUB_TRANSFORM
  return seconds_of([=](cudaStream_t on) { return cub::DeviceTransform::Transform(x, out, n, scaled<T>{}, on); });
#else
  return 0;
#endif
}
template double cub_scaled(const float*, float*, std::size_t);
template double cub_scaled(const double*, double*, std::size_t);

template <class T>
double cub_scaled_sum(const T* x, const T* y, T* out, std::size_t n) {
#if FOLDGRID_HAS_CUB_TRANSFORM
  return seconds_of(
      [=](cudaStream_t on) { return cub::DeviceTransform::Transform(cuda::std::make_tuple(x, y), out, n, scaled_sum<T>{}, on); });
#else
  return 0;
#endif
}
template double cub_scaled_sum(const float*, const float*, float*, std::size_t);
template double cub_scaled_sum(const double*, const double*, double*, std::size_t);

template <class T>
T thrust_sum(const T* x, std::size_t n) {
  return thrust::reduce(thrust::device, x, x + n, T(0));
}
template float thrust_sum(const float*, std::size_t);
template double thrust_sum(const double*, std::size_t);

double thrust_squares(const float* x, std::size_t n) {
  return thrust::transform_reduce(thrust::device, x, x + n, squared{}, 0.0, cuda::std::plus<>{});
}

double copy_seconds(void* to, const void* from, std::size_t bytes) {
  return seconds_of([=](cudaStream_t on) { return cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, on); });
}

double pinned_rate(std::size_t bytes) {
  void *host = nullptr, *there = nullptr;
  check(cudaMallocHost(&host, bytes), "cudaMallocHost");
  check(cudaMalloc(&there, bytes), "cudaMalloc");
  std::fill_n(static_cast<unsigned char*>(host), bytes, static_cast<unsigned char>(0x5a));
  double best = 0;
  for (int k = 0; k < 4; ++k) {
    const double seconds = seconds_of([=](cudaStream_t on) { return cudaMemcpyAsync(there, host, bytes, cudaMemcpyHostToDevice, on); });
    best = std::max(best, static_cast<double>(bytes) / seconds);
  }
  check(cudaFree(there), "cudaFree");
  check(cudaFreeHost(host), "cudaFreeHost");
  return best;
}

}  // namespace gpu_check::rivals
