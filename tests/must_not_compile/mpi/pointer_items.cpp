// EXPECT: foldgrid: the elements of an input cannot travel to another rank
// SPDX-License-Identifier: MIT
// Items that are pointers.
#include <foldgrid/mpi.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::mpi::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  pool.map([](const double* x) { return *x; }, std::vector<const double*>{xs.data()});
}
