// EXPECT: foldgrid: the elements of an input or the arguments of a task cannot travel to another rank
// SPDX-License-Identifier: MIT
// An argument by reference.
#include <foldgrid/mpi.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::mpi::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  pool.submit([](std::vector<double>& v) { return v[0]; }, std::ref(xs));
}
