// SPDX-License-Identifier: MIT
// Which of the user's memory is pinned, see <foldgrid/pin.hpp>.
#pragma once

#include "gpu/driver.hpp"

#include <cstddef>

namespace foldgrid::detail::cuda {

/// True when [data, data + bytes) lies in one range that is pinned.
bool is_pinned(const void* data, std::size_t bytes);

/// Copies between a device and the host's memory, which may be pinned in part: the driver refuses to copy over the edges of what is
/// pinned in one go. The context must be current.
void copy_in_parts(address to, const void* from, std::size_t bytes, stream on);
void copy_out_parts(void* to, address from, std::size_t bytes, stream on);

}  // namespace foldgrid::detail::cuda
