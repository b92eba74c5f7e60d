// EXPECT: foldgrid: map_into writes into elements that are not const
// SPDX-License-Identifier: MIT
// A constant array cannot be written to.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  const std::vector<double> out(3);
  pool.map_into(out, [](double x) { return x; }, xs);
}
