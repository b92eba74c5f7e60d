// SPDX-License-Identifier: MIT
// Which task submitted which: a thread that waits inside a task may only help with descendants of what it waits for.
#pragma once

#include "event.hpp"

#include "forks.hpp"

#include <mutex>

namespace foldgrid::detail {

struct worker_context;

/// The unfinished tasks that were submitted inside other tasks, in all pools, under one lock. A task that ends leaves its unfinished
/// children to its parent, so a parent is always unfinished.
class family {
 public:
  /// A thread that helps with descendants of a task, as long as it lives.
  class helper {
   public:
    /// Without a target it is woken for every task submitted inside another.
    helper(const task* target, event& wake);
    helper(const helper&) = delete;
    helper& operator=(const helper&) = delete;
    ~helper();

   private:
    friend class family;
    const task* target_;
    event& wake_;
    helper* next_;
    helper* previous_ = nullptr;
  };

  /// Before the child is submitted. Wakes the helpers that wait for one of its ancestors.
  static void join(task& child, task& parent);
  static void leave(task& finished) noexcept;
  /// A pending descendant that the thread may run: claimed, and with a reference; null when there is none.
  static task* claim_descendant(task& of, const worker_context& by) noexcept;

 private:
  static bool descends(const task* from, const task& ancestor) noexcept;
  static void link(task& child, task& parent) noexcept;

  static std::mutex mutex_;
  static const held_over_fork over_fork_;
  static helper* helpers_;
};

}  // namespace foldgrid::detail
