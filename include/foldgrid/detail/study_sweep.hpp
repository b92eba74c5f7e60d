// SPDX-License-Identifier: MIT
// A sweep over the points of a study as the compiled core sees it: what is to be done, what is done, what is saved.
#pragma once

#include <foldgrid/detail/study_points.hpp>
#include <foldgrid/study/options.hpp>
#include <foldgrid/study/table.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace foldgrid::detail {

class checkpoint;

/// Some neighbouring points to be computed: the first, the seconds after which no further one is begun, and their axes' values, point after
/// point. Made of standard types, because it may travel.
using block_task = std::tuple<std::size_t, double, std::vector<double>>;
/// What became of it: the first point, the seconds it took, the results point after point (fewer points than asked when time was up), and
/// of each point that failed its number, code and message.
using block_done = std::tuple<std::size_t, double, std::vector<double>, std::vector<std::tuple<std::size_t, int, std::string>>>;

/// What a sweep must know of its function.
struct sweep_facts {
  std::string study, function;
  std::vector<std::string> results;
  bool digits_may_differ;
};

/// Where a resumed sweep's digits come from.
enum class digits { anywhere, cpu, gpu };

/// Used by the calling thread alone, but for over().
class FOLDGRID_API sweep {
 public:
  /// Opens the checkpoint and reads what is done; see study::run for what it throws.
  sweep(std::shared_ptr<const study_points> points, sweep_facts facts, const study_options& asked);
  sweep(const sweep&) = delete;
  sweep& operator=(const sweep&) = delete;
  /// Saves what is done, silently, when finish() has not.
  ~sweep();

  /// True while there are points that nobody computes yet.
  bool pending() const noexcept { return !over() && !todo_.empty(); }
  /// The next block, sized so that it takes about a twentieth of the time between saves. Only while pending().
  block_task next_block();
  /// The next points [first, last) for a call of map, at least so many; none, as first = last, when there are not so many neighbours.
  std::pair<std::size_t, std::size_t> next_wave(std::size_t least_points);
  /// True when nothing new may start. For any thread.
  bool over() const noexcept;
  /// Seconds left of the timeout.
  std::optional<std::chrono::duration<double>> time_left() const;

  /// Takes results, saves when it is time, tells progress. Throws error when the checkpoint cannot be written.
  void done(block_done&& block);
  /// Refuses digits of another backend than those of the checkpoint: error. Before done().
  void comes_from(digits where);
  /// Ends the sweep: saves, and throws cancelled_error or timeout_error when points are missing.
  table finish(const run_report& where);

  const study_points& points() const noexcept { return *points_; }
  const study_options& asked() const noexcept { return asked_; }
  std::size_t attempts() const noexcept { return asked_.retries.value() + 1; }

 private:
  using range = std::pair<std::size_t, std::size_t>;
  void resume();
  void save();
  void report(const run_report& where);

  std::shared_ptr<const study_points> points_;
  sweep_facts facts_;
  const study_options& asked_;
  std::unique_ptr<checkpoint> file_;
  std::vector<double> values_;
  std::vector<range> todo_;                     // the next one last
  std::map<std::size_t, std::size_t> running_;  // blocks by their first point: their end
  std::map<std::size_t, std::size_t> unsaved_;  // the same, of what is done
  std::map<std::size_t, point_failure> failures_;
  digits digits_ = digits::anywhere;
  double point_seconds_ = 0;  // what a point takes, as of late; 0 while unknown
  std::size_t block_ = 1, wave_ = 0;
  std::size_t done_ = 0, saved_ = 0;
  study_report told_;
  std::int64_t begun_, saved_at_;
  bool finished_ = false;
};

}  // namespace foldgrid::detail
