// SPDX-License-Identifier: MIT
// A parameter study: the response of the driven Duffing oscillator over a grid of drive amplitudes and dampings.
#include "oscillator.hpp"

#include "../command_line.hpp"
#include "../plot.hpp"

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace fg = foldgrid;

constexpr char usage[] =
    "usage: duffing [--points N] [--backend NAME] [--workers N] [--output FOLDER]\n"
    "  --points N       points of the sweep, 4 to 10000000; made a square grid (22500)\n" USAGE_OF_EXECUTOR
    "  --output FOLDER  where duffing.csv and duffing.png go (the current folder)\n";

// The two-well oscillator with frequency 1.2, a usual choice (D. W. Jordan, P. Smith, Nonlinear Ordinary Differential
// Equations, 4th edition, Oxford 2007, chapter 13); damping and drive are swept around its chaotic region.
constexpr double stiffness = -1, cubic = 1, frequency = 1.2;
constexpr int steps = 256, transient = 100, watched = 100;
const long_time_response respond{stiffness, cubic, frequency, 2 * M_PI / (steps * frequency), steps, transient, watched};

/// Drives so weak that the equation is linear around x = 1 give <x^2> = 1 - A^2, where A is the amplitude
/// drive / sqrt((2 - frequency^2)^2 + (damping frequency)^2): the ratio of what is computed to that.
double weak_drive_ratio() {
  const double drive = 0.01, damping = 0.5;
  const double amplitude = drive / std::hypot(2 - frequency * frequency, damping * frequency);
  return (1 - respond(drive, damping).mean_square) / (amplitude * amplitude);
}

void write_csv(const std::filesystem::path& path, const std::vector<response>& rows) {
  data_file file(path);
  file.line("drive,damping,mean_square,largest,section\n");
  for (const response& r : rows) file.line("%.17g,%.17g,%.17g,%.17g,%.17g\n", r.drive, r.damping, r.mean_square, r.largest, r.section);
}

// The white line is where Melnikov's method says that homoclinic tangles, and with them chaos, may begin
// (Guckenheimer and Holmes, section 4.5): drive / damping = 4 cosh(pi frequency / 2) / (3 sqrt(2) pi frequency).
constexpr char picture[] = R"(
set datafile separator ','
set multiplot layout 1,2 title "Duffing oscillator x'' + {/Symbol d} x' - x + x^3 = {/Symbol g} cos 1.2 t, periods 101 to 200" font ',17'
set xrange [0.1:0.6]; set yrange [0.05:0.5]
set xlabel 'drive amplitude {/Symbol g}'; set ylabel 'damping {/Symbol d}'
set tics out nomirror; set key top left textcolor rgb 'white' samplen 2
threshold(x) = x * 3 * sqrt(2) * pi * 1.2 / (4 * cosh(pi * 1.2 / 2))
set title 'mean of x^2'; set cbrange [0.5:1.7]
set palette defined (0.5 '#440154', 0.65 '#414487', 0.8 '#2a788e', 0.95 '#22a884', 1.1 '#7ad151', 1.7 '#fde725')
plot data using 1:2:3 skip 1 with image notitle, threshold(x) with lines lw 2 lc rgb 'white' title 'Melnikov threshold'
set palette defined (0 '#440154', 1 '#414487', 2 '#2a788e', 3 '#22a884', 4 '#7ad151', 5 '#fde725')
set title 'extent of the stroboscopic section (0: repeats with the drive)'; set cbrange [0:*]
plot data using 1:2:5 skip 1 with image notitle, threshold(x) with lines lw 2 lc rgb 'white' title 'Melnikov threshold'
)";

int study(command_line& arguments) {
  const auto points = arguments.integer("--points", 22500, 4, 10'000'000);
  const fg::executor_options where = arguments.executor();
  const std::filesystem::path output = arguments.folder("--output");
  arguments.finish();

  const fg::executor pool(where);
  const auto side = std::lround(std::sqrt(static_cast<double>(points)));
  const auto sweep = fg::grid(fg::linspace(0.1, 0.6, side), fg::linspace(0.05, 0.5, side));
  fg::run_report report;
  const std::vector<response> responses = pool.map({.progress = fg::progress_bar("duffing"), .report = &report}, respond, sweep);
  const summary all = pool.map_reduce(summary_of, merge, responses);
  const double ratio = weak_drive_ratio();

  std::printf("points                    %lld (%ld drives x %ld dampings)\n", all.points, side, side);
  std::printf("mean of <x^2>             %.17g\n", all.sum / static_cast<double>(all.points));
  std::printf("lowest <x^2>              %.17g at drive %.17g, damping %.17g\n", all.low, all.low_drive, all.low_damping);
  std::printf("highest <x^2>             %.17g at drive %.17g, damping %.17g\n", all.high, all.high_drive, all.high_damping);
  std::printf("not repeating with drive  %lld points\n", all.unlike);
  std::printf("weak drive over theory    %.4f\n", ratio);
  print_where(report);
  std::printf("# %.3f s, %.1f points/s, %.3g steps/s\n", report.seconds, static_cast<double>(report.elements) / report.seconds,
              static_cast<double>(report.elements) * steps * (transient + watched) / report.seconds);

  write_csv(output / "duffing.csv", responses);
  plot(output / "duffing.png", output / "duffing.csv", picture, 1500, 680);
  return std::fabs(ratio - 1) < 0.01 ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("duffing", usage, argc, argv, study); }
