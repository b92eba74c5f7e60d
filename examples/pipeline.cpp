// SPDX-License-Identifier: MIT
// Three maps in a row: signals are made, transformed to spectra, and searched for their peaks.
#include <foldgrid/foldgrid.hpp>

#include "command_line.hpp"

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <vector>

namespace fg = foldgrid;

constexpr char usage[] = "usage: pipeline [--backend NAME] [--workers N]\n" USAGE_OF_EXECUTOR;

FOLDGRID_STRUCT(waveform, (double at[32];))
FOLDGRID_STRUCT(spectrum, (double amplitude[16];))
FOLDGRID_STRUCT(peak, (int place; double height;))

/// A sine of a whole number of periods, 5 at most, with a weaker third harmonic.
FOLDGRID_FUNCTION_USING((waveform), make_signal, (int periods), {
  waveform made;
  for (int t = 0; t < 32; ++t) {
    const double phase = 2 * M_PI * periods * t / 32;
    made.at[t] = sin(phase) + 0.4 * sin(3 * phase);
  }
  return made;
})

/// Amplitudes of the discrete Fourier transform, by its definition.
FOLDGRID_FUNCTION_USING((waveform, spectrum), transform, (const waveform& of), {
  spectrum found;
  for (int k = 0; k < 16; ++k) {
    double real = 0;
    double imaginary = 0;
    for (int t = 0; t < 32; ++t) {
      const double phase = 2 * M_PI * (k * t % 32) / 32;
      real += of.at[t] * cos(phase);
      imaginary -= of.at[t] * sin(phase);
    }
    found.amplitude[k] = 2 * sqrt(real * real + imaginary * imaginary) / 32;
  }
  return found;
})

FOLDGRID_FUNCTION_USING((spectrum, peak), find_peak, (const spectrum& in), {
  int top = 0;
  for (int k = 1; k < 16; ++k)
    if (in.amplitude[top] < in.amplitude[k]) top = k;
  return peak{top, in.amplitude[top]};
})

int example(command_line& arguments) {
  const fg::executor pool(arguments.executor());
  arguments.finish();

  const std::vector<int> periods{1, 2, 3, 4, 5};
  fg::run_report report;
  const auto peaks = pool.map(find_peak, pool.map({.report = &report}, transform, pool.map(make_signal, periods)));

  bool good = true;
  for (std::size_t i = 0; i < periods.size(); ++i) {
    std::printf("%2d periods: peak at %2d, amplitude %.6f\n", periods[i], peaks[i].place, peaks[i].height);
    good = good && peaks[i].place == periods[i] && std::fabs(peaks[i].height - 1) < 1e-9;
  }
  print_run(report, "transforms");
  return good ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("pipeline", usage, argc, argv, example); }
