// SPDX-License-Identifier: MIT
// NVRTC, the run-time compiler of kernel text, opened at run time.
#pragma once

#include "gpu/cuda_api.hpp"

#include <foldgrid/error.hpp>

#include <string>
#include <vector>

namespace foldgrid::detail::cuda {

/// The run-time compiler of this process, opened when first asked for; never closed.
struct nvrtc : nvrtc_calls {
  int major = 0, minor = 0;
  std::string file;        ///< where it was found
  std::string reason;      ///< empty when it can compile
  std::vector<int> archs;  ///< compute capabilities it knows, 10 * major + minor

  /// Opens the newest NVRTC whose major version is not above the driver's: libnvrtc.so.13, .12 from the library path, $CUDA_HOME,
  /// /usr/local/cuda; or what the environment variable FOLDGRID_NVRTC names.
  static const nvrtc& get();
};

/// A text that does not compile; what() is the compiler's log in our words.
class compile_error : public error {
 public:
  using error::error;
};

/// What a text became.
struct compiled {
  std::string code;    ///< a cubin, or PTX for a device newer than the compiler
  double seconds = 0;  ///< what compiling took
};

/// The options every text is compiled with, for whatever device: no contraction, precise division and square root, denormals kept.
inline constexpr const char* fixed_options[] = {"--std=c++20",      "--fmad=false", "--prec-div=true",
                                                "--prec-sqrt=true", "--ftz=false",  "--device-as-default-execution-space"};

/// Compiles `text` for a device of compute capability `capability` (10 * major + minor). Blocks for 0.02 to 0.3 s.
/// Throws compile_error, or backend_unavailable when there is no compiler.
compiled compile(const std::string& text, int capability);

}  // namespace foldgrid::detail::cuda
