// EXPECT: foldgrid: the operator's result does not convert to the accumulator type
// SPDX-License-Identifier: MIT
// An operator whose result is no element.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  pool.reduce([](double, double) { return std::string(); }, xs);
}
