// SPDX-License-Identifier: MIT
// What folds over a study keep, and how they name a point that failed.
#include <foldgrid/detail/study_folds.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <stdexcept>

namespace foldgrid {

double statistics::standard_deviation() const { return std::sqrt(variance); }
double statistics::standard_error() const { return count == 0 ? 0 : std::sqrt(variance / static_cast<double>(count)); }

namespace detail {

void throw_at_point(const task_error& failed, std::size_t first, const std::string& study, const study_points& points) {
  const std::size_t point = first + failed.index();
  std::string where = "study '" + study + "': point " + std::to_string(point) + " (";
  const std::vector<double> at = points.at(point);
  for (std::size_t k = 0; k < at.size(); ++k) {
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", at[k]);
    where += (k == 0 ? "" : ", ") + points.axes()[k].name + " = " + text;
  }
  where += ") failed: ";
  try {
    std::rethrow_if_nested(failed);
  } catch (const std::exception& original) {
    throw task_error(where + original.what(), point, failed.code());
  } catch (...) {
    throw task_error(where + message_of(failed), point, failed.code());
  }
  throw task_error(where + message_of(failed), point, failed.code());
}

std::string message_of(const task_error& failed) {
  try {
    std::rethrow_if_nested(failed);
  } catch (const std::exception& original) {
    return original.what();
  } catch (...) {
    return "something that is no std::exception";
  }
  return failed.code() != 0 ? failure(failed.code()).what() : failed.what();
}

void best_points::add(std::size_t point, double value) {
  if (value != value || most_ == 0) return;
  if (kept_.size() == most_ && !comes_before({value, point}, kept_.front())) return;
  const auto before = [this](const entry& a, const entry& b) { return comes_before(a, b); };
  if (kept_.size() == most_) {
    std::pop_heap(kept_.begin(), kept_.end(), before);
    kept_.pop_back();
  }
  kept_.push_back({value, point});
  std::push_heap(kept_.begin(), kept_.end(), before);
}

std::vector<best_point> best_points::sorted(const study_points& points) {
  std::sort_heap(kept_.begin(), kept_.end(), [this](const entry& a, const entry& b) { return comes_before(a, b); });
  std::vector<best_point> all;
  for (const entry& each : kept_) all.push_back({each.value, each.point, points.at(each.point)});
  return all;
}

void count_in(histogram& to, double value) {
  if (value != value) {
    ++to.nans;
  } else if (value < to.low) {
    ++to.below;
  } else if (value > to.high) {
    ++to.above;
  } else {
    const auto bins = static_cast<double>(to.counts.size());
    const double at = (value - to.low) / (to.high - to.low) * bins;
    ++to.counts[at < bins ? static_cast<std::size_t>(at) : to.counts.size() - 1];
  }
}

histogram checked_histogram(const std::string& study, double low, double high, count bins) {
  if (!(low < high) || !std::isfinite(high - low))
    throw std::invalid_argument("study '" + study + "': asked for a histogram from " + std::to_string(low) + " to " + std::to_string(high) +
                                "; give a finite interval, the lower end first");
  if (bins.negative() || bins.value() == 0)
    throw std::invalid_argument("study '" + study + "': asked for a histogram of " + bins.text() + " bins; give at least one");
  histogram made;
  made.low = low;
  made.high = high;
  made.counts.resize(bins.value());
  return made;
}

}  // namespace detail
}  // namespace foldgrid
