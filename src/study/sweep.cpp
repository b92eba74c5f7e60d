// SPDX-License-Identifier: MIT
// Deals out the points of a study, keeps what comes back, and saves it in time.
#include <foldgrid/detail/study_sweep.hpp>

#include "study/checkpoint.hpp"

#include <foldgrid/detail/least.hpp>
#include <foldgrid/error.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <utility>

namespace foldgrid::detail {
namespace {

constexpr std::size_t most_in_block = 1u << 16, least_in_wave = 1u << 12, first_wave = 1u << 16, most_in_wave = 1u << 22;

std::int64_t now() { return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1); }
double seconds_since(std::int64_t then) { return static_cast<double>(now() - then) * 1e-9; }

double save_seconds(const study_options& asked) { return asked.save_every ? asked.save_every->count() : 1.0; }
/// What a block should take: a small part of the time between saves.
double block_seconds(const study_options& asked) { return std::clamp(save_seconds(asked) / 20, 1e-3, 0.05); }

std::string quoted(const std::string& name) { return "study '" + name + "'"; }

}  // namespace

sweep::sweep(std::shared_ptr<const study_points> points, sweep_facts facts, const study_options& asked)
    : points_(std::move(points)), facts_(std::move(facts)), asked_(asked), begun_(now()), saved_at_(begun_) {
  if (asked.retries.negative())
    throw std::invalid_argument(quoted(facts_.study) + ": asked for " + asked.retries.text() + " retries; give 0 or more");
  if (!asked.results.empty()) {
    if (asked.results.size() != facts_.results.size())
      throw std::invalid_argument(quoted(facts_.study) + ": given names for " + std::to_string(asked.results.size()) +
                                  " results, found that the function gives " + std::to_string(facts_.results.size()) +
                                  " numbers; give a name for each");
    facts_.results = asked.results;
  }
  for (const std::string& name : facts_.results)
    for (const study_axis& axis : points_->axes())
      if (axis.name == name)
        throw std::invalid_argument(quoted(facts_.study) + ": asked for a result and an axis that are both called '" + name +
                                    "'; name the results by the option .results");
  if (!asked.checkpoint.empty() && facts_.function.empty() && asked.function.empty())
    throw std::invalid_argument(
        quoted(facts_.study) + ": asked for checkpoint '" + asked.checkpoint +
        "', found a function that its type tells from no other, such as a pointer or a std::function; give its name, "
        "{.function = \"name\"}, or a lambda that calls it");
  values_.assign(points_->size() * facts_.results.size(), std::numeric_limits<double>::quiet_NaN());
  if (asked.checkpoint.empty()) {
    if (points_->size() != 0) todo_.emplace_back(0, points_->size());
  } else {
    resume();
  }
}

void sweep::resume() {
  const std::size_t n = points_->size(), columns = facts_.results.size();
  file_ = std::make_unique<checkpoint>(
      asked_.checkpoint, checkpoint_key{facts_.study, points_->hash(), asked_.function.empty() ? facts_.function : asked_.function,
                                        asked_.tag, facts_.results, n});
  std::vector<bool> have(n);
  file_->load(
      [&](std::size_t first, std::size_t count, const double* values) {
        std::copy_n(values, count * columns, values_.begin() + static_cast<std::ptrdiff_t>(first * columns));
        std::fill_n(have.begin() + static_cast<std::ptrdiff_t>(first), count, true);
      },
      [&](std::size_t point, int code, const std::string& message) {
        if (asked_.retry_failed) {
          have[point] = false;
        } else {
          failures_[point] = {point, points_->at(point), message, code};
        }
      });
  digits_ = file_->from();
  for (std::size_t end = n; end > 0;) {
    if (have[end - 1]) {
      --end;
      ++done_;
      continue;
    }
    std::size_t first = end - 1;
    while (first > 0 && !have[first - 1]) --first;
    todo_.emplace_back(first, end);
    end = first;
  }
  saved_ = told_.resumed = done_;
  if (done_ != 0 && done_ != n && asked_.progress) asked_.progress(done_, n);
}

sweep::~sweep() {
  if (finished_) return;
  try {
    save();
    report({});
  } catch (...) {  // another exception is on its way
  }
}

bool sweep::over() const noexcept {
  return asked_.stop.stop_requested() || (asked_.timeout && seconds_since(begun_) > asked_.timeout->count());
}

std::optional<std::chrono::duration<double>> sweep::time_left() const {
  if (!asked_.timeout) return std::nullopt;
  return *asked_.timeout - std::chrono::duration<double>(seconds_since(begun_));
}

block_task sweep::next_block() {
  auto& [first, end] = todo_.back();
  const std::size_t begin = first, stop = least(begin + block_, end), axes = points_->axes().size();
  std::vector<double> values((stop - begin) * axes);
  for (std::size_t k = 0; k < axes; ++k) {
    const point_column column = points_->column(k, begin, stop - begin);
    for (std::size_t i = 0; i < stop - begin; ++i) values[i * axes + k] = column[i];
  }
  first = stop;
  if (first == end) todo_.pop_back();
  running_[begin] = stop;
  return {begin, 4 * block_seconds(asked_), std::move(values)};
}

std::pair<std::size_t, std::size_t> sweep::next_wave(std::size_t least_points) {
  if (!pending() || todo_.back().second - todo_.back().first < least_points) return {};
  wave_ = wave_ == 0 ? first_wave
                     : std::clamp(static_cast<std::size_t>(save_seconds(asked_) / (2 * point_seconds_ + 1e-12)),
                                  std::max(least_in_wave, wave_ / 8), std::min(most_in_wave, wave_ * 8));
  auto& [first, end] = todo_.back();
  const std::size_t begin = first;
  std::size_t stop = least(begin + most(wave_, least_points), end);
  if (end - stop < least_points) stop = end;
  first = stop;
  if (first == end) todo_.pop_back();
  return {begin, stop};
}

void sweep::comes_from(digits where) {
  if (!facts_.digits_may_differ || digits_ == where) return;
  if (digits_ == digits::anywhere) {
    digits_ = where;
    return;
  }
  const bool gpu = where == digits::gpu;
  throw error(quoted(facts_.study) + ": asked to go on " + (gpu ? "on a GPU" : "on the CPU") + " with " +
              (asked_.checkpoint.empty() ? "points" : "checkpoint '" + asked_.checkpoint + "'") + " begun " +
              (gpu ? "on the CPU" : "on a GPU") + ", found that the function may call libm, whose digits differ there; go on " +
              (gpu ? "with backend::threads" : "with backend::gpu") + ", or begin another file");
}

void sweep::done(block_done&& block) {
  auto& [first, seconds, results, failures] = block;
  const std::size_t columns = facts_.results.size(), count = results.size() / columns, n = points_->size();
  if (const auto mine = running_.extract(first); mine && first + count < mine.mapped()) todo_.emplace_back(first + count, mine.mapped());
  if (count == 0) return;
  std::copy(results.begin(), results.end(), values_.begin() + static_cast<std::ptrdiff_t>(first * columns));
  for (auto& [point, code, message] : failures) failures_[point] = {point, points_->at(point), std::move(message), code};
  auto place = unsaved_.lower_bound(first);
  std::size_t begin = first, end = first + count;
  if (place != unsaved_.end() && place->first == end) {
    end = place->second;
    place = unsaved_.erase(place);
  }
  if (place != unsaved_.begin() && std::prev(place)->second == begin) {
    begin = std::prev(place)->first;
    unsaved_.erase(std::prev(place));
  }
  unsaved_[begin] = end;
  done_ += count;
  told_.computed += count;
  if (seconds > 0) point_seconds_ = seconds / static_cast<double>(count);
  block_ = std::clamp(static_cast<std::size_t>(block_seconds(asked_) / (point_seconds_ + 1e-9)), std::size_t{1},
                      std::min(most_in_block, block_ * 8));
  if (file_ && done_ != n && seconds_since(saved_at_) >= save_seconds(asked_)) save();
  if (asked_.progress) asked_.progress(done_, n);
}

void sweep::save() {
  if (!file_ || unsaved_.empty()) return;
  const std::int64_t before = now();
  file_->save(unsaved_, values_, failures_, digits_);
  for (const auto& [first, end] : unsaved_) saved_ += end - first;
  unsaved_.clear();
  saved_at_ = now();
  told_.save_seconds += static_cast<double>(saved_at_ - before) * 1e-9;
  ++told_.saves;
  if (asked_.on_saved) asked_.on_saved(saved_, points_->size());
}

void sweep::report(const run_report& where) {
  if (asked_.report == nullptr) return;
  told_.where = where.where;
  told_.device = where.device;
  told_.reason = told_.computed == 0 && told_.resumed != 0 ? "every point was in the checkpoint" : where.reason;
  told_.elements = points_->size();
  told_.bytes_out = told_.computed * facts_.results.size() * sizeof(double);
  told_.failed = failures_.size();
  told_.seconds = seconds_since(begun_);
  told_.copy_seconds = where.copy_seconds;
  told_.compute_seconds = told_.seconds - told_.save_seconds;
  *asked_.report = told_;
}

table sweep::finish(const run_report& where) {
  save();
  finished_ = true;
  report(where);
  const std::size_t n = points_->size();
  if (done_ != n) {
    std::string what = quoted(facts_.study) + ": ";
    what += asked_.stop.stop_requested() ? "stopped" : "out of time";
    what += " after " + std::to_string(done_) + " of " + std::to_string(n) + " points";
    what += file_ ? "; checkpoint '" + asked_.checkpoint + "' has them: run again to go on" : "; give a .checkpoint to keep them";
    if (asked_.stop.stop_requested()) throw cancelled_error(what);
    throw timeout_error(what);
  }
  if (told_.computed == 0 && asked_.progress) asked_.progress(n, n);
  std::vector<point_failure> failures;
  for (auto& [point, failure] : failures_) failures.push_back(std::move(failure));
  return table(facts_.study, points_, facts_.results, std::move(values_), std::move(failures));
}

}  // namespace foldgrid::detail
