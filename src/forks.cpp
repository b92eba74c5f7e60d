// SPDX-License-Identifier: MIT
// Counting forks, refusing what was made before one, and keeping locks of the process out of their way.
#include "forks.hpp"

#include <foldgrid/error.hpp>

#include <pthread.h>

#include <atomic>
#include <vector>

namespace foldgrid::detail {
namespace {

/// The mutexes held over a fork, in the order in which they are locked.
struct held_mutexes {
  std::mutex mutex;
  std::vector<std::mutex*> all;

  static held_mutexes& get() {
    static auto* const only = new held_mutexes;
    return *only;
  }
  void lock() {
    mutex.lock();
    for (std::mutex* const each : all) each->lock();
  }
  void unlock() {
    for (std::mutex* const each : all) each->unlock();
    mutex.unlock();
  }
};

}  // namespace

unsigned fork_generation() noexcept {
  static std::atomic<unsigned> generation = 0;
  static const int registered = pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1, std::memory_order_relaxed); });
  static_cast<void>(registered);
  return generation.load(std::memory_order_relaxed);
}

held_over_fork::held_over_fork(std::mutex& mutex) {
  held_mutexes& held = held_mutexes::get();
  static const int registered =
      pthread_atfork([] { held_mutexes::get().lock(); }, [] { held_mutexes::get().unlock(); }, [] { held_mutexes::get().unlock(); });
  static_cast<void>(registered);
  const std::lock_guard lock(held.mutex);
  held.all.push_back(&mutex);
}

void check_fork(unsigned generation) {
  if (generation != fork_generation())
    throw broken_executor("executor: used in a forked child, where its threads do not exist; make a new executor after fork()");
}

}  // namespace foldgrid::detail
