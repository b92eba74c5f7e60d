// EXPECT: foldgrid: elementwise leaves its result in one of the arrays, which must own its elements
// SPDX-License-Identifier: MIT
// The sum would be written into the caller's first row.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <span>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<double> matrix{1, 2, 3, 4};
  const std::vector<std::span<double>> rows{std::span(matrix).first(2), std::span(matrix).last(2)};
  static_cast<void>(pool.reduce(fg::elementwise(std::plus<>{}), rows));
}
