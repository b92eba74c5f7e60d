// SPDX-License-Identifier: MIT
// The bifurcation diagram of the logistic map x -> r x (1 - x): where its orbits are after 2000 steps, for each growth rate r.
//
// Checked against the known periods: 1 below r = 3, 2 up to 1 + sqrt(6) = 3.449..., 4 up to 3.544..., and the window of period 3 that opens
// at 1 + sqrt(8) = 3.828... (S. H. Strogatz, Nonlinear Dynamics and Chaos, 2nd edition, 2015, sections 10.2 to 10.4).
#include <foldgrid/foldgrid.hpp>
#include <foldgrid/study.hpp>

#include "command_line.hpp"

#include <cstdio>
#include <vector>

namespace fg = foldgrid;

constexpr char usage[] =
    "usage: logistic_map [--rates N] [--backend NAME] [--workers N] [--output FOLDER]\n"
    "  --rates N        growth rates from 2.8 to 4, 2 to 100000 (1000)\n" USAGE_OF_EXECUTOR
    "  --output FOLDER  where logistic_map.csv and logistic_map.png go (the current folder)\n";

/// Where the orbit of 0.3 is after 2000 + step steps.
FOLDGRID_FUNCTION(orbit, (double rate, double step), {
  double x = 0.3;
  for (int k = 0; k < 2000 + static_cast<int>(step); ++k) x = rate * x * (1 - x);
  return x;
})

/// After how many steps the orbit is back within 10^-6, once it has settled; 0 for more than `longest`.
FOLDGRID_FUNCTOR(period, (int settle; int longest;), (double rate), {
  double x = 0.3;
  for (int k = 0; k < settle; ++k) x = rate * x * (1 - x);
  double y = x;
  for (int k = 1; k <= longest; ++k) {
    y = rate * y * (1 - y);
    if (abs(y - x) < 1e-6) return k;
  }
  return 0;
})

int example(command_line& arguments) {
  const auto rates = arguments.integer("--rates", 1000, 2, 100'000);
  const fg::executor pool(arguments.executor());
  const auto output = arguments.folder("--output");
  arguments.finish();

  fg::study known("periods");
  known.axis("rate", {2.9, 3.2, 3.44, 3.46, 3.5, 3.55, 3.835, 4});
  const fg::table periods = known.run(pool, period{20000, 64}, {.results = {"period"}});
  const std::vector<double> published{1, 2, 2, 4, 4, 8, 3, 0};
  for (std::size_t row = 0; row < periods.rows(); ++row) std::printf("r = %-5g period %g\n", periods.at(row, 0), periods.at(row, 1));

  fg::study study("logistic map");
  study.axis("growth rate", fg::linspace(2.8, 4, rates)).axis("step", fg::iota(100));
  fg::study_report report;
  const fg::table table = study.run(pool, orbit, {.results = {"x"}, .progress = fg::progress_bar("logistic map"), .report = &report});
  table.write_csv((output / "logistic_map.csv").string());
  table.plot((output / "logistic_map.png").string(), {.kind = fg::plot_kind::scatter,
                                                      .y = "x",
                                                      .title = "x -> r x (1 - x): steps 2001 to 2100",
                                                      .more = "set pointsize 0.1; set xrange [2.8:4]"});
  std::printf("%zu points, the last %.17g\n", table.rows(), table.at(table.rows() - 1, 2));
  print_where(report);
  std::printf("# %.3f s, %.3g steps/s\n", report.seconds, static_cast<double>(report.elements) * 2050 / report.seconds);
  return periods.column("period") == published ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("logistic_map", usage, argc, argv, example); }
