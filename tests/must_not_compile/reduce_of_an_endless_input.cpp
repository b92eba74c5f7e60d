// EXPECT: foldgrid: reduce of an endless input would never end
// SPDX-License-Identifier: MIT
// An endless input.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  pool.reduce(std::plus<>{}, fg::repeat(1.0));
  xs.clear();
}
