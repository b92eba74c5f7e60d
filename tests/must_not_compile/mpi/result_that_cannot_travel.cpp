// EXPECT: foldgrid: the result of the function cannot travel back from another rank
// SPDX-License-Identifier: MIT
// A result that only its own process understands.
#include <foldgrid/mpi.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::mpi::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  pool.map([](double x) { return std::make_unique<std::function<double()>>([x] { return x; }); }, xs);
}
