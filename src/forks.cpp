// SPDX-License-Identifier: MIT
// Counting forks.
#include "forks.hpp"

#include <pthread.h>

#include <atomic>

namespace foldgrid::detail {

unsigned fork_generation() noexcept {
  static std::atomic<unsigned> generation = 0;
  static const int registered = pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1, std::memory_order_relaxed); });
  static_cast<void>(registered);
  return generation.load(std::memory_order_relaxed);
}

}  // namespace foldgrid::detail
