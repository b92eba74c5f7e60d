// EXPECT: foldgrid: the function cannot be called with the elements of its inputs
// SPDX-License-Identifier: MIT
// A function of two arguments over one input.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  pool.map([](double x, double y) { return x + y; }, xs);
}
