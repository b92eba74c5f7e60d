// SPDX-License-Identifier: MIT
// Counting forks, and refusing what was made before one.
#include "forks.hpp"

#include <foldgrid/error.hpp>

#include <pthread.h>

#include <atomic>

namespace foldgrid::detail {

unsigned fork_generation() noexcept {
  static std::atomic<unsigned> generation = 0;
  static const int registered = pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1, std::memory_order_relaxed); });
  static_cast<void>(registered);
  return generation.load(std::memory_order_relaxed);
}

void check_fork(unsigned generation) {
  if (generation != fork_generation())
    throw broken_executor("executor: used in a forked child, where its threads do not exist; make a new executor after fork()");
}

}  // namespace foldgrid::detail
