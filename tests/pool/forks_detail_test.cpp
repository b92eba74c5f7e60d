// SPDX-License-Identifier: MIT
// A lock of the process that another thread holds at the moment of a fork is free in the child, and in the parent afterwards.
#include "../errors/forked_child.hpp"

#include "forks.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

TEST(forks, a_mutex_held_by_another_thread_is_free_in_the_child) {
  static std::mutex mutex;
  static const foldgrid::detail::held_over_fork over_fork(mutex);
  std::atomic<bool> locked = false;
  std::thread holder([&] {
    const std::lock_guard lock(mutex);
    locked = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  });
  while (!locked) std::this_thread::yield();
  EXPECT_EQ(in_a_child([] { return mutex.try_lock() ? 0 : 1; }), 0);
  holder.join();
  EXPECT_TRUE(mutex.try_lock()) << "the fork has left it locked";
  mutex.unlock();
}
