// SPDX-License-Identifier: MIT
// The Duffing sweep with a checkpoint: interrupt it (Ctrl-C, kill -9, a power cut), run it again, and it goes on where it was.
#include <foldgrid/study.hpp>

#include "oscillator.hpp"

#include "../command_line.hpp"

#include <cmath>
#include <cstdio>

namespace fg = foldgrid;

constexpr char usage[] =
    "usage: resumed_sweep [--side N] [--backend NAME] [--workers N] [--output FOLDER]\n"
    "  --side N         values along each axis, 2 to 10000 (64)\n" USAGE_OF_EXECUTOR
    "  --output FOLDER  where resumed_sweep.fg, .csv and .png go (the current folder)\n";

FOLDGRID_FUNCTOR_USING((long_time_response), mean_square, (long_time_response respond;), (double drive, double damping),
                       { return respond(drive, damping).mean_square; })

int example(command_line& arguments) {
  const auto side = arguments.integer("--side", 64, 2, 10'000);
  const fg::executor pool(arguments.executor());
  const auto output = arguments.folder("--output");
  arguments.finish();

  const long_time_response respond{-1, 1, 1.2, 2 * M_PI / (256 * 1.2), 256, 100, 100};
  fg::study study("Duffing oscillator, mean of x^2");
  study.axis("drive", fg::linspace(0.1, 0.6, side)).axis("damping", fg::linspace(0.05, 0.5, side));
  fg::study_report report;
  const fg::table table = study.run(pool, mean_square{respond},
                                    {.checkpoint = (output / "resumed_sweep.fg").string(),
                                     .results = {"mean_square"},
                                     .progress = fg::progress_bar("resumed sweep"),
                                     .save_every = std::chrono::milliseconds(200),
                                     .report = &report});
  table.write_csv((output / "resumed_sweep.csv").string());
  table.plot((output / "resumed_sweep.png").string());
  std::printf("%zu points, the last %.17g\n", table.rows(), table.at(table.rows() - 1, 2));
  std::printf("# %zu points found in the checkpoint, %zu computed, %zu saves\n", report.resumed, report.computed, report.saves);
  print_where(report);
  std::printf("# %.3f s, %.3g points/s\n", report.seconds, static_cast<double>(report.computed) / report.seconds);
  return 0;
}

int main(int argc, char** argv) { return run_example("resumed_sweep", usage, argc, argv, example); }
