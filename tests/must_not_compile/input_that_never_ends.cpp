// EXPECT: foldgrid: every input is endless
// SPDX-License-Identifier: MIT
// All integers there are.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <ranges>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  pool.map([](int i) { return i; }, std::views::iota(0));
}
