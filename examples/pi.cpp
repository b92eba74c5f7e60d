// SPDX-License-Identifier: MIT
// Pi by quadrature: the mean of 4 / (1 + x^2) over the middles of equal parts of [0, 1], without storing any.
//
// Checked against pi (NIST Digital Library of Mathematical Functions, 3.12.1). The midpoint rule is off by 1 / (12 n^2) here, by its
// error term h^2 / 24 (f'(1) - f'(0)) (P. J. Davis, P. Rabinowitz, Methods of Numerical Integration, 2nd edition, 1984, section 2.1).
#include <foldgrid/foldgrid.hpp>
#include <foldgrid/study.hpp>

#include "command_line.hpp"

#include <cmath>
#include <cstdio>

namespace fg = foldgrid;

constexpr char usage[] =
    "usage: pi [--points N] [--backend NAME] [--workers N]\n"
    "  --points N       parts of the interval, 2 to 10000000000 (10000000)\n" USAGE_OF_EXECUTOR;

FOLDGRID_FUNCTION(integrand, (double x), { return 4 / (1 + x * x); })

int example(command_line& arguments) {
  const auto n = arguments.integer("--points", 10'000'000, 2, 10'000'000'000);
  const fg::executor pool(arguments.executor());
  arguments.finish();

  fg::study study("pi");
  const double half = 0.5 / static_cast<double>(n);
  study.axis("x", fg::linspace(half, 1 - half, n));
  fg::run_report report;
  const double found = study.statistics(pool, integrand, {.report = &report}).mean;
  const double pi = 3.14159265358979323846, expected_error = 1 / (12 * static_cast<double>(n) * static_cast<double>(n));
  std::printf("%lld points: %.17g\npi:           %.17g\n", n, found, pi);
  print_run(report, "points");
  return std::fabs(found - pi) < 2 * expected_error + 1e-14 ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("pi", usage, argc, argv, example); }
