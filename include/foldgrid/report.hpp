// SPDX-License-Identifier: MIT
// What a call tells back: where it ran, why, and how much it moved.
#pragma once

#include <cstddef>
#include <string>

namespace foldgrid {

/// Where work runs. `automatic` chooses; `serial` is the reference: the caller's thread, the same tree, the same bits.
enum class backend { automatic, serial, threads, gpu, mpi };

/// "automatic", "serial", "threads", "gpu" or "mpi".
constexpr const char* to_string(backend where) noexcept {
  switch (where) {
    case backend::automatic:
      return "automatic";
    case backend::serial:
      return "serial";
    case backend::threads:
      return "threads";
    case backend::gpu:
      return "gpu";
    case backend::mpi:
      return "mpi";
  }
  return "unknown";
}

/// Filled by a verb through its option `.report`, when the verb ends well or in an error.
struct run_report {
  backend where = {};           ///< the backend that did the work
  std::string device = {};      ///< which device or how many workers
  std::string reason = {};      ///< why there
  std::size_t elements = {};    ///< items or elements worked on
  std::size_t bytes_in = {};    ///< bytes of the elements read, 0 when they were computed or are not flat
  std::size_t bytes_out = {};   ///< bytes of the results written
  double seconds = {};          ///< wall time of the call
  double copy_seconds = {};     ///< of it, moving data to and from a device
  double compute_seconds = {};  ///< of it, computing
};

}  // namespace foldgrid
