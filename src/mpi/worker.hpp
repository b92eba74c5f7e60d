// SPDX-License-Identifier: MIT
// The worker's side: runs pieces of work until it is told to leave.
#pragma once

#include "transport.hpp"

#include <foldgrid/executor.hpp>

namespace foldgrid::detail::remote {

/// Serves rank `manager` by `local`, which was made with these options; returns the exit status that it tells.
int serve(transport& line, int manager, const executor& local, const executor_options& options, bool crowded);

}  // namespace foldgrid::detail::remote
