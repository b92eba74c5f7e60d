// SPDX-License-Identifier: MIT
// A lock for the few instructions that park a value; long waits yield.
#pragma once

#include <foldgrid/detail/build.hpp>

#include <atomic>

namespace foldgrid::detail {

class spin_lock {
 public:
  void lock() noexcept {
    while (held_.test_and_set(std::memory_order_acquire)) yield();
  }
  bool try_lock() noexcept { return !held_.test_and_set(std::memory_order_acquire); }
  void unlock() noexcept { held_.clear(std::memory_order_release); }

 private:
  FOLDGRID_API static void yield() noexcept;
  std::atomic_flag held_ = {};
};

/// Holds a lock for a scope.
class spin_guard {
 public:
  explicit spin_guard(spin_lock& lock) noexcept : lock_(lock) { lock_.lock(); }
  ~spin_guard() { lock_.unlock(); }
  spin_guard(const spin_guard&) = delete;
  spin_guard& operator=(const spin_guard&) = delete;

 private:
  spin_lock& lock_;
};

}  // namespace foldgrid::detail
