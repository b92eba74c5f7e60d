// EXPECT: foldgrid: the function cannot be called with the elements of its inputs
// SPDX-License-Identifier: MIT
// A function of text over numbers.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  pool.map([](const std::string& s) { return s; }, xs);
}
