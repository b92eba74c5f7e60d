// SPDX-License-Identifier: MIT
// The pool's part for tasks: begun in order of arrival, helped by threads that wait for them inside other tasks.
#include "event.hpp"
#include "family.hpp"
#include "forks.hpp"
#include "thread_pool.hpp"

#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/detail/result_task.hpp>
#include <foldgrid/error.hpp>

#include <pthread.h>

#include <cstdint>
#include <string>
#include <system_error>

namespace foldgrid::detail {
namespace {

/// With less stack than this left, a thread that waits does not run what it waits for itself.
constexpr std::uintptr_t least_stack = 256 * 1024;

std::uintptr_t stack_left() noexcept {
  thread_local const std::uintptr_t lowest = [] {
    pthread_attr_t attributes;
    void* address = nullptr;
    std::size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
      pthread_attr_getstack(&attributes, &address, &size);
      pthread_attr_destroy(&attributes);
    }
    return reinterpret_cast<std::uintptr_t>(address);
  }();
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) - lowest;
}

}  // namespace

void thread_pool::submit(task& work) {
  work.fork_generation_.store(fork_generation_, std::memory_order_relaxed);
  work.pool_.store(this, std::memory_order_release);
  if (alive_.load(std::memory_order_relaxed) == 0) {
    const std::lock_guard lock(mutex_);
    if (alive_.load(std::memory_order_relaxed) == 0 && !closed_.load(std::memory_order_relaxed) && !broken_) start_thread();
  }
  if (work.references_.load(std::memory_order_relaxed) == 1) {  // nobody else has it yet
    work.references_.store(2, std::memory_order_relaxed);
  } else {
    work.add_reference();  // the queue's
  }
  if (task* const inside = this_worker().inside) family::join(work, *inside);  // from here on a helper may run it
  tasks_.push(work);
  if (is_broken_.load(std::memory_order_seq_cst)) {
    if (work.claim()) work.drop(broken_, task::failed);
    std::rethrow_exception(broken_);
  }
  if (closed_.load(std::memory_order_seq_cst) && work.cancel())  // the workers may have left; else one of them has it
    throw broken_executor("submit: the executor has been shut down; submit before shutdown(), or make a new executor");
  // one who is about to look for tasks wakes the next when there are more
  if (spinning_.load(std::memory_order_seq_cst) != 0 || roused_.load(std::memory_order_seq_cst) != 0) return;
  if (sleeping_.load(std::memory_order_seq_cst) != 0 || lacks_threads()) wake_for_task();
}

void thread_pool::wake_for_task() {
  const std::lock_guard lock(mutex_);
  if (wake_one(true) || tasks_.empty()) return;
  // whoever closes the pool waits for its last worker: only a worker may still start another then
  if (closed_.load(std::memory_order_relaxed) && this_worker().home != this) return;
  if (lacks_threads()) start_thread();
}

void thread_pool::cancel_pending() noexcept {
  while (!tasks_.empty())
    if (task* const waiting = tasks_.pop()) {
      waiting->cancel();
      waiting->release();
    }
}

/// Called by a worker that turns to other work, or none, than it may have been woken or kept awake for: the next one looks for it.
void thread_pool::wake_next() {
  if (sleeping_.load(std::memory_order_relaxed) == 0 && !lacks_threads()) return;
  if (!tasks_.empty()) return wake_for_task();
  if (open_.load(std::memory_order_relaxed) == 0) return;
  const std::lock_guard lock(mutex_);
  wake_one();
}

/// False when there is none. A worker that has just found itself needed wakes the next one, if there is more to do.
bool thread_pool::run_next_task(bool wakes_next) {
  task* const found = tasks_.pop();
  if (found == nullptr) return false;
  if (wakes_next) wake_next();
  if (found->claim()) run_claimed(*found);
  found->release();
  return true;
}

void thread_pool::run_claimed(task& work) noexcept {
  const working_for context(work.pool_.load(std::memory_order_relaxed), &work);
  work.run();
}

task* thread_pool::claim_for_waiter(task& target) noexcept {
  if (task* const part = target.part()) {
    task* const claimed = claim_for_waiter(*part);
    part->release();
    return claimed;
  }
  if (!this_worker().works_for(pool_of(target)) || !target.claim()) return nullptr;
  target.add_reference();
  return &target;
}

void thread_pool::run_for_waiter(task& claimed) {
  if (stack_left() < least_stack) {
    try {
      std::thread more([&] {
        const exact_arithmetic exact;
        run_claimed(claimed);
      });
      return more.join();
    } catch (const std::system_error&) {  // no thread: there may be stack enough
    }
  }
  run_claimed(claimed);
}

void thread_pool::wait_for_parts(task& target) {
  while (task* const part = target.part()) {
    const task_ref<task> kept(part);
    part->wait();
  }
}

void thread_pool::help(task& target) {
  wait_for_parts(target);
  thread_pool::check_fork_of(target);
  if (task* const mine = claim_for_waiter(target)) {
    run_for_waiter(*mine);
    mine->release();
    return;
  }
  event woken;
  if (!target.listen(woken)) return;
  {
    const waiting_elsewhere elsewhere(pool_of(target));
    const family::helper helper(&target, woken);
    while (!target.done()) {
      if (task* const found = family::claim_descendant(target, this_worker())) {
        run_for_waiter(*found);
        found->release();
      } else {
        woken.wait();
      }
    }
  }
  woken.leave(target);
}

}  // namespace foldgrid::detail
