// SPDX-License-Identifier: MIT
// A user's program against the installed package.
#include <foldgrid/foldgrid.hpp>

#include <cstdio>
#include <functional>

namespace fg = foldgrid;

int main() {
  const fg::executor pool;
  std::printf("%d %.17g\n", pool.sum(fg::iota(1, 28)),
              pool.map_reduce([](double x) { return x * x; }, std::plus<>{}, fg::linspace(-1, 1, 20)));
}
