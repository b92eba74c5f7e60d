// SPDX-License-Identifier: MIT
// What a study's run can be told, and what it tells back.
#pragma once

#include <foldgrid/options.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <semaphore>  // declares std::chrono::duration at a fraction of <chrono>'s cost
#include <stop_token>
#include <string>
#include <vector>

namespace foldgrid {

/// Filled by study::run through its option `.report`, when it ends well or in an error. `elements` are the points of the study.
struct study_report : run_report {
  std::size_t resumed = {};   ///< points found in the checkpoint
  std::size_t computed = {};  ///< points computed by this run
  std::size_t failed = {};    ///< points without a result, those of earlier runs too
  std::size_t saves = {};     ///< times that the checkpoint was written
  double save_seconds = {};   ///< of the run, writing it
};

/// Options of study::run, in this order: `study.run(pool, f, {.checkpoint = "run.fg", .retries = 2})`.
struct study_options {
  /// The file that finished points are kept in. Where it exists the run goes on with what is missing. Empty: nothing is kept.
  std::string checkpoint = {};
  /// Belongs to the checkpoint's key beside the study's name, its axes and the function's name: whatever else the results depend on, such
  /// as a version of the code or the values that the function holds.
  std::string tag = {};
  /// The function's name in the key. Empty: its FOLDGRID_ name, or for other callables the name that the compiler gives their type.
  /// Pointers to functions and std::function have none: name them.
  std::string function = {};
  /// Names of the results. Empty: the members of a FOLDGRID_STRUCT; "result" for one number; result1, result2, ... for others.
  std::vector<std::string> results = {};
  /// How often a point whose function threw is computed again before it counts as failed.
  count retries = {};
  /// Points that failed in earlier runs are computed again.
  bool retry_failed = {};
  /// Called as points are finished, on the calling thread; points of the checkpoint count as done.
  progress_callback progress = {};
  /// Once stopped nothing new starts; what runs is awaited and saved, then cancelled_error.
  std::stop_token stop = {};
  /// Once past nothing new starts; what runs is awaited and saved, then timeout_error. Seconds from the call.
  std::optional<std::chrono::duration<double>> timeout = {};
  /// How long finished points may wait until they are saved; unset is one second.
  std::optional<std::chrono::duration<double>> save_every = {};
  /// Called after each save with the number of points that are in the file, and of all, on the calling thread.
  std::function<void(std::size_t saved, std::size_t total)> on_saved = {};
  /// Filled with where and how the run went.
  study_report* report = {};
};

}  // namespace foldgrid
