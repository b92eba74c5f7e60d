// SPDX-License-Identifier: MIT
// Calls made while the caller captures a stream into a CUDA graph: their kernels become nodes of it.
#pragma once

#include "gpu/device.hpp"

#include "engine.hpp"

#include <foldgrid/detail/offload.hpp>

#include <cstddef>
#include <vector>

namespace foldgrid::detail::cuda {

/// True while the stream is being captured. The context must be current. Throws std::invalid_argument for the legacy default stream when
/// another one is, as the two wait for each other.
bool is_captured(const char* verb, stream of);
[[noreturn]] void throw_cannot_be_captured(const char* verb);
/// What a stream of the caller's, which must not be captured, holds now comes before what the lane is given from now on.
void start_after(const char* verb, lane& with, stream other);

/// The stream that the call's work is to be captured from; null when no stream of the call's is being captured. Throws
/// std::invalid_argument when the call names other streams too.
stream captured_stream(const call& of, const device_launch& launch);

/// One launch over all leaves that is captured, not run. It takes no stream of ours and none of the workspaces that are kept: the graph
/// owns what it works in, so that several graphs, and each of them beside other calls, may be under way at once.
class graph_capture {
 public:
  graph_capture(call& of, device_launch& launch, stream from);
  graph_capture(const graph_capture&) = delete;
  graph_capture& operator=(const graph_capture&) = delete;

  /// Memory of the graph, for this launch; a multiple of 256. It holds anything when a run of the graph begins.
  address memory(std::size_t bytes);
  /// Fills memory with zeros in each run.
  void clear(address from, std::size_t bytes);
  /// Adds the launch: the call's arguments, base, n and what follows.
  template <class... More>
  void run(std::size_t blocks, More... more) {
    address base = 0, n = launch_.n;
    std::vector<void*> parameters = launch_.arguments.pointers();
    parameters.insert(parameters.end(), {&base, &n, const_cast<void*>(static_cast<const void*>(more))...});
    add(blocks, parameters.data());
  }
  /// The call's work is in the graph.
  fate finish();

 private:
  void add(std::size_t blocks, void** parameters);

  call& of_;
  device_launch& launch_;
  context_guard current_;
  stream from_;
  address memory_ = 0;
};

}  // namespace foldgrid::detail::cuda
