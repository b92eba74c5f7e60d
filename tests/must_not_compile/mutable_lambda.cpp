// EXPECT: foldgrid: the function cannot be called with the elements of its inputs
// SPDX-License-Identifier: MIT
// A mutable lambda cannot be shared by several threads.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  int calls = 0;
  pool.map([calls](double x) mutable { return x + ++calls; }, xs);
}
