// SPDX-License-Identifier: MIT
// NVRTC's messages in words that help: where the macro stands, the offending text, and what to do.
#pragma once

#include <string>

namespace foldgrid::detail::cuda {

/// A log of NVRTC, "FILE(LINE): error: ..." with the text and a mark under it, as lines "FILE:LINE: what is wrong; what to do" with the
/// same. At most three errors; those in the library's own text only when there are no others, which they follow from.
std::string translated(const std::string& log);

}  // namespace foldgrid::detail::cuda
