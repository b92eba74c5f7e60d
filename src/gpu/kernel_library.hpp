// SPDX-License-Identifier: MIT
// The library's own kernel text, which stands in front of every text that is compiled.
#pragma once

#include <string>

namespace foldgrid::detail::cuda {

/// The kernels: the files of kernels/foldgrid, one after another, but for names.cuh.
extern const char* const kernel_library;
/// names.cuh: what users' functions see, where there are no standard headers.
extern const char* const user_names;

/// All that NVRTC compiles for a kernel with this text.
inline std::string with_library(const std::string& text) { return std::string(kernel_library).append(user_names).append(text); }

}  // namespace foldgrid::detail::cuda
