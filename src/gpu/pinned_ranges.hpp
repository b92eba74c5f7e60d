// SPDX-License-Identifier: MIT
// Which of the user's memory is pinned, see <foldgrid/pin.hpp>.
#pragma once

#include <cstddef>

namespace foldgrid::detail::cuda {

/// True when [data, data + bytes) lies in one range that is pinned.
bool is_pinned(const void* data, std::size_t bytes);

}  // namespace foldgrid::detail::cuda
