// SPDX-License-Identifier: MIT
// x -> x^2 on 20 points of [-1, 1], with a progress bar and a plot.
#include <foldgrid/foldgrid.hpp>

#include "command_line.hpp"
#include "plot.hpp"

#include <cmath>
#include <cstdio>
#include <vector>

namespace fg = foldgrid;

constexpr char usage[] = "usage: square [--backend NAME] [--workers N] [--output FOLDER]\n" USAGE_OF_EXECUTOR
                         "  --output FOLDER  where square.csv and square.png go (the current folder)\n";

FOLDGRID_FUNCTION(square, (double x), { return x * x; })

int example(command_line& arguments) {
  const auto output = arguments.folder("--output");
  const fg::executor pool(arguments.executor());
  arguments.finish();

  const auto xs = fg::linspace(-1, 1, 20);
  fg::run_report report;
  const std::vector<double> ys = pool.map({.progress = fg::progress_bar("square"), .report = &report}, square, xs);
  const double sum = pool.sum(ys);
  std::printf("sum    %.12g\n140/19 %.12g\n", sum, 140. / 19);
  print_run(report, "points");

  {
    data_file file(output / "square.csv");
    file.line("x,y\n");
    for (std::size_t i = 0; i < ys.size(); ++i) file.line("%.17g,%.17g\n", xs[i], ys[i]);
  }
  plot(output / "square.png", output / "square.csv", R"(
    set datafile separator ','
    set title 'x^2 on 20 points' font ',17'; set xlabel 'x'; set ylabel 'x^2'
    set xrange [-1.1:1.1]; set yrange [0:1.1]; set grid; set tics nomirror; set border 3; set key top center
    plot x**2 with lines lw 2 lc rgb '#b0b0b0' title 'parabola', data using 1:2 skip 1 with points pt 7 ps 1.2 lc rgb '#2a788e' title 'map'
  )",
       800, 550);
  return std::fabs(sum - 140. / 19) < 1e-14 * 140 ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("square", usage, argc, argv, example); }
