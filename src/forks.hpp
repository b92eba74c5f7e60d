// SPDX-License-Identifier: MIT
// What becomes of threads and locks in the child of a fork: threads from before do not exist in it.
#pragma once

#include <mutex>

namespace foldgrid::detail {

/// Grows by one in a forked child.
unsigned fork_generation() noexcept;

/// A mutex of the whole process that fork() waits for, so that no child finds it locked by a thread that does not exist there. Nothing
/// that runs under it may call users' code, which might fork, or lock another one of these. Lives as long as the process.
class held_over_fork {
 public:
  explicit held_over_fork(std::mutex& mutex);
};

/// Throws broken_executor when threads of that generation do not exist here.
void check_fork(unsigned generation);

}  // namespace foldgrid::detail
