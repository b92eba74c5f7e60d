// SPDX-License-Identifier: MIT
// The life of a task: claimed, published, waited for.
#include "event.hpp"
#include "family.hpp"
#include "item_watcher.hpp"
#include "spinning.hpp"
#include "thread_pool.hpp"

#include <foldgrid/detail/stream_core.hpp>
#include <foldgrid/error.hpp>

#include <thread>

namespace foldgrid::detail {
namespace {

/// One for all: making an exception costs more than a task.
const std::exception_ptr& cancelled_before_it_began() {
  static const std::exception_ptr why = std::make_exception_ptr(
      cancelled_error("the task was cancelled before it began, by cancel(), by its executor's request_stop() or by its end"));
  return why;
}

}  // namespace

task::~task() = default;

bool task::claim() noexcept {
  std::uint32_t before = word_.load(std::memory_order_relaxed);
  do {
    if ((before & status_bits) != pending) return false;
  } while (!word_.compare_exchange_weak(before, before | running, std::memory_order_acq_rel, std::memory_order_relaxed));
  return true;
}

bool task::cancel(const std::exception_ptr& why) noexcept {
  if (!claim()) return now() == cancelled;
  drop(why ? why : cancelled_before_it_began(), cancelled);
  return true;
}

void task::complete(status outcome) noexcept {
  if (has_family_) family::leave(*this);
  if (worker_context& here = this_worker(); here.inside == this) here.inside = nullptr;  // what listeners submit is not its own
  std::uint32_t before = word_.load(std::memory_order_relaxed);
  if ((before & has_callbacks) != 0) teller_ = &this_worker();
  while (!word_.compare_exchange_weak(before, outcome | ((before & has_callbacks) != 0 ? in_callbacks : 0), std::memory_order_acq_rel,
                                      std::memory_order_relaxed))
    if ((before & has_callbacks) != 0) teller_ = &this_worker();
  if ((before & has_listeners) == 0) return;
  listener* next;
  {
    const spin_guard guard(lock_);
    next = std::exchange(listeners_, nullptr);
  }
  while (next != nullptr) std::exchange(next, next->next)->done();
  if ((before & has_callbacks) == 0) return;
  word_.fetch_and(~in_callbacks, std::memory_order_release);
  word_.notify_all();
}

bool task::add_listener(listener& who, std::uint32_t bits) noexcept {
  const spin_guard guard(lock_);
  std::uint32_t before = word_.load(std::memory_order_acquire);
  do {
    if ((before & status_bits) > running) return false;
  } while (!word_.compare_exchange_weak(before, before | bits, std::memory_order_acq_rel, std::memory_order_acquire));
  listener** last = &listeners_;
  while (*last != nullptr) last = &(*last)->next;
  *last = &who;
  return true;
}

bool task::unlisten(listener& who) noexcept {
  const spin_guard guard(lock_);
  for (listener** at = &listeners_; *at != nullptr; at = &(*at)->next) {
    if (*at != &who) continue;
    *at = who.next;
    return true;
  }
  return false;
}

void task::wait_for_readers() const noexcept {
  for (std::uint32_t word; ((word = word_.load(std::memory_order_acquire)) & in_callbacks) != 0 && teller_ != &this_worker();)
    word_.wait(word, std::memory_order_acquire);
}

void task::wait() {
  if (done()) return;
  if (this_worker().works()) return thread_pool::help(*this);
  thread_pool::wait_for_parts(*this);
  thread_pool::check_fork_of(*this);
  if (spin_apart([this] { return done(); })) return;
  event told;
  if (!listen(told)) return;
  while (!done()) told.wait();
  told.leave(*this);
}

void abandon(task& of) noexcept {
  of.cancel();
  try {
    of.wait();
  } catch (const broken_executor&) {  // in a forked child, where it will never be done
  }
}

bool task::wait_for(std::chrono::duration<double> limit) {
  if (done()) return true;
  thread_pool::check_fork_of(*this);
  const auto end = event::clock::now() + std::chrono::nanoseconds(clamped_nanoseconds(limit));
  event told;
  if (!listen(told)) return true;
  while (!done() && told.wait_until(end)) {
  }
  told.leave(*this);
  return done();
}

}  // namespace foldgrid::detail
