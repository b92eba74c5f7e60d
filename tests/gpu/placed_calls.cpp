// SPDX-License-Identifier: MIT
// Calls one function again and again on an automatic executor, and tells where each call ran, and why: placed_calls FUNCTION CALLS ITEMS.
#include <foldgrid/foldgrid.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace fg = foldgrid;

// About a hundred nanoseconds without a loop, and the same bits everywhere.
FOLDGRID_FUNCTION(costly, (double x), {
  x = sqrt(x + 1) / (x + 3);
  x = sqrt(x + 1) / (x + 3);
  x = sqrt(x + 1) / (x + 3);
  x = sqrt(x + 1) / (x + 3);
  x = sqrt(x + 1) / (x + 3);
  x = sqrt(x + 1) / (x + 3);
  x = sqrt(x + 1) / (x + 3);
  x = sqrt(x + 1) / (x + 3);
  return x;
})
FOLDGRID_FUNCTOR(loop, (int n;), (double x), {
  for (int i = 0; i < n; ++i) x = sqrt(x + 1) / (x + 3);
  return x;
})
FOLDGRID_FUNCTION(wave, (double x), {
  for (int i = 0; i < 8; ++i) x = sin(x);
  return x;
})

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const fg::executor automatic, serial{{.where = fg::backend::serial}};
  const std::vector<double> xs(std::strtoul(argv[3], nullptr, 10), 2.0);
  const auto call = [&](const auto& f) {
    const std::vector<double> expected = serial.map(f, xs);
    for (int k = 0; k < std::atoi(argv[2]); ++k) {
      fg::run_report report;
      const bool right = automatic.map({.report = &report}, f, xs) == expected;
      std::printf("%s%s: %s\n", right ? "" : "wrong ", to_string(report.where), report.reason.c_str());
    }
  };
  if (std::strcmp(argv[1], "costly") == 0) call(costly);
  if (std::strcmp(argv[1], "loop") == 0) call(loop{300});
  if (std::strcmp(argv[1], "longer_loop") == 0) call(loop{301});
  if (std::strcmp(argv[1], "wave") == 0) call(wave);
}
