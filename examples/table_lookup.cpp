// SPDX-License-Identifier: MIT
// Linear interpolation in a table: the largest error over many points, beside the bound that theory gives.
#include <foldgrid/foldgrid.hpp>

#include "command_line.hpp"

#include <cstddef>
#include <cstdio>
#include <vector>

namespace fg = foldgrid;

constexpr char usage[] =
    "usage: table_lookup [--table N] [--points N] [--backend NAME] [--workers N]\n"
    "  --table N        values in the table, 2 to 1000000 (1025)\n"
    "  --points N       points at which it is read, 2 to 1000000000 (100000)\n" USAGE_OF_EXECUTOR;

/// Runge's function, whose second derivative is largest at 0: |f''(0)| = 50.
FOLDGRID_FUNCTION(runge, (double x), { return 1 / (1 + 25 * x * x); })

/// A table of a function on [-1, 1], read at x by linear interpolation.
FOLDGRID_FUNCTOR(interpolated, (fg::view<const double> table;), (double x), {
  const double place = (x + 1) / 2 * static_cast<double>(table.size() - 1);
  const std::size_t left = min(static_cast<std::size_t>(place), table.size() - 2);
  const double weight = place - static_cast<double>(left);
  return (1 - weight) * table[left] + weight * table[left + 1];
})

FOLDGRID_FUNCTOR_USING((runge, interpolated), interpolation_error, (interpolated read;), (double x), { return abs(read(x) - runge(x)); })

int look_up(command_line& arguments) {
  const auto size = arguments.integer("--table", 1025, 2, 1'000'000);
  const auto points = arguments.integer("--points", 100'000, 2, 1'000'000'000);
  const fg::executor_options where = arguments.executor();
  arguments.finish();

  const fg::executor pool(where);
  const std::vector<double> table = pool.map(runge, fg::linspace(-1, 1, size));
  const auto shared = pool.share(table);
  fg::run_report report;
  const interpolation_error error_at{{shared}};
  const double largest = pool.map_reduce({.report = &report}, error_at, fg::max, fg::linspace(-1, 1, points));

  // Between points h apart; reached where |f''| is largest, in the middle of the table (C. de Boor, A Practical Guide to Splines, Springer
  // 1978, chapter III).
  const double h = 2 / static_cast<double>(size - 1), bound = h * h / 8 * 50;
  std::printf("%lld values, read at %lld points\n", size, points);
  std::printf("largest error      %.17g\n", largest);
  std::printf("h^2 / 8 max |f''|  %.17g\n", bound);
  std::printf("ratio              %.4f\n", largest / bound);
  print_run(report, "points");
  return largest <= bound ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("table_lookup", usage, argc, argv, look_up); }
