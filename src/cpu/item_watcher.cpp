// SPDX-License-Identifier: MIT
// The watcher's list and its thread.
#include "item_watcher.hpp"

#include <string>

namespace foldgrid::detail {

item_watcher::item_watcher(std::chrono::duration<double> limit)
    : limit_(clamped_nanoseconds(limit)), thread_([this](const std::stop_token& stop) { watch(stop); }) {}

item_watcher::~item_watcher() {
  thread_.request_stop();
  thread_.join();
}

void item_watcher::add(item_watch& item) {
  const std::lock_guard lock(mutex_);
  item.started_ = steady_nanoseconds();
  item.previous_ = last_;
  (last_ ? last_->next_ : first_) = &item;
  last_ = &item;
  if (first_ == &item) changed_.notify_one();
}

void item_watcher::remove(item_watch& item) noexcept {
  const std::lock_guard lock(mutex_);
  if (!item.previous_ && first_ != &item) return;  // already taken out: it was late
  (item.previous_ ? item.previous_->next_ : first_) = item.next_;
  (item.next_ ? item.next_->previous_ : last_) = item.previous_;
}

void item_watcher::watch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (!first_) {
      changed_.wait(lock, stop, [this] { return first_ != nullptr; });
      continue;
    }
    const std::int64_t due = first_->started_ + limit_;
    if (const std::int64_t now = steady_nanoseconds(); now < due) {
      const item_watch* const waiting_for = first_;
      changed_.wait_for(lock, stop, std::chrono::nanoseconds(due - now), [&] { return first_ != waiting_for; });
      continue;
    }
    item_watch* const late = first_;
    first_ = late->next_;
    (first_ ? first_->previous_ : last_) = nullptr;
    std::stop_source source = late->source_;  // the item may end as soon as the lock is released
    lock.unlock();
    source.request_stop();
    lock.lock();
  }
}

item_watch::item_watch(call& of, std::size_t index) : call_(of), index_(index), started_(0), forward_(of.token_, forward_stop{source_}) {
  call_.watcher_->add(*this);
}

item_watch::~item_watch() { call_.watcher_->remove(*this); }

void item_watch::check() {
  const double ran = static_cast<double>(steady_nanoseconds() - started_) * 1e-9;
  const double limit = call_.asked_.task_timeout->count();
  if (ran > limit)
    throw timeout_error(std::string(call_.verb_) + ": item " + std::to_string(index_) + " ran " + std::to_string(ran) +
                        " s, longer than its task_timeout of " + std::to_string(limit) + " s");
}

}  // namespace foldgrid::detail
