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

/// Large chunks and parts start at multiples of this: of a cache line, whatever the elements.
constexpr std::size_t even_start = 64;

/// Most parts a loop is dealt out in; more participants than that share them.
constexpr std::size_t most_parts = 16;

}  // namespace

void spin_lock::yield() noexcept { std::this_thread::yield(); }

/// One loop, joined by several threads. Each begins in a part of its own, the same in every loop over as many indices, so
/// that what lies in a core's cache is read there again; who has finished a part helps where most is left. A call that
/// fails fast has one part, claimed in index order: everything below a failing item has then begun.
class loop_job final : public job {
 public:
  loop_job(call& of, std::size_t size, cut where, std::size_t grain, std::size_t fixed, std::size_t participants, loop_body body,
           std::size_t items_each)
      : call_(of),
        body_(body),
        grain_(grain),
        fixed_(fixed),
        items_each_(items_each),
        at_nodes_(where == cut::at_nodes),
        alone_(participants == 1),
        part_count_(of.asked_.fail_fast ? 1 : std::min(participants, most_parts)) {
    const std::size_t share = size / part_count_;
    const std::size_t unit = fixed != 0  ? fixed
                             : at_nodes_ ? std::bit_floor(std::max<std::size_t>(share / 4, 1))
                                         : (share >= 4 * even_start ? even_start : 1);
    std::size_t at = 0;
    for (std::size_t k = 0; k < part_count_; ++k) {
      const std::size_t left = part_count_ - k, end = left == 1 ? size : std::min(size, at + (size - at) / left / unit * unit);
      parts_[k].next.store(at, std::memory_order_relaxed);
      parts_[k].end = at = end;
    }
  }

  void participate(std::size_t seat) noexcept override {
    const exact_arithmetic exact;
    participant mine(*this, seat);
    try {
      body_(mine);
    } catch (...) {
      call_.abort(std::current_exception());
    }
  }

 private:
  struct part;

  class participant final : public chunk_source {
   public:
    participant(loop_job& job, std::size_t seat) noexcept
        : job_(job),
          part_(job.first_part(seat)),
          want_(job.fixed_ != 0 ? job.fixed_ : job.grain_),
          before_(job.fixed_ == 0 ? steady_nanoseconds() : 0) {}

    bool next(std::size_t& first, std::size_t& last) noexcept override {
      if (claimed_ != 0) finish_chunk();
      while (!job_.call_.over()) {
        if (job_.claim(*part_, want_, first, last)) {
          claimed_ = last - first;
          return true;
        }
        part_ = job_.fullest_part();
        if (part_ == nullptr) break;
      }
      claimed_ = 0;
      return false;
    }

   private:
    void finish_chunk() noexcept {
      job_.call_.advance(claimed_ * job_.items_each_);
      if (job_.fixed_ != 0) return;
      const std::int64_t now = steady_nanoseconds(), spent = now - before_;
      before_ = now;
      if (spent < chunk_time / 2) {
        const auto factor = static_cast<std::size_t>(std::clamp<std::int64_t>(chunk_time / (2 * spent + 1), 2, 64));
        want_ = want_ < most_wanted / factor ? want_ * factor : most_wanted;
      } else if (spent > 4 * chunk_time && want_ > job_.grain_) {
        want_ /= 2;
      }
    }

    loop_job& job_;
    part* part_;
    std::size_t want_, claimed_ = 0;
    std::int64_t before_;
  };

  struct alignas(64) part {
    std::atomic<std::size_t> next;
    std::size_t end;
    std::atomic<bool> owned = false;
    std::size_t left() const noexcept {
      const std::size_t at = next.load(std::memory_order_relaxed);
      return at < end ? end - at : 0;
    }
  };

  part* first_part(std::size_t seat) noexcept {
    for (std::size_t k = 0; k < part_count_; ++k) {
      part& each = parts_[(seat + k) % part_count_];
      if (!each.owned.exchange(true, std::memory_order_relaxed)) return &each;
    }
    return &parts_[seat % part_count_];
  }

  part* fullest_part() noexcept {
    part* const found = std::max_element(parts_, parts_ + part_count_, [](const part& a, const part& b) { return a.left() < b.left(); });
    return found->left() == 0 ? nullptr : found;
  }

  bool claim(part& from, std::size_t want, std::size_t& first, std::size_t& last) const noexcept {
    std::size_t at = from.next.load(std::memory_order_relaxed), end;
    do {
      if (at >= from.end) return false;
      const std::size_t left = from.end - at;
      std::size_t k = want;
      if (fixed_ == 0 && !alone_) k = std::min(k, std::max({left / 2, want / 16, grain_}));  // leave something for the others
      k = std::min(k, left);
      end = at + k;
      if (fixed_ == 0 && k < left) {
        const std::size_t unit = at_nodes_             ? std::bit_floor(k) / std::min<std::size_t>(std::bit_floor(k), 4)
                                 : k >= 2 * even_start ? even_start
                                                       : 1;
        end -= end % unit;
      }
    } while (!from.next.compare_exchange_weak(at, end, std::memory_order_relaxed));
    first = at;
    last = end;
    return true;
  }

  static constexpr std::size_t most_wanted = std::numeric_limits<std::size_t>::max() / 2;

  call& call_;
  const loop_body body_;
  const std::size_t grain_, fixed_, items_each_;
  const bool at_nodes_, alone_;
  const std::size_t part_count_;
  part parts_[most_parts];
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
    const place at = ran_ ? *ran_ : place{engine_.where(), engine_.device(), engine_.reason()};
    if (asked_.report)
      *asked_.report = {.where = at.where,
                        .device = at.device,
                        .reason = at.reason,
                        .elements = elements,
                        .bytes_in = bytes_in_,
                        .bytes_out = bytes_out_,
                        .seconds = seconds,
                        .copy_seconds = copy_seconds_,
                        .compute_seconds = compute_seconds_ < 0 ? seconds : compute_seconds_};
    if (engine_.logs())
      std::fprintf(stderr, "foldgrid: %s of %zu elements on %s, %s (%s): %.6f s\n", verb_, elements, to_string(at.where), at.device.c_str(),
                   at.reason.c_str(), seconds);
  } catch (...) {  // no memory for a text: the result matters more than the report
  }
}

void call::ran(backend where, std::string device, std::string reason) { ran_ = place{where, std::move(device), std::move(reason)}; }

void call::counted(std::size_t items) {
  if (items_ == unknown && !asked_.total) reported_ = 0;  // whatever was told, the total was not
  items_ = items;
  if (asked_.total && asked_.total->value() != items)
    throw std::invalid_argument(std::string(verb_) + ": told to expect a total of " + asked_.total->text() + " items, found " +
                                std::to_string(items) + "; give the real number or leave the option out");
}

void call::loop(std::size_t size, cut where, std::size_t grain, loop_body body, std::size_t items_each) {
  if (size == 0) return;
  if (engine_.where() == backend::gpu && items_each != 0)
    throw std::invalid_argument(
        std::string(verb_) +
        ": asked to run on the GPU, where this call cannot go: functions and operators must be declared by "
        "FOLDGRID_FUNCTION or FOLDGRID_FUNCTOR (or be std::plus<>, std::multiplies<>, fg::min, fg::max), and elements "
        "be numbers or FOLDGRID_STRUCTs in contiguous ranges or lazy inputs. Use backend::automatic to let such calls "
        "run on the threads");
  const std::size_t chunk = asked_.chunk_size.value(), each_index = std::max<std::size_t>(items_each, 1);
  std::size_t fixed = std::min(chunk / each_index + (chunk % each_index != 0), size);
  if (fixed != 0 && where == cut::at_nodes && fixed != size) fixed = std::bit_floor(fixed);
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
