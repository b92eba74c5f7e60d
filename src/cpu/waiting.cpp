// SPDX-License-Identifier: MIT
// Waiting for many tasks at once, and what is told when they are done.
#include "event.hpp"
#include "family.hpp"
#include "item_watcher.hpp"
#include "thread_pool.hpp"

#include <foldgrid/detail/least.hpp>
#include <foldgrid/detail/result_task.hpp>
#include <foldgrid/detail/waiting.hpp>
#include <foldgrid/future.hpp>

#include <cstdio>
#include <string>

namespace foldgrid::detail {

struct completions::state {
  std::mutex mutex;
  entry* waiting_first = nullptr;  // not done, in the order added
  entry* waiting_last = nullptr;
  entry* done_first = nullptr;
  entry* done_last = nullptr;
  std::size_t waiting = 0;            // not done
  std::size_t ready = 0, wanted = 1;  // done and not given yet; as many wake the consumer
  consumer_pace pace;
  event changed;

  void unlink(entry& gone) noexcept {
    (gone.previous_ ? gone.previous_->next_ : waiting_first) = gone.next_;
    (gone.next_ ? gone.next_->previous_ : waiting_last) = gone.previous_;
    --waiting;
  }
  void deliver(entry& done) noexcept {
    done.next_done_ = nullptr;
    (done_last ? done_last->next_done_ : done_first) = &done;
    done_last = &done;
    ++ready;
  }
  void check_fork() {
    const std::lock_guard lock(mutex);
    if (waiting_first) thread_pool::check_fork_of(*waiting_first->of_);
  }
  const thread_pool* awaited() {
    const std::lock_guard lock(mutex);
    return waiting_first ? thread_pool::pool_of(*waiting_first->of_) : nullptr;
  }
  /// Runs something that is waited for, if that has not begun.
  bool help() {
    task* found = nullptr;
    {
      const std::lock_guard lock(mutex);
      for (entry* each = waiting_first; each && !found; each = each->next_) found = thread_pool::claim_for_waiter(*each->of_);
      for (entry* each = waiting_first; each && !found; each = each->next_) found = family::claim_descendant(*each->of_, this_worker());
    }
    if (!found) return false;
    thread_pool::run_for_waiter(*found);
    found->release();
    return true;
  }
};

void completions::entry::done() noexcept {
  state& in = *owner_->state_;
  const std::lock_guard lock(in.mutex);
  in.unlink(*this);
  in.deliver(*this);
  if (in.ready >= in.wanted || !in.waiting_first) in.changed.set();
}

completions::completions() : state_(std::make_unique<state>()) {}

completions::~completions() {
  std::unique_lock lock(state_->mutex);
  while (entry* const each = state_->waiting_first) {
    lock.unlock();
    const bool back = each->of_->unlisten(*each);
    if (!back) state_->changed.wait();  // it is being told
    lock.lock();
    if (back) state_->unlink(*each);
  }
}

void completions::add(entry& place, task& of, std::size_t number) {
  place.owner_ = this;
  place.of_ = &of;
  place.number_ = number;
  {
    const std::lock_guard lock(state_->mutex);
    place.next_ = nullptr;
    place.previous_ = state_->waiting_last;
    (place.previous_ ? place.previous_->next_ : state_->waiting_first) = &place;
    state_->waiting_last = &place;
    ++state_->waiting;
  }
  if (!of.listen(place)) place.done();
}

std::size_t completions::next(const std::optional<std::chrono::duration<double>>& limit) {
  const bool helps = !limit && this_worker().works();
  const auto end = event::clock::now() + std::chrono::nanoseconds(limit ? clamped_nanoseconds(*limit) : 0);
  std::optional<family::helper> helper;
  for (bool late = false;;) {
    {
      const std::lock_guard lock(state_->mutex);
      if (entry* const found = state_->done_first) {
        state_->done_first = found->next_done_;
        if (!state_->done_first) state_->done_last = nullptr;
        --state_->ready;
        state_->pace.count();
        return found->number_;
      }
      if (!state_->waiting_first || late) return none;
    }
    state_->check_fork();
    if (helps) {
      if (!helper) helper.emplace(nullptr, state_->changed);
      if (state_->help()) continue;
    }
    const waiting_elsewhere elsewhere(helps ? state_->awaited() : nullptr);
    if (limit) {
      late = !state_->changed.wait_until(end);
    } else if (const std::size_t more = helps ? 0 : state_->pace.items_worth_a_sleep(); more > 0) {
      const auto want = [&](std::size_t items) {
        const std::lock_guard lock(state_->mutex);
        state_->wanted = least(items, state_->waiting / 2 + 1);  // the workers have the other half while the consumer wakes up
        return state_->ready == 0;
      };
      if (want(more + 1)) state_->changed.wait_until(event::clock::now() + consumer_pace::longest_sleep);
      want(1);
    } else {
      state_->changed.wait();
    }
  }
}

void wait_for_tasks(const std::vector<task*>& tasks, wait_until when, const std::optional<std::chrono::duration<double>>& limit) {
  const auto end = event::clock::now() + std::chrono::nanoseconds(limit ? clamped_nanoseconds(*limit) : 0);
  const auto left = [&]() -> std::optional<std::chrono::duration<double>> {
    if (!limit) return std::nullopt;
    return end - event::clock::now();
  };
  if (when == wait_until::all_completed) {
    for (task* const each : tasks) {
      if (!limit) {
        each->wait();
      } else if (!each->wait_for(*left())) {
        return;
      }
    }
    return;
  }
  std::vector<completions::entry> entries(tasks.size());
  completions done;
  for (std::size_t i = 0; i < tasks.size(); ++i) done.add(entries[i], *tasks[i], i);
  for (std::size_t i; (i = done.next(left())) != completions::none;)
    if (when == wait_until::first_completed || tasks[i]->now() == task::failed) return;
}

gathering::gathering(task& whole, std::vector<task*> parts)
    : whole_(whole), parts_(std::move(parts)), places_(parts_.size()), left_(parts_.size() + 1) {}
gathering::~gathering() = default;

void gathering::start() {
  whole_.add_reference();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    places_[i].owner = this;
    if (!parts_[i]->listen(places_[i])) count_down();
  }
  count_down();
}

void gathering::place::done() noexcept { owner->count_down(); }

void gathering::count_down() noexcept {
  if (left_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  build();
  whole_.release();
}

task* gathering::unfinished() noexcept {
  const spin_guard guard(lock_);
  for (task* const each : parts_)
    if (!each->done()) {
      each->add_reference();
      return each;
    }
  return nullptr;
}

void gathering::forget_parts() noexcept {
  const spin_guard guard(lock_);
  parts_.clear();
}

void throw_no_future(const char* verb) {
  throw std::invalid_argument(std::string("future: asked to ") + verb +
                              ", found an empty future (default-constructed or moved from); use one that submit gave");
}
void throw_not_ready(double seconds) {
  throw timeout_error("future: asked for the result within " + std::to_string(seconds) +
                      " s, found that it is not done; it goes on, ask again or wait longer");
}
std::exception_ptr taken_error() {
  return std::make_exception_ptr(
      std::invalid_argument("future: asked for a value that was taken before, by get() or when_all(); keep the value from the first time"));
}

namespace {
std::mutex handler_mutex;
const held_over_fork handler_over_fork(handler_mutex);
std::shared_ptr<const std::function<void(std::exception_ptr)>>& handler() {
  static auto* const set = new std::shared_ptr<const std::function<void(std::exception_ptr)>>;
  return *set;
}
}  // namespace

void report_callback_error(std::exception_ptr what) noexcept {
  std::shared_ptr<const std::function<void(std::exception_ptr)>> told;
  {
    const std::lock_guard lock(handler_mutex);
    told = handler();
  }
  if (told) return (*told)(std::move(what));
  try {
    std::rethrow_exception(std::move(what));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "foldgrid: a callback of on_done threw: %s\n", e.what());
  } catch (...) {
    std::fputs("foldgrid: a callback of on_done threw something that is no std::exception\n", stderr);
  }
}

}  // namespace foldgrid::detail

namespace foldgrid {

void set_callback_error_handler(std::function<void(std::exception_ptr)> handler) {
  auto made = handler ? std::make_shared<const std::function<void(std::exception_ptr)>>(std::move(handler)) : nullptr;
  const std::lock_guard lock(detail::handler_mutex);
  detail::handler().swap(made);
}

}  // namespace foldgrid
