// SPDX-License-Identifier: MIT
// CUDA's driver, opened at run time: nothing of CUDA is linked, and a machine without it says why it has none.
#pragma once

#include "gpu/cuda_api.hpp"

#include <foldgrid/error.hpp>

#include <string>

namespace foldgrid::detail::cuda {

/// The driver of this process, opened when first asked for; never closed.
struct driver : driver_calls {
  int version = 0;       ///< 1000 * major + 10 * minor
  int device_count = 0;  ///< 0 when `reason` says why nothing can run
  std::string reason;    ///< empty when there is a device

  /// Opens libcuda.so.1, or what the environment variable FOLDGRID_CUDA_DRIVER names. Never throws for want of a driver.
  static const driver& get();
};

/// "12.4" for 12040.
std::string version_text(int version);

/// A call of the driver that failed.
class driver_error : public error {
 public:
  driver_error(const char* call, result code);
  result code() const noexcept { return code_; }

 private:
  result code_;
};

/// True for errors after which nothing works in the context any more.
bool is_fatal(result code) noexcept;

/// Throws driver_error unless the call succeeded.
void check(result code, const char* call);

/// A call of the driver that must succeed: FOLDGRID_CUDA(cuMemFree, p).
#define FOLDGRID_CUDA(name, ...) ::foldgrid::detail::cuda::check(::foldgrid::detail::cuda::driver::get().name(__VA_ARGS__), #name)

}  // namespace foldgrid::detail::cuda
