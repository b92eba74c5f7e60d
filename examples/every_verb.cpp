// SPDX-License-Identifier: MIT
// Every verb of a pool on the same small work: those that wait for the results, those that give a future, and those that stream.
#include <foldgrid/foldgrid.hpp>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace fg = foldgrid;

constexpr double volume(double radius, double height) { return radius * radius * height / 3; }  // of a cone, over pi

int main() {
  const fg::executor pool;
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
  show("map", pool.map(volume, radii, heights));
  show("starmap", pool.starmap(volume, cones));
  fg::future<std::vector<double>> mapped = pool.map_async(volume, radii, heights);
  fg::future<std::vector<double>> starmapped = pool.starmap_async(volume, cones);
  show("map_async", mapped.get());
  show("starmap_async", starmapped.get());

  // Many calls, each result as soon as it is there: in order, or in the order in which they get done.
  std::vector<double> in_order, as_done;
  for (const double each : pool.imap(volume, radii, heights)) in_order.push_back(each);
  for (const double each : pool.imap_unordered(volume, radii, heights)) as_done.push_back(each);
  std::sort(as_done.begin(), as_done.end());
  show("imap", in_order);
  show("imap_unordered", as_done);
  return good ? 0 : 1;
}
