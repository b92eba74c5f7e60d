// EXPECT: foldgrid: the function holds something that cannot travel to another rank
// SPDX-License-Identifier: MIT
// A function with a vector.
#include <foldgrid/mpi.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::mpi::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  pool.map([xs](int i) { return xs[0] + i; }, fg::iota(3));
}
