// SPDX-License-Identifier: MIT
// How often this process is the child of a fork: threads from before do not exist in it.
#pragma once

namespace foldgrid::detail {

/// Grows by one in a forked child.
unsigned fork_generation() noexcept;

/// Throws broken_executor when threads of that generation do not exist here.
void check_fork(unsigned generation);

}  // namespace foldgrid::detail
