// EXPECT: foldgrid: map_reduce needs a function that returns a value
// SPDX-License-Identifier: MIT
// Nothing to reduce.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  pool.map_reduce([](double) {}, std::plus<>{}, xs);
}
