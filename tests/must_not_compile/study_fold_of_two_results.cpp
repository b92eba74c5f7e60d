// EXPECT: foldgrid: folds over a study need a function that gives one number
// SPDX-License-Identifier: MIT
// A fold takes one number from each point.
#include <foldgrid/foldgrid.hpp>
#include <foldgrid/study.hpp>

#include <utility>

namespace fg = foldgrid;

void misuse(const fg::executor& pool, const fg::study& study) {
  study.best(pool, [](double x) { return std::pair(x, x); }, 3);
}
