// EXPECT: foldgrid: the elements of the range cannot become accumulators
// SPDX-License-Identifier: MIT
// Elements of a variable would have to be copied.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<std::unique_ptr<int>> xs(3);
  pool.reduce([](std::unique_ptr<int>&& a, std::unique_ptr<int>&&) { return std::move(a); }, xs);
}
