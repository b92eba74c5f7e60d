// SPDX-License-Identifier: MIT
// How many cores this process may use.
#pragma once

#include <foldgrid/detail/build.hpp>

#include <cstddef>
#include <filesystem>
#include <string>

namespace foldgrid::detail {

/// Cores of the affinity mask, but no more than the cgroup's CPU quota rounds up to; at least 1.
FOLDGRID_API std::size_t usable_cores();

/// The CPU quota, rounded up to cores, that applies to the cgroup named in the text of /proc/self/cgroup, under the
/// mount point given (version 2, and version 1's cpu controller); 0 when there is none. Limits of parents count.
FOLDGRID_API std::size_t quota_cores(const std::string& membership, const std::filesystem::path& mount);

}  // namespace foldgrid::detail
