// SPDX-License-Identifier: MIT
// The sum of the products of two sequences, on threads: by map and sum, and in one pass by map_reduce.
#include <foldgrid/foldgrid.hpp>

#include <cstdio>
#include <functional>
#include <vector>

namespace fg = foldgrid;

int main() {
  const fg::executor pool{{.where = fg::backend::threads, .workers = 4}};
  const auto xs = fg::iota(1, 101), ys = fg::iota(101, 201);

  const std::vector<int> products = pool.map(std::multiplies<>{}, xs, ys);
  const int in_two_steps = pool.sum(products);
  const int fused = pool.map_reduce(std::multiplies<>{}, std::plus<>{}, xs, ys);

  std::printf("map, then sum  %d\nmap_reduce     %d\n", in_two_steps, fused);
  return in_two_steps == 843350 && fused == 843350 ? 0 : 1;
}
