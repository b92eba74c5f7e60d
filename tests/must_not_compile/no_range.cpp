// EXPECT: foldgrid: every argument after the function must be a range or a lazy input
// SPDX-License-Identifier: MIT
// A number is no input.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  pool.map([](double x, double y) { return x + y; }, xs, 2.0);
}
