// SPDX-License-Identifier: MIT
// What a child process of the section "jit" does.
#include "child.hpp"

#include <foldgrid/foldgrid.hpp>

#include <chrono>
#include <cstdio>
#include <utility>
#include <vector>

namespace gpu_check {

namespace fg = foldgrid;

FOLDGRID_FUNCTION(opening, (double x), { return x + 1; })
FOLDGRID_FUNCTION(fresh, (double a, double b), { return 0.75 * a + b; })
FOLDGRID_FUNCTION(cubed, (double x), {
  double result = 1;
  for (int i = 0; i < 3; ++i) result *= x;
  return result;
})

int time_first_call() {
  auto clock = [before = std::chrono::steady_clock::now()]() mutable {
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double>(now - std::exchange(before, now)).count();
  };
  const fg::executor gpu{{.where = fg::backend::gpu}}, serial{{.where = fg::backend::serial}};
  std::vector<double> xs;
  for (int i = 0; i < 1000; ++i) xs.push_back(0.1 * i);
  const auto there = gpu.to_device(xs);
  std::printf("device %.9f\n", clock());  // the driver and its context
  static_cast<void>(gpu.map(opening, there));
  std::printf("opening %.9f\n", clock());  // the run-time compiler, and a kernel of another text
  const double first = gpu.reduce(fresh, there);
  std::printf("first %.9f\n", clock());
  const double second = gpu.reduce(fresh, there);
  std::printf("second %.9f\n", clock());
  const double expected = serial.reduce(fresh, xs);
  std::printf("right %d\n", first == expected && second == expected ? 1 : 0);
  return 0;
}

int tell_placement() {
  const std::vector<double> xs(100'000, 2.0);
  try {
    const fg::executor gpu{{.where = fg::backend::gpu}};
    static_cast<void>(gpu.map(cubed, xs));
    std::printf("gpu ran\n");
  } catch (const fg::backend_unavailable& e) {
    std::printf("refused %s\n", e.what());
  }
  fg::run_report report;
  const fg::executor automatic;
  const bool right = automatic.map({.report = &report}, cubed, xs) == std::vector<double>(xs.size(), 8.0);
  std::printf("automatic %s\nreason %s\nright %d\n", to_string(report.where), report.reason.c_str(), right ? 1 : 0);
  return 0;
}

}  // namespace gpu_check
