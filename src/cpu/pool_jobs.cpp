// SPDX-License-Identifier: MIT
// The pool's part for callers who do their own work and want help.
#include "spinning.hpp"
#include "thread_pool.hpp"

#include <sched.h>

#include <algorithm>

namespace foldgrid::detail {

void thread_pool::run(job& work, std::size_t participants) {
  const bool takes_part = !initializer_ || this_worker().works_for(this);
  const std::size_t helpers = std::min(participants, workers_) - (takes_part ? 1 : 0);
  work.inside_ = this_worker().inside;
  if (helpers > 0) {
    std::unique_lock lock(mutex_);
    if (broken_) std::rethrow_exception(broken_);
    callers_core_.store(sched_getcpu(), std::memory_order_relaxed);
    work.wanted_ = helpers;
    if (takes_part && this_worker().home == this) ++calling_;
    (last_ ? last_->next_ : first_) = &work;
    last_ = &work;
    open_.fetch_add(1, std::memory_order_relaxed);
    try {
      start_helpers();
    } catch (...) {
      if (!takes_part) {
        unlink(work);
        throw;
      }
    }
    if (spinning_.load(std::memory_order_relaxed) < helpers) wake_one();  // who wakes up wakes the next
  }
  if (takes_part) {
    const working_for context(this, work.inside_);
    work.participate(0);
  }
  if (helpers == 0) return;
  const waiting_elsewhere elsewhere(this);
  const auto nobody_attached = [&] { return work.attached_.load(std::memory_order_acquire) == 0; };
  std::unique_lock lock(mutex_);
  if (takes_part) {
    if (this_worker().home == this) --calling_;
    unlink(work);  // all claimed: those attached finish soon
    if (has_cores() && !nobody_attached()) {
      lock.unlock();
      spin_until(nobody_attached);
      lock.lock();
    }
  }
  // a caller that takes no part waits until a helper has found the work all claimed: nothing is wanted from then on
  work.left_.wait(lock, [&] { return (work.wanted_ == 0 && nobody_attached()) || broken_; });
  if (broken_) {
    unlink(work);
    work.left_.wait(lock, nobody_attached);
  }
  const std::exception_ptr broken = broken_;
  lock.unlock();
  if (broken) std::rethrow_exception(broken);
}

std::size_t thread_pool::helpers_at_once() const noexcept {
  return workers_ - (initializer_ ? 0 : 1) + waiting_elsewhere_.load(std::memory_order_relaxed);
}

void thread_pool::worker_waits_elsewhere() {
  const std::lock_guard lock(mutex_);
  waiting_elsewhere_.fetch_add(1, std::memory_order_relaxed);
  if (!first_ && tasks_.empty()) return;
  if (first_) start_helpers();
  if (!wake_one() && lacks_threads()) start_thread();
}

void thread_pool::worker_is_back() noexcept { waiting_elsewhere_.fetch_sub(1, std::memory_order_relaxed); }

void thread_pool::unlink(job& work) noexcept {
  if (work.wanted_ == 0) return;
  work.wanted_ = 0;
  open_.fetch_sub(1, std::memory_order_relaxed);
  job* before = nullptr;
  for (job* at = first_; at != &work; at = at->next_) before = at;
  (before ? before->next_ : first_) = work.next_;
  if (last_ == &work) last_ = before;
}

/// As many threads as the jobs want and may have. Needs the mutex.
void thread_pool::start_helpers() {
  const std::size_t idle = sleeping_.load(std::memory_order_relaxed) + spinning_.load(std::memory_order_relaxed);
  std::size_t wanted = 0;
  for (const job* at = first_; at; at = at->next_) wanted += at->wanted_;
  for (std::size_t missing = wanted > idle ? wanted - idle : 0; missing > 0; --missing)
    if (alive_.load(std::memory_order_relaxed) >= helpers_at_once() + calling_ || !start_thread()) return;
}

/// False when no job wants this worker.
bool thread_pool::help_next_job(std::size_t seat) {
  if (open_.load(std::memory_order_relaxed) == 0) return false;
  std::unique_lock lock(mutex_);
  if (!first_ || helping_ >= helpers_at_once()) return false;
  job& found = *first_;
  ++helping_;
  found.attached_.fetch_add(1, std::memory_order_relaxed);
  if (found.wanted_ == 1) {
    unlink(found);
  } else {
    --found.wanted_;
  }
  lock.unlock();
  wake_next();
  {
    const working_for context(this, found.inside_);
    found.participate(seat);
  }
  lock.lock();
  --helping_;
  unlink(found);  // its work is all claimed
  if (found.attached_.fetch_sub(1, std::memory_order_release) == 1) found.left_.notify_all();
  return true;
}

}  // namespace foldgrid::detail
