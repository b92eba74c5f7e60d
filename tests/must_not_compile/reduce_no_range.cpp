// EXPECT: foldgrid: reduce takes a range or a lazy input after the operator
// SPDX-License-Identifier: MIT
// A number cannot be reduced.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  pool.reduce(std::plus<>{}, 2.0);
  xs.clear();
}
