// SPDX-License-Identifier: MIT
// Adds the launch of a call to the graph that its caller captures.
#include "gpu/graph_capture.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace foldgrid::detail::cuda {

namespace {

/// Of a call that was given a stream of the caller's.
void check_stream(const char* verb, result code, const char* call) {
  if (code == invalid_value || code == invalid_handle)
    throw std::invalid_argument(std::string(verb) + ": given a range with a stream that the executor's GPU does not know (" +
                                driver_error(call, code).what() +
                                "); give a stream of that GPU's primary context, as cudaStreamCreate makes");
  check(code, call);
}

}  // namespace

bool is_captured(const char* verb, stream of) {
  int state = capture_none;
  const result code = driver::get().cuStreamIsCapturing(of, &state);
  if (code == capture_implicit)
    throw std::invalid_argument(std::string(verb) +
                                ": given a range of the legacy default stream while another stream is being captured into a CUDA graph; "
                                "name the captured stream in each fg::device_range of the call");
  check_stream(verb, code, "cuStreamIsCapturing");
  return state != capture_none;
}

void throw_cannot_be_captured(const char* verb) {
  throw std::invalid_argument(std::string(verb) +
                              ": given a range whose stream is being captured into a CUDA graph, and its result is wanted now; use "
                              "reduce_into or map_into with a fg::device_range of that stream to write to, or end the capture first");
}

void start_after(const char* verb, lane& with, stream other) {
  if (is_captured(verb, other)) throw_cannot_be_captured(verb);
  if (with.before == nullptr) FOLDGRID_CUDA(cuEventCreate, &with.before, event_without_time);
  check_stream(verb, driver::get().cuEventRecord(with.before, other), "cuEventRecord");
  FOLDGRID_CUDA(cuStreamWaitEvent, with.on, with.before, 0u);
}

stream captured_stream(const call& of, const device_launch& launch) {
  if (!launch.may_be_captured) return nullptr;
  const context_guard current(launch.device->context_handle());
  const auto& all = launch.arguments.streams();
  const auto found = std::find_if(all.begin(), all.end(), [&](void* each) { return is_captured(of.verb(), static_cast<stream>(each)); });
  if (found == all.end()) return nullptr;
  if (std::any_of(all.begin(), all.end(), [&](void* each) { return each != *found; }))
    throw std::invalid_argument(std::string(of.verb()) +
                                ": given ranges of several streams, one of which is being captured into a CUDA graph; name that one in "
                                "each fg::device_range of the call");
  return static_cast<stream>(*found);
}

graph_capture::graph_capture(call& of, device_launch& launch, stream from)
    : of_(of), launch_(launch), current_(launch.device->context_handle()), from_(from) {
  const auto refuse = [&](const char* found, const char* instead) {
    throw std::invalid_argument(std::string(of.verb()) + ": cannot be captured into a CUDA graph with " + found + "; " + instead);
  };
  if (launch.notes) refuse("a function that calls fail: nobody would be told", "use one that does not");
  if (!launch.arguments.arrays().empty())
    refuse("an array in the host's memory, such as an axis of a grid, which a graph would not copy",
           "use linspace and iota, or a fg::device_range");
}

address graph_capture::memory(std::size_t bytes) { return memory_ = launch_.device->allocate_in_graph(of_.verb(), bytes, from_); }

void graph_capture::clear(address from, std::size_t bytes) {
  FOLDGRID_CUDA(cuMemsetD8Async, from, static_cast<unsigned char>(0), bytes, from_);
}

void graph_capture::add(std::size_t blocks, void** parameters) {
  launch_blocks(launch_.device->kernel_of(launch_.text), blocks, from_, parameters);
}

fate graph_capture::finish() {
  if (memory_ != 0) FOLDGRID_CUDA(cuMemFreeAsync, memory_, from_);
  if (of_.tells()) of_.ran(backend::gpu, launch_.device->name(), "captured into a CUDA graph");
  of_.advance(launch_.n / launch_.leaves_of_item);
  return fate::done;
}

}  // namespace foldgrid::detail::cuda
