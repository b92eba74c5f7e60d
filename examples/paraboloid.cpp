// SPDX-License-Identifier: MIT
// A function of two variables on a 20 x 20 grid, four ways: with repeat, with bind_front, on a lazy grid and row by row.
#include <foldgrid/foldgrid.hpp>

#include "command_line.hpp"
#include "plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>
#include <vector>

namespace fg = foldgrid;

constexpr char usage[] = "usage: paraboloid [--backend NAME] [--workers N] [--output FOLDER]\n" USAGE_OF_EXECUTOR
                         "  --output FOLDER  where paraboloid.csv and paraboloid.png go (the current folder)\n";

/// An upside-down paraboloid for a = -1.
FOLDGRID_FUNCTION(paraboloid, (double a, double x, double y), { return a * (x * x + y * y); })

/// The same for whole rows.
std::vector<double> paraboloid_row(double a, std::span<const double> x, std::span<const double> y) {
  std::vector<double> z(x.size());
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = paraboloid(a, x[i], y[i]);
  return z;
}

int example(command_line& arguments) {
  const auto output = arguments.folder("--output");
  const fg::executor_options where = arguments.executor();
  arguments.finish();
  const fg::executor pool(where);
  const auto axis = fg::linspace(-1, 1, 20);
  const auto [xs, ys] = fg::meshgrid(axis, axis);
  const auto bound = fg::bind_front(paraboloid, -1.0);
  bool good = true;
  const auto show = [&](const char* way, const std::vector<double>& z) {
    const auto [low, high] = pool.minmax(z);
    const double sum = pool.sum(z);
    std::printf("%-12s minimum %.12g, maximum %.12g, sum %.12g\n", way, low, high, sum);
    good = good && z.size() == 400 && low == -2 && std::fabs(high + 2. / 361) < 1e-15 && std::fabs(sum + 5600. / 19) < 1e-11;
  };

  // Element by element.
  fg::run_report report;
  const std::vector<double> z = pool.map({.report = &report}, paraboloid, fg::repeat(-1.0), xs, ys);
  show("repeat", z);
  show("bind_front", pool.map(bound, xs, ys));
  show("grid", pool.starmap(bound, fg::grid(axis, axis)));

  // Row by row, on the CPU: each item is a span of 20 values.
  const fg::executor cpu(on_cpu(where));
  std::vector<std::span<const double>> x_rows, y_rows;
  for (std::size_t i = 0; i < 400; i += 20) {
    x_rows.push_back(std::span(xs).subspan(i, 20));
    y_rows.push_back(std::span(ys).subspan(i, 20));
  }
  std::vector<double> joined;
  for (const auto& row : cpu.map(paraboloid_row, fg::repeat(-1.0), x_rows, y_rows)) joined.insert(joined.end(), row.begin(), row.end());
  show("rows", joined);
  good = good && joined == z;

  const bool at_corners = z[0] == -2 && z[19] == -2 && z[380] == -2 && z[399] == -2 && std::ranges::count(z, -2.0) == 4;
  const std::size_t first = pool.argmin(z);
  std::printf("minimum at the four corners: %s, first at (%g, %g)\n", at_corners ? "yes" : "no", xs[first], ys[first]);
  std::printf("expected     minimum %.12g, maximum %.12g, sum %.12g\n", -2., -2. / 361, -5600. / 19);
  print_run(report, "points");

  {
    data_file file(output / "paraboloid.csv");
    file.line("x,y,z\n");
    for (std::size_t i = 0; i < z.size(); ++i)
      file.line(i % 20 == 19 ? "%.17g,%.17g,%.17g\n\n" : "%.17g,%.17g,%.17g\n", xs[i], ys[i], z[i]);
  }
  plot(output / "paraboloid.png", output / "paraboloid.csv", R"(
    set datafile separator ','
    set title '-(x^2 + y^2) on a 20 x 20 grid' font ',17'; set xlabel 'x'; set ylabel 'y'; set zlabel 'z' rotate by 90
    set palette defined (0 '#440154', 1 '#414487', 2 '#2a788e', 3 '#22a884', 4 '#7ad151', 5 '#fde725'); set cblabel 'z'
    set pm3d depthorder border lc rgb '#303030' lw 0.5; set ticslevel 0; set view 55, 35; set grid
    set xtics 0.5; set ytics 0.5; set ztics 0.5
    splot data using 1:2:3 skip 1 with pm3d notitle
  )",
       900, 650);
  return good && at_corners && first == 0 ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("paraboloid", usage, argc, argv, example); }
