// SPDX-License-Identifier: MIT
// The worker's side: runs pieces of work until it is told to leave.
#pragma once

#include "transport.hpp"

#include <foldgrid/options.hpp>

namespace foldgrid::detail::remote {

/// Serves rank `manager` with an executor of so many threads; returns the exit status that it tells.
int serve(transport& line, int manager, const executor_options& local, bool crowded);

}  // namespace foldgrid::detail::remote
