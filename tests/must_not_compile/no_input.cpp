// EXPECT: foldgrid: give at least one input after the function
// SPDX-License-Identifier: MIT
// A function without inputs.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  pool.map([](double x) { return x; });
}
