// SPDX-License-Identifier: MIT
// Streams, events and graphs of the stand-in driver: what a stream is asked for happens when it, or an event on it, is waited for; while
// it is being captured, in each run of the graph.
#pragma once

#include "memory.hpp"

#include <gpu/cuda_api.hpp>

#include <chrono>
#include <cstdio>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace foldgrid::detail::cuda {

inline void* pointer(address of) { return reinterpret_cast<void*>(of); }

/// What was captured, and the memory that it works in.
struct graph_object {
  std::vector<std::function<void()>> nodes;
  std::vector<address> memory;
  bool is_valid = true;
  graph_object() = default;
  graph_object(const graph_object&) = delete;
  graph_object& operator=(const graph_object&) = delete;
  ~graph_object() {
    for (const address each : memory) software_gpu::deallocate(pointer(each));
  }
};

struct stream_object {
  std::deque<std::function<void()>> work;
  std::vector<address> freed;             ///< after that work, and whatever becomes of it
  std::shared_ptr<graph_object> capture;  ///< null when it is not being captured

  void push(std::function<void()> next) {
    if (capture) {
      capture->nodes.push_back(std::move(next));
    } else {
      work.push_back(std::move(next));
    }
  }
};

/// One recording of an event: it passes when its stream comes there.
struct recording {
  stream on;
  bool passed = false;
  std::chrono::steady_clock::time_point when{};
};
struct event_object {
  std::shared_ptr<recording> last;  ///< null when it was never recorded, which counts as passed
};

inline void free_memory(stream on) {
  for (const address each : std::exchange(on->freed, {})) software_gpu::deallocate(pointer(each));
}

/// What may not be done to a stream that is being captured ends the capture.
inline result spoil_capture(stream of) {
  of->capture->is_valid = false;
  return capture_unsupported;
}

/// Does the work of a stream while `wanted()`; what comes after trouble is left out.
template <class Wanted>
result do_work(stream on, Wanted&& wanted) {
  constexpr result illegal_address = 700;
  while (!on->work.empty() && wanted()) {
    const auto next = std::move(on->work.front());
    on->work.pop_front();
    try {
      next();
    } catch (const std::exception& e) {
      std::fprintf(stderr, "software GPU: %s\n", e.what());
      on->work.clear();
      free_memory(on);
      return illegal_address;
    }
  }
  if (on->work.empty()) free_memory(on);
  return success;
}
inline result run_work(stream on) {
  return do_work(on, [] { return true; });
}
inline result run_until(const std::shared_ptr<recording>& of) {
  if (!of) return success;
  return do_work(of->on, [&] { return !of->passed; });
}

}  // namespace foldgrid::detail::cuda
