// EXPECT: foldgrid: the elements of an input cannot travel to another rank
// SPDX-License-Identifier: MIT
// Items that refer to text elsewhere.
#include <foldgrid/mpi.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::mpi::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  pool.map([](std::string_view s) { return s.size(); }, std::vector<std::string_view>{"a", "b"});
}
