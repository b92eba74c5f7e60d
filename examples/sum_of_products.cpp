// SPDX-License-Identifier: MIT
// The sum of the products of two sequences, by map and sum, and in one pass by map_reduce.
#include <foldgrid/foldgrid.hpp>

#include "command_line.hpp"

#include <cstdio>
#include <functional>
#include <vector>

namespace fg = foldgrid;

constexpr char usage[] = "usage: sum_of_products [--backend NAME] [--workers N]\n" USAGE_OF_EXECUTOR;

int example(command_line& arguments) {
  const fg::executor pool(arguments.executor());
  arguments.finish();
  const auto xs = fg::iota(1, 101), ys = fg::iota(101, 201);

  const std::vector<int> products = pool.map(std::multiplies<>{}, xs, ys);
  const int in_two_steps = pool.sum(products);
  fg::run_report report;
  const int fused = pool.map_reduce({.report = &report}, std::multiplies<>{}, std::plus<>{}, xs, ys);

  std::printf("map, then sum  %d\nmap_reduce     %d\n", in_two_steps, fused);
  print_run(report, "products");
  return in_two_steps == 843350 && fused == 843350 ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("sum_of_products", usage, argc, argv, example); }
