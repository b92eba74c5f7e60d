// SPDX-License-Identifier: MIT
// Square roots: by map, by delayed calls run in parallel, by a parallelized function, and by starmap with rows of two arguments.
#include <foldgrid/foldgrid.hpp>

#include "command_line.hpp"

#include <cstdio>
#include <utility>
#include <vector>

namespace fg = foldgrid;

constexpr char usage[] = "usage: roots [--backend NAME] [--workers N]\n" USAGE_OF_EXECUTOR;

// sqrt and pow are overload sets: a name for one function is made of them first.
FOLDGRID_FUNCTION(root, (double x), { return sqrt(x); })
FOLDGRID_FUNCTION(power, (double x, double y), { return pow(x, y); })

int example(command_line& arguments) {
  const fg::executor_options where = arguments.executor();
  arguments.finish();
  const fg::executor pool(where), cpu(on_cpu(where));  // rows of std::pair do not go to a GPU
  const std::vector<double> squares{1, 4, 9, 16};
  const std::vector<std::pair<double, double>> rows{{1, 0.5}, {4, 0.5}, {9, 0.5}, {16, 0.5}};

  fg::run_report report;
  const std::vector<double> by_map = pool.map({.report = &report}, root, squares);
  const std::vector<double> by_starmap = cpu.starmap(power, rows);
  std::vector<fg::call<double>> calls;
  for (const double x : squares) calls.push_back(fg::delayed(root)(x));
  const std::vector<double> by_calls = pool.parallel(calls);
  const auto roots = fg::parallelized(root);  // on the executor that the whole process shares; pool.parallelized(root) uses this one
  const std::vector<double> by_parallelized = roots(squares);

  std::printf("%8s %6s %8s %13s %8s\n", "x", "map", "delayed", "parallelized", "starmap");
  for (std::size_t i = 0; i < squares.size(); ++i)
    std::printf("%8g %6.12g %8.12g %13.12g %8.12g\n", squares[i], by_map[i], by_calls[i], by_parallelized[i], by_starmap[i]);

  print_run(report, "roots");

  const std::vector<double> expected{1, 2, 3, 4};
  return by_map == expected && by_calls == expected && by_parallelized == expected && by_starmap == expected ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("roots", usage, argc, argv, example); }
