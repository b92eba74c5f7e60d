// SPDX-License-Identifier: MIT
// Folds over the points of a study in memory that does not grow with them.
#pragma once

#include <foldgrid/detail/async.hpp>
#include <foldgrid/detail/study_run.hpp>
#include <foldgrid/study/folds.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail {

FOLDGRID_STRUCT(foldgrid_moments, (double mean; double squares = 0; double count = 1;))

/// Two samples become one: T. F. Chan, G. H. Golub, R. J. LeVeque, Updating formulae and a pairwise algorithm for computing sample
/// variances, COMPSTAT 1982. By + - * / alone, so the fixed tree gives the same bits everywhere.
FOLDGRID_FUNCTION_USING((foldgrid_moments), foldgrid_merge_moments, (const foldgrid_moments& a, const foldgrid_moments& b), {
  const double count = a.count + b.count;
  const double apart = b.mean - a.mean;
  return foldgrid_moments{a.mean + apart * (b.count / count), a.squares + b.squares + apart * apart * (a.count * b.count / count), count};
})

/// Keeps the best of values that come one after another; of equal ones the first. NaN is passed over.
class FOLDGRID_API best_points {
 public:
  best_points(std::size_t most, best_is which) : most_(most), which_(which) {}
  void add(std::size_t point, double value);
  std::vector<best_point> sorted(const study_points& points);

 private:
  struct entry {
    double value;
    std::size_t point;
  };
  bool comes_before(const entry& a, const entry& b) const noexcept {
    if (a.value != b.value) return which_ == best_is::smallest ? a.value < b.value : a.value > b.value;
    return a.point < b.point;
  }
  std::size_t most_;
  best_is which_;
  std::vector<entry> kept_;  // a heap, the worst in front
};

FOLDGRID_API void count_in(histogram& to, double value);
FOLDGRID_API histogram checked_histogram(const std::string& study, double low, double high, count bins);

/// task_error of a point of the study, with what its axes are there, for the failure of an item of a verb; the original exception is
/// nested.
[[noreturn]] FOLDGRID_API void throw_at_point(const task_error& failed, std::size_t first, const std::string& study,
                                              const study_points& points);
template <class Verb>
auto naming_points(std::size_t first, const std::string& study, const study_points& points, Verb&& verb) {
  try {
    return verb();
  } catch (const task_error& failed) {
    throw_at_point(failed, first, study, points);
  }
}

template <class F, std::size_t N>
constexpr bool check_number() {
  constexpr bool good = std::is_arithmetic_v<result_of_numbers<F, N>>;
  static_assert(good, "foldgrid: folds over a study need a function that gives one number; pick one of the results in a lambda");
  return good;
}

/// see(point, value) for every point in order, a wave of values at a time.
template <std::size_t N, class Executor, class F, class See>
void see_values(Executor& pool, const F& f, const std::string& study, const study_points& points, const options& asked, See&& see) {
  constexpr std::size_t wave = std::size_t{1} << 19;
  const std::size_t n = points.size();
  const std::int64_t begun = now_nanoseconds();
  const later_options timed(asked);
  run_report all;
  for (std::size_t first = 0; first < n; first += wave) {
    const std::size_t count = least(wave, n - first);
    run_report mine;
    const auto values = timed.use("map", [&](options told) {
      told.report = &mine;
      if (asked.progress) told.progress = [&](std::size_t done, std::size_t) { asked.progress(first + done, n); };
      return naming_points(first, study, points, [&] {
        return over_columns<N>(points, first, count, [&](auto... columns) { return pool.map(told, f, columns...); });
      });
    });
    for (std::size_t i = 0; i < count; ++i) see(first + i, static_cast<double>(values[i]));
    all.where = mine.where;
    all.device = mine.device;
    all.reason = mine.reason;
    all.bytes_out += mine.bytes_out;
    all.copy_seconds += mine.copy_seconds;
    all.compute_seconds += mine.compute_seconds;
  }
  if (asked.report == nullptr) return;
  all.elements = n;
  all.seconds = static_cast<double>(now_nanoseconds() - begun) * 1e-9;
  *asked.report = all;
}

template <std::size_t N, class Executor, class F>
statistics moments_of(Executor& pool, const F& f, const std::string& study, const study_points& points, const options& asked) {
  if (points.size() == 0) return {};
  const foldgrid_moments all = naming_points(0, study, points, [&] {
    return over_columns<N>(points, 0, points.size(), [&](auto... columns) {
      return pool.template map_reduce<foldgrid_moments>(asked, f, foldgrid_merge_moments, columns...);
    });
  });
  return {points.size(), all.mean, all.count > 1 ? all.squares / (all.count - 1) : 0};
}

}  // namespace foldgrid::detail
