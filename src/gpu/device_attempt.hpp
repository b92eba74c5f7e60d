// SPDX-License-Identifier: MIT
// What becomes of a call when a device cannot do it: an error, or work for the CPU.
#pragma once

#include "gpu/device.hpp"
#include "gpu/nvrtc.hpp"

#include "engine.hpp"

#include <foldgrid/detail/offload.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace foldgrid::detail {

/// What placement asks of a kernel's text.
struct text_facts {
  bool calls_libm, loops;
  std::uint64_t id;  ///< of the text, in every process; 0 for kernels that nvcc has compiled
};
text_facts facts_of(kernel_source kernel);

/// A call of a launch was done on its device: later calls of its function are placed by what it took. Times are those of gpu_times.
void took_there(const device_launch& launch, double seconds, double copy_in_seconds = 0, double copy_out_seconds = 0) noexcept;

/// Says in the report why a call of an automatic executor stays on the threads; gives false.
bool stays_here(call& of, std::string_view reason);

/// Runs body(), which gives a fate. Under backend::gpu a text that does not compile, a missing compiler and a full memory are errors; under
/// automatic they leave the call to the CPU, as does what the driver refuses. After fatal trouble with the driver the device is lost.
template <class Body>
fate attempt(call& of, device_launch& launch, Body&& body) {
  const bool asked = of.where().where() == backend::gpu;
  const auto verb = [&] { return std::string(of.verb()); };
  try {
    return std::forward<Body>(body)();
  } catch (const cuda::compile_error& e) {
    if (asked) throw std::invalid_argument(verb() + ": the function does not compile for the GPU; " + e.what());
    stays_here(of, std::string("the function does not compile for the GPU: ") + e.what());
  } catch (const backend_unavailable& e) {
    if (asked) throw backend_unavailable(verb() + ": asked to run on the GPU; " + e.what());
    stays_here(of, e.what());
  } catch (const cuda::driver_error& e) {
    if (cuda::capture_unsupported <= e.code() && e.code() <= cuda::last_of_capture)
      throw error(verb() + ": cannot be captured into a CUDA graph (" + e.what() +
                  "); end the capture, whose graph is lost, and begin anew");
    if (cuda::is_fatal(e.code())) {
      if (of.tells()) of.ran(backend::gpu, launch.device->name(), "lost in this call");
      launch.device->lose(of.verb(), e.what());
    }
    const bool full = e.code() == cuda::out_of_memory;
    const std::string trouble = full ? "the memory of " + launch.device->name() + " is full, also for parts of the call"
                                     : "the driver refuses what the call needs on " + launch.device->name();
    if (asked || launch.begun || !launch.views.here)
      throw error(verb() + ": " + trouble + " (" + e.what() + "); " + (full ? "free device_arrays, or " : "") +
                  "use backend::automatic, which goes on on the threads");
    stays_here(of, full ? trouble : trouble + " (" + e.what() + ")");
  }
  return fate::left;
}

}  // namespace foldgrid::detail
