// SPDX-License-Identifier: MIT
// What the folds of a study give: points that are best, statistics, histograms.
#pragma once

#include <foldgrid/detail/build.hpp>

#include <cstddef>
#include <vector>

namespace foldgrid {

/// A value of the function and where it has it.
struct best_point {
  double value = {};
  std::size_t point = {};               ///< number of the point in the study
  std::vector<double> parameters = {};  ///< the values of the axes there
};

/// Which values are best.
enum class best_is { smallest, largest };

/// Mean and spread of all values.
struct FOLDGRID_API statistics {
  std::size_t count = {};
  double mean = {};
  double variance = {};  ///< of the sample: the sum of squared deviations over count - 1; 0 for one value
  double standard_deviation() const;
  /// Of the mean: sqrt(variance / count).
  double standard_error() const;
};

/// How many values lie in each of equal bins of [low, high]; each bin has its lower edge, the last one both.
struct histogram {
  double low = {}, high = {};
  std::vector<std::size_t> counts = {};
  std::size_t below = {}, above = {}, nans = {};  ///< values outside
};

}  // namespace foldgrid
