// SPDX-License-Identifier: MIT
// The calls of CUDA's runtime that <foldgrid/cuda.cuh> and its test use, on the stand-in driver that the test is linked with.
#pragma once

#include "emulator.hpp"
#include "memory.hpp"
#include "module.hpp"
#include "stream.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

using cudaError_t = int;
using cudaStream_t = foldgrid::detail::cuda::stream;
using cudaFunction_t = const software_gpu::kernel_entry*;
inline constexpr cudaError_t cudaSuccess = 0;
inline const cudaStream_t cudaStreamLegacy = reinterpret_cast<cudaStream_t>(std::uintptr_t{1});
inline constexpr int cudaMemcpyDeviceToHost = 2;

inline const char* cudaGetErrorString(cudaError_t code) { return code == cudaSuccess ? "no error" : "an error of the software GPU"; }

namespace software_gpu {

/// A kernel that is compiled into the test itself; Which stands for it, as two may have the same parameters.
template <class Which, class... P>
struct own_kernel {
  static inline void (*kernel)(P...) = nullptr;
  template <std::size_t... K>
  static void call(void** parameters, std::index_sequence<K...>) {
    kernel(*static_cast<P*>(parameters[K])...);
  }
  static void run(void** parameters) { call(parameters, std::index_sequence_for<P...>{}); }
  static constexpr kernel_entry entry{"own", &run, parameters_of<P...>::sizes, sizeof...(P)};
};
template <class Which, class... P>
cudaError_t kernel_handle(cudaFunction_t* handle, void (*kernel)(P...)) {
  own_kernel<Which, P...>::kernel = kernel;
  *handle = &own_kernel<Which, P...>::entry;
  return cudaSuccess;
}

}  // namespace software_gpu

inline cudaError_t cudaStreamSynchronize(cudaStream_t of) {
  return reinterpret_cast<std::uintptr_t>(of) <= 2 ? cudaSuccess : foldgrid::detail::cuda::run_work(of);
}

using cudaGraph_t = std::shared_ptr<foldgrid::detail::cuda::graph_object>;
extern "C" void software_cuda_captures(int more);
inline void cudaStreamBeginCapture(cudaStream_t from) {
  from->capture = std::make_shared<foldgrid::detail::cuda::graph_object>();
  software_cuda_captures(1);
}
/// Null for a capture that was spoilt.
inline cudaGraph_t cudaStreamEndCapture(cudaStream_t from) {
  software_cuda_captures(-1);
  const cudaGraph_t made = std::exchange(from->capture, nullptr);
  return made->is_valid ? made : nullptr;
}
inline void cudaGraphLaunch(const cudaGraph_t& of, cudaStream_t on) {
  for (const auto& node : of->nodes) on->push([node = std::function<void()>(node), of] { node(); });
}
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, int, cudaStream_t on) {
  const cudaError_t code = cudaStreamSynchronize(on);
  if (code == cudaSuccess) software_gpu::copy_out(to, from, bytes);
  return code;
}
