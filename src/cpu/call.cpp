// SPDX-License-Identifier: MIT
// Claiming chunks, keeping errors, watching the clock, telling progress: the part of a verb that knows no types.
#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/detail/call.hpp>
#include <foldgrid/detail/throw.hpp>

#include "engine.hpp"
#include "item_watcher.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <thread>

namespace foldgrid::detail {
namespace {

/// A chunk that takes this long hides the cost of claiming it and still leaves the ends of a call even.
constexpr std::int64_t chunk_time = 100'000;

/// Large chunks start at multiples of this: of a cache line, whatever the elements.
constexpr std::size_t even_start = 64;

std::size_t bit_floor_or_one(std::size_t n) noexcept { return n == 0 ? 1 : std::bit_floor(n); }

}  // namespace

void spin_lock::yield() noexcept { std::this_thread::yield(); }

/// One loop, joined by several threads.
class loop_job final : public job {
 public:
  loop_job(call& of, std::size_t size, cut where, std::size_t grain, std::size_t fixed, std::size_t participants, chunk_body body,
           std::size_t items_each)
      : call_(of),
        body_(body),
        size_(size),
        grain_(grain),
        fixed_(fixed),
        participants_(participants),
        items_each_(items_each),
        at_nodes_(where == cut::at_nodes) {}

  void participate() noexcept override {
    const exact_arithmetic exact;
    std::size_t want = fixed_ != 0 ? fixed_ : grain_, first, last;
    std::int64_t before = fixed_ == 0 ? steady_nanoseconds() : 0;
    while (!call_.over() && claim(want, first, last)) {
      try {
        body_(first, last);
      } catch (...) {
        call_.abort(std::current_exception());
      }
      call_.advance((last - first) * items_each_);
      if (fixed_ != 0) continue;
      const std::int64_t now = steady_nanoseconds(), spent = now - before;
      before = now;
      if (spent < chunk_time / 2) {
        const auto factor = static_cast<std::size_t>(std::clamp<std::int64_t>(chunk_time / (2 * spent + 1), 2, 64));
        want = want < size_ / factor ? want * factor : size_;
      } else if (spent > 4 * chunk_time && want > grain_) {
        want /= 2;
      }
      if (at_nodes_) want = std::bit_floor(want);
    }
  }

 private:
  bool claim(std::size_t want, std::size_t& first, std::size_t& last) noexcept {
    std::size_t at = next_.load(std::memory_order_relaxed), k;
    do {
      if (at >= size_) return false;
      k = want;
      if (fixed_ == 0 && participants_ > 1) {  // leave something for the others
        std::size_t share = (size_ - at) / (2 * participants_);
        if (at_nodes_) share = bit_floor_or_one(share);
        k = std::min(k, std::max({share, want / 16, grain_}));
      }
      if (fixed_ == 0 && !at_nodes_ && k >= even_start) k += (even_start - (at + k) % even_start) % even_start;
      if (at_nodes_ && at != 0) k = std::min(k, at & (~at + 1));
    } while (!next_.compare_exchange_weak(at, at + std::min(k, size_ - at), std::memory_order_relaxed));
    first = at;
    last = at + std::min(k, size_ - at);
    return true;
  }

  call& call_;
  const chunk_body body_;
  const std::size_t size_, grain_, fixed_, participants_, items_each_;
  const bool at_nodes_;
  alignas(64) std::atomic<std::size_t> next_ = 0;
};

call::call(engine* where, const char* verb, const options& asked, std::size_t items)
    : engine_((check_quiet(where), *where)), verb_(verb), asked_(asked), items_(items) {
  const auto misuse = [&](const std::string& what) { throw std::invalid_argument(std::string(verb) + ": " + what); };
  if (asked.chunk_size.negative())
    misuse("asked for a chunk_size of " + asked.chunk_size.text() + "; give a positive number, or 0 to let the library choose");
  if (asked.buffer_size.negative())
    misuse("asked for a buffer_size of " + asked.buffer_size.text() + "; give a positive number, or 0 for twice the workers");
  if (asked.total && asked.total->negative())
    misuse("told to expect a total of " + asked.total->text() + " items; give a number that is not negative");
  for (const auto& [name, duration] : {std::pair{"timeout", asked.timeout}, std::pair{"task_timeout", asked.task_timeout}})
    if (duration && std::isnan(duration->count())) misuse(std::string("asked for a ") + name + " that is not a number; give seconds");
  if (items != unknown) counted(items);
  if (asked.report || asked.timeout || engine_.logs()) started_ = steady_nanoseconds();
  if (asked.timeout) deadline_ = started_ + clamped_nanoseconds(*asked.timeout);
  if (asked.task_timeout) watcher_ = std::make_unique<item_watcher>(*asked.task_timeout);
}

call::~call() {
  if (!asked_.report && !engine_.logs()) return;
  const double seconds = static_cast<double>(steady_nanoseconds() - started_) * 1e-9;
  const std::size_t elements = items_ == unknown ? 0 : items_;
  try {
    if (asked_.report)
      *asked_.report = {.where = engine_.where(),
                        .device = engine_.device(),
                        .reason = engine_.reason(),
                        .elements = elements,
                        .bytes_in = bytes_in_,
                        .bytes_out = bytes_out_,
                        .seconds = seconds,
                        .copy_seconds = 0,
                        .compute_seconds = seconds};
    if (engine_.logs())
      std::fprintf(stderr, "foldgrid: %s of %zu elements on %s, %s (%s): %.6f s\n", verb_, elements, to_string(engine_.where()),
                   engine_.device().c_str(), engine_.reason().c_str(), seconds);
  } catch (...) {  // no memory for a text: the result matters more than the report
  }
}

void call::counted(std::size_t items) {
  if (items_ == unknown && !asked_.total) reported_ = 0;  // whatever was told, the total was not
  items_ = items;
  if (asked_.total && asked_.total->value() != items)
    throw std::invalid_argument(std::string(verb_) + ": told to expect a total of " + asked_.total->text() + " items, found " +
                                std::to_string(items) + "; give the real number or leave the option out");
}

void call::loop(std::size_t size, cut where, std::size_t grain, chunk_body body, std::size_t items_each) {
  if (size == 0) return;
  const std::size_t chunk = asked_.chunk_size.value(), each_index = std::max<std::size_t>(items_each, 1);
  std::size_t fixed = std::min(chunk / each_index + (chunk % each_index != 0), size);
  if (fixed != 0 && where == cut::at_nodes) fixed = fixed == size ? std::bit_ceil(size) : std::bit_floor(fixed);
  const std::size_t each = fixed != 0 ? fixed : grain;
  const std::size_t participants = std::min(engine_.workers(), size / each + (size % each != 0));
  loop_job job(*this, size, where, grain, fixed, participants, body, items_each);
  if (!over()) engine_.run(job, participants);
}

void call::fail(std::size_t index) noexcept {
  try {
    throw;
  } catch (const unequal_arrays&) {
    abort(std::current_exception());
  } catch (...) {
    const spin_guard guard(error_lock_);
    if (index < failed_index_.load(std::memory_order_relaxed)) {
      failed_index_.store(index, std::memory_order_relaxed);
      failure_ = std::current_exception();
    }
  }
}

void call::abort(std::exception_ptr why) noexcept {
  const spin_guard guard(error_lock_);
  if (!abort_) abort_ = std::move(why);
  ended_.store(true, std::memory_order_relaxed);
}

bool call::time_is_up() const noexcept { return deadline_ != 0 && steady_nanoseconds() >= deadline_; }

bool call::over() const noexcept { return gives_up() || asked_.stop.stop_requested() || time_is_up(); }

std::size_t call::progress_total() const noexcept {
  if (items_ != unknown) return items_;
  return asked_.total ? asked_.total->value() : 0;
}

void call::advance(std::size_t items) noexcept {
  if (!asked_.progress) return;
  done_.fetch_add(items, std::memory_order_relaxed);
  if (!reporting_.try_lock()) return;  // another thread tells
  std::size_t done = done_.load(std::memory_order_relaxed);
  if (items_ != unknown) done = std::min(done, items_);
  if (done > reported_ && !ended_.load(std::memory_order_relaxed)) {
    reported_ = done;
    try {
      asked_.progress(done, progress_total());
    } catch (...) {
      abort(std::current_exception());
    }
  }
  reporting_.unlock();
}

void call::finish() {
  if (abort_) std::rethrow_exception(abort_);
  if (failure_) {
    const std::size_t index = failed_index_.load(std::memory_order_relaxed);
    const std::string where = std::string(verb_) + ": item " + std::to_string(index) + " failed";
    try {
      std::rethrow_exception(failure_);
    } catch (const foldgrid::failure& e) {
      throw task_error(where + ": " + e.what(), index, e.code());
    } catch (const std::exception& e) {
      throw task_error(where + ": " + e.what(), index);
    } catch (...) {
      throw task_error(where + " with an exception that is no std::exception", index);
    }
  }
  if (items_ == 0) return;
  if (asked_.stop.stop_requested())
    throw cancelled_error(std::string(verb_) + ": stopped by the caller's stop_token; nothing new was started");
  if (time_is_up())
    throw timeout_error(std::string(verb_) + ": not done within its timeout of " + std::to_string(asked_.timeout->count()) +
                        " s; give it more time or less work");
  if (!asked_.progress || items_ == unknown || reported_ == items_) return;
  reported_ = items_;
  asked_.progress(items_, items_);
}

}  // namespace foldgrid::detail
