// EXPECT: foldgrid: map_into writes into a contiguous range with a size
// SPDX-License-Identifier: MIT
// A list is not contiguous.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  std::list<double> out(3);
  pool.map_into(out, [](double x) { return x; }, xs);
}
