// SPDX-License-Identifier: MIT
// The library's own kernel text, which stands in front of every text that is compiled.
#pragma once

namespace foldgrid::detail::cuda {

/// The files of kernels/foldgrid, one after another.
extern const char* const kernel_library;

}  // namespace foldgrid::detail::cuda
