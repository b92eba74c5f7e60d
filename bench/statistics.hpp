// SPDX-License-Identifier: MIT
// The median of a sample and the interval that holds the true median with 95% confidence.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace bench {

struct estimate {
  double median, low, high;
};

/// `sample` must not be empty. The interval is between order statistics: the number of values below the true median has
/// the binomial distribution (n, 1/2) whatever the values' own distribution is. Below 6 values no such interval exists:
/// then it is the whole sample.
inline estimate estimate_median(std::vector<double> sample) {
  std::sort(sample.begin(), sample.end());
  const std::size_t n = sample.size();
  std::size_t cut = 0;  // values left out at each end
  double term = std::pow(0.5, static_cast<double>(n)), tail = term;
  while (tail <= 0.025 && 2 * (cut + 1) < n) {
    ++cut;
    term *= static_cast<double>(n - cut + 1) / static_cast<double>(cut);
    tail += term;
  }
  if (cut > 0) --cut;
  return {(sample[(n - 1) / 2] + sample[n / 2]) / 2, sample[cut], sample[n - 1 - cut]};
}

}  // namespace bench
