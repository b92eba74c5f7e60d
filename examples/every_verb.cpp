// SPDX-License-Identifier: MIT
// Every verb of a pool on the same small work: those that wait for the results, those that give a future, and those that stream.
#include <foldgrid/foldgrid.hpp>

#include "command_line.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace fg = foldgrid;

constexpr char usage[] = "usage: every_verb [--backend NAME] [--workers N]\n" USAGE_OF_EXECUTOR;

/// Of a cone, over pi.
FOLDGRID_FUNCTION(volume, (double radius, double height), { return radius * radius * height / 3; })

int example(command_line& arguments) {
  const fg::executor_options where = arguments.executor();
  arguments.finish();
  const fg::executor pool(where), cpu(on_cpu(where));  // rows of std::pair do not go to a GPU
  const std::vector<double> radii{1, 2, 3, 4}, heights{3, 6, 9, 12};
  const std::vector<std::pair<double, double>> cones{{1, 3}, {2, 6}, {3, 9}, {4, 12}};
  const std::vector<double> expected{1, 8, 27, 64};
  bool good = true;
  const auto show = [&](const std::string& verb, const std::vector<double>& volumes) {
    std::printf("%-15s", verb.c_str());
    for (const double each : volumes) std::printf(" %g", each);
    std::printf("\n");
    good = good && volumes == expected;
  };

  // One call.
  good = good && pool.apply(volume, 4, 12) == 64;
  fg::future<double> one = pool.apply_async(volume, 3, 9);
  std::printf("%-15s %g\n%-15s %g\n", "apply", pool.apply(volume, 4, 12), "apply_async", one.get());
  fg::future<double> same = pool.submit(volume, 3, 9);
  good = good && same.get() == 27;

  // Many calls, all results at once, now or later.
  fg::run_report report;
  show("map", pool.map({.report = &report}, volume, radii, heights));
  show("starmap", cpu.starmap(volume, cones));
  fg::future<std::vector<double>> mapped = pool.map_async(volume, radii, heights);
  fg::future<std::vector<double>> starmapped = cpu.starmap_async(volume, cones);
  show("map_async", mapped.get());
  show("starmap_async", starmapped.get());

  // Many calls, each result as soon as it is there: in order, or in the order in which they get done.
  std::vector<double> in_order, as_done;
  for (const double each : pool.imap(volume, radii, heights)) in_order.push_back(each);
  for (const double each : pool.imap_unordered(volume, radii, heights)) as_done.push_back(each);
  std::sort(as_done.begin(), as_done.end());
  show("imap", in_order);
  show("imap_unordered", as_done);
  print_run(report, "cones");
  return good ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("every_verb", usage, argc, argv, example); }
