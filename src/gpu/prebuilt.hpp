// SPDX-License-Identifier: MIT
// Kernels that were compiled with the library, where nvcc was found: they need no compiler at run time. A kernel is named by its
// text, so it can only be used for the text it was made from.
#pragma once

#include "gpu/sha256.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

namespace foldgrid::detail::cuda {

/// Names of the prebuilt kernels, sorted; empty when the library was built without nvcc.
extern const std::span<const std::string_view> prebuilt_kernels;
/// Their code, as cuLibraryLoadData takes it.
extern const char* const prebuilt_code;

/// What the kernel of a text is called among them.
inline std::string prebuilt_name(const std::string& text) { return "foldgrid_" + sha256(text).substr(0, 32); }
inline bool is_prebuilt(std::string_view name) { return std::binary_search(prebuilt_kernels.begin(), prebuilt_kernels.end(), name); }

}  // namespace foldgrid::detail::cuda
