// SPDX-License-Identifier: MIT
// CUB sorts, a kernel of one's own scales, and foldgrid folds, on one stream: each starts after what the stream holds. Sorting, selecting
// and histograms are CUB's; maps and reductions with the bits of the CPU are ours.
#include <foldgrid/cuda.cuh>

#include <cub/device/device_radix_sort.cuh>

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace fg = foldgrid;

/// Takes its time, so that whoever does not wait for the stream reads what was there before.
__global__ void scale_slowly(double* x, int n, double by) {
  const long long start = clock64();
  while (clock64() - start < 200'000'000) {
  }
  for (int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x); i < n; i += static_cast<int>(gridDim.x * blockDim.x)) x[i] *= by;
}

static void check(cudaError_t code) {
  if (code == cudaSuccess) return;
  std::fprintf(stderr, "%s\n", cudaGetErrorString(code));
  std::exit(2);
}

int main() {
  constexpr int n = 1 << 20;
  std::vector<double> xs(n);
  for (int i = 0; i < n; ++i) xs[static_cast<std::size_t>(i)] = 1.0 / (1 + (i * 7919) % n);

  cudaStream_t stream;
  double *from = nullptr, *sorted = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  check(cudaMalloc(&from, n * sizeof(double)));
  check(cudaMalloc(&sorted, n * sizeof(double)));
  check(cudaMemcpyAsync(from, xs.data(), n * sizeof(double), cudaMemcpyHostToDevice, stream));
  std::size_t bytes = 0;
  void* scratch = nullptr;
  check(cub::DeviceRadixSort::SortKeys(nullptr, bytes, from, sorted, n, 0, 64, stream));
  check(cudaMalloc(&scratch, bytes));
  check(cub::DeviceRadixSort::SortKeys(scratch, bytes, from, sorted, n, 0, 64, stream));
  scale_slowly<<<64, 256, 0, stream>>>(sorted, n, 3);
  check(cudaGetLastError());

  const fg::executor gpu{{.where = fg::backend::gpu}};
  const auto ascending = fg::device_range(sorted, n, stream);
  const double largest = 2;
  const auto clipped = [=] __host__ __device__(double x) { return x < largest ? x : largest; };
  const double sum = gpu.map_reduce(clipped, std::plus<>{}, ascending);

  std::vector<double> same(n);
  check(cudaMemcpy(same.data(), sorted, n * sizeof(double), cudaMemcpyDeviceToHost));
  const double here = fg::executor{{.where = fg::backend::threads}}.map_reduce(clipped, std::plus<>{}, same);
  std::printf("%.17g on the GPU, %.17g on the CPU\n", sum, here);
  return sum == here && same.front() == gpu.minmax(ascending).min ? 0 : 1;
}
