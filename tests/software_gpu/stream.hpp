// SPDX-License-Identifier: MIT
// A stream of the stand-in driver: what it is asked for happens when it is waited for.
#pragma once

#include "memory.hpp"

#include <gpu/cuda_api.hpp>

#include <cstdio>
#include <exception>
#include <functional>
#include <utility>
#include <vector>

namespace foldgrid::detail::cuda {

struct stream_object {
  std::vector<std::function<void()>> work;
  std::vector<address> freed;  ///< after that work, and whatever becomes of it
};

inline void* pointer(address of) { return reinterpret_cast<void*>(of); }

inline void free_memory(stream on) {
  for (const address each : std::exchange(on->freed, {})) software_gpu::deallocate(pointer(each));
}

/// Does the work of a stream; what comes after trouble is left out.
inline result run_work(stream on) {
  constexpr result illegal_address = 700;
  result code = success;
  for (const auto& each : std::exchange(on->work, {})) {
    try {
      if (code == success) each();
    } catch (const std::exception& e) {
      std::fprintf(stderr, "software GPU: %s\n", e.what());
      code = illegal_address;
    }
  }
  free_memory(on);
  return code;
}

}  // namespace foldgrid::detail::cuda
