// SPDX-License-Identifier: MIT
// Keeping errors, watching the clock, telling progress: the part of a verb that knows no types.
#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/detail/call.hpp>
#include <foldgrid/detail/fold_source.hpp>
#include <foldgrid/detail/throw.hpp>

#include "engine.hpp"
#include "item_watcher.hpp"
#include "loop_job.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <thread>

namespace foldgrid::detail {

std::int64_t now_nanoseconds() noexcept { return steady_nanoseconds(); }

void spin_lock::yield() noexcept { std::this_thread::yield(); }

/// Stopped when one of two tokens is.
struct call::linked_stop {
  struct forward {
    std::stop_source to;
    void operator()() { to.request_stop(); }
  };
  std::stop_source source;
  std::stop_callback<forward> first, second;
  linked_stop(const std::stop_token& a, const std::stop_token& b) : first(a, forward{source}), second(b, forward{source}) {}
};

call::call(engine* where, const char* verb, const options& asked, std::size_t items)
    : engine_((check_quiet(where), *where)), verb_(verb), asked_(asked), items_(items), stops_(where->stops()) {
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
  if (asked.timeout || tells()) started_ = steady_nanoseconds();
  if (asked.timeout) deadline_ = started_ + clamped_nanoseconds(*asked.timeout);
  if (asked.task_timeout) watcher_ = std::make_unique<item_watcher>(*asked.task_timeout);
}

void call::link_token() {
  token_ = engine_.token();
  if (!asked_.stop.stop_possible()) return;
  linked_ = std::make_unique<linked_stop>(asked_.stop, token_);
  token_ = linked_->source.get_token();
}

bool call::stop_requested() const noexcept { return asked_.stop.stop_requested() || engine_.stops() != stops_; }

void call::when_done(void (*took)(const timed_work&, std::size_t, double) noexcept, const timed_work& work) noexcept {
  timed_by_ = took;
  timed_ = work;
  if (started_ == 0) started_ = steady_nanoseconds();
}

call::~call() {
  const bool is_told = tells(), is_timed = timed_by_ != nullptr && !failure_ && !over();
  if (!is_told && !is_timed) return;
  const double seconds = static_cast<double>(steady_nanoseconds() - started_) * 1e-9;
  if (is_timed) timed_by_(timed_, engine_.workers(), seconds);
  if (!is_told) return;
  const std::size_t elements = items_ == unknown ? 0 : items_;
  try {
    const place at = ran_ ? *ran_
                          : place{engine_.shown(), engine_.device(),
                                  engine_.automatic() && cannot_leave_
                                      ? "automatic: a function, an operator or elements of the call are not known to a GPU"
                                      : engine_.reason()};
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

bool call::tells() const noexcept { return asked_.report != nullptr || engine_.logs(); }

void call::ran(backend where, std::string device, std::string reason) { ran_ = place{where, std::move(device), std::move(reason)}; }

void call::on_workers() {
  on_workers_ = true;
  if (tells() && engine_.where() == backend::gpu)
    ran(backend::threads, std::to_string(engine_.workers()) + " workers", "tasks and streams run on the CPU's workers");
}

void call::counted(std::size_t items) {
  if (items_ == unknown && !asked_.total) reported_ = 0;  // whatever was told, the total was not
  items_ = items;
  if (asked_.total && asked_.total->value() != items)
    throw std::invalid_argument(std::string(verb_) + ": told to expect a total of " + asked_.total->text() + " items, found " +
                                std::to_string(items) + "; give the real number or leave the option out");
}

void call::loop(std::size_t size, cut where, std::size_t grain, loop_body body, std::size_t items_each) {
  if (size == 0) return;
  if (engine_.where() == backend::gpu && items_each != 0 && !on_workers_)
    throw std::invalid_argument(
        std::string(verb_) +
        ": asked to run on the GPU, where this call cannot go: functions and operators must be declared by "
        "FOLDGRID_FUNCTION or FOLDGRID_FUNCTOR (or be std::plus<>, std::multiplies<>, fg::min, fg::max, a std::bit_ or std::logical_ "
        "operator), and elements "
        "be numbers or FOLDGRID_STRUCTs in contiguous ranges or lazy inputs. Use backend::automatic to let such calls "
        "run on the threads");
  const std::size_t chunk = items_each != 0 ? asked_.chunk_size.value() : 0, each_index = std::max<std::size_t>(items_each, 1);
  std::size_t fixed = std::min(chunk / each_index + (chunk % each_index != 0), size);
  if (fixed != 0 && where != cut::anywhere && fixed != size) fixed = std::bit_floor(fixed);
  const std::size_t each = fixed != 0 ? fixed : grain;
  const std::size_t participants = std::min(engine_.workers(), size / each + (size % each != 0));
  loop_job job(*this, size, where, grain, fixed, participants, body, items_each);
  if (!over()) engine_.run(job, participants);
}

void call::fail(std::size_t index, std::string_view where) noexcept {
  try {
    throw;
  } catch (const unequal_arrays&) {
    abort(std::current_exception());
  } catch (...) {
    const spin_guard guard(error_lock_);
    if (index < failed_index_.load(std::memory_order_relaxed)) {
      failed_index_.store(index, std::memory_order_relaxed);
      failure_ = std::current_exception();
      failed_where_ = where;
    }
  }
}

void call::abort(std::exception_ptr why) noexcept {
  const spin_guard guard(error_lock_);
  if (!abort_) abort_ = std::move(why);
  ended_.store(true, std::memory_order_relaxed);
}

bool call::time_is_up() const noexcept { return deadline_ != 0 && steady_nanoseconds() >= deadline_; }

bool call::over() const noexcept { return gives_up() || stop_requested() || time_is_up(); }

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

std::exception_ptr call::finish_early() {
  if (abort_) std::rethrow_exception(abort_);
  try {
    finish();
  } catch (const task_error&) {
  } catch (const cancelled_error&) {
    return std::current_exception();
  } catch (const timeout_error&) {
    return std::current_exception();
  }
  return not_begun();
}

std::exception_ptr call::not_begun() const {
  return std::make_exception_ptr(cancelled_error(std::string(verb_) + ": not begun, because another item failed (fail_fast)"));
}

out_of_time::out_of_time(const char* verb, std::chrono::duration<double> limit)
    : timeout_error(std::string(verb) + ": not done within its timeout of " + std::to_string(limit.count()) +
                    " s; give it more time or less work") {}
out_of_time::~out_of_time() = default;

void throw_failed_item(const char* verb, std::size_t index, const std::string& where, const std::exception_ptr& why) {
  const std::string item = std::string(verb) + ": item " + std::to_string(index) + " failed" + where;
  try {
    std::rethrow_exception(why);
  } catch (const foldgrid::failure& e) {
    throw task_error(item + ": " + e.what(), index, e.code());
  } catch (const std::exception& e) {
    throw task_error(item + ": " + e.what(), index);
  } catch (...) {
    throw task_error(item + " with an exception that is no std::exception", index);
  }
}

void call::finish() {
  if (abort_) std::rethrow_exception(abort_);
  if (failure_) throw_failed_item(verb_, failed_index_.load(std::memory_order_relaxed), failed_where_, failure_);
  if (items_ == 0) return;
  if (stop_requested())
    throw cancelled_error(std::string(verb_) + ": stopped by " +
                          (asked_.stop.stop_requested() ? "the caller's stop_token" : "the executor's request_stop()") +
                          "; nothing new was started");
  if (time_is_up()) throw out_of_time(verb_, *asked_.timeout);
  if (!asked_.progress || items_ == unknown || reported_ == items_) return;
  reported_ = items_;
  asked_.progress(items_, items_);
}

}  // namespace foldgrid::detail
