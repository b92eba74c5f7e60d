// SPDX-License-Identifier: MIT
// A step of a simulation and the reduction that watches it, captured into a CUDA graph and replayed: no call of the library in the loop,
// and nothing copied but the values at the end. Two graphs run on two streams at once, each with a workspace of its own.
#include <foldgrid/cuda.cuh>

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace fg = foldgrid;

static void check(cudaError_t code) {
  if (code == cudaSuccess) return;
  std::fprintf(stderr, "%s\n", cudaGetErrorString(code));
  std::exit(2);
}

__global__ void halve(double* x, int n) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < n) x[i] *= 0.5;
}

struct squared {
  __host__ __device__ double operator()(double x) const { return x * x; }
};

/// Halves n numbers in each run and adds their squares up to *value.
struct decay {
  decay(const fg::executor& gpu, const std::vector<double>& xs) {
    const int n = static_cast<int>(xs.size());
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    check(cudaMalloc(&x, xs.size() * sizeof(double)));
    check(cudaMalloc(&squares, xs.size() * sizeof(double)));
    check(cudaMalloc(&value, sizeof(double)));
    check(cudaMemcpy(x, xs.data(), xs.size() * sizeof(double), cudaMemcpyHostToDevice));
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
    halve<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(x, n);
    const auto there = fg::device_range(squares, xs.size(), stream);
    gpu.map_into(there, fg::device(squared{}), fg::device_range(x, xs.size(), stream));
    gpu.reduce_into(fg::device_range(value, 1, stream), std::plus<>{}, there);
    check(cudaStreamEndCapture(stream, &graph));
    check(cudaGraphInstantiate(&program, graph, 0));
  }
  cudaStream_t stream{};
  double *x = nullptr, *squares = nullptr, *value = nullptr;
  cudaGraph_t graph{};
  cudaGraphExec_t program{};
};

int main() {
  const fg::executor gpu{{.where = fg::backend::gpu}}, cpu{{.where = fg::backend::threads}};
  std::vector<double> xs(1'000'003);
  for (std::size_t i = 0; i < xs.size(); ++i) xs[i] = 1.0 / static_cast<double>(1 + i * 7919 % xs.size());
  const decay one(gpu, xs), two(gpu, std::vector<double>(xs.begin(), xs.begin() + 500'000));
  constexpr int runs = 20;
  for (int k = 0; k < runs; ++k)
    for (const decay* each : {&one, &two}) check(cudaGraphLaunch(each->program, each->stream));

  int different = 0;
  for (const decay* each : {&one, &two}) {
    double found = 0;
    check(cudaMemcpyAsync(&found, each->value, sizeof found, cudaMemcpyDeviceToHost, each->stream));
    check(cudaStreamSynchronize(each->stream));
    std::vector<double> same(xs.begin(), each == &one ? xs.end() : xs.begin() + 500'000);
    for (double& x : same)
      for (int k = 0; k < runs; ++k) x *= 0.5;
    const double here = cpu.map_reduce(squared{}, std::plus<>{}, same);
    std::printf("%.17g on the GPU, %.17g on the CPU\n", found, here);
    different += found != here;
  }
  return different;
}
