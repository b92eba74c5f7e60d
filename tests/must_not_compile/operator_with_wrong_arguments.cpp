// EXPECT: foldgrid: the operator cannot be called with two accumulators
// SPDX-License-Identifier: MIT
// An operator of one argument.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  pool.reduce([](double a) { return a; }, xs);
}
