// EXPECT: foldgrid: every input is endless; give at least one that ends
// SPDX-License-Identifier: MIT
// Endless inputs alone.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  pool.map([](double x, double y) { return x + y; }, fg::repeat(1.0), fg::repeat(2.0));
  xs.clear();
}
