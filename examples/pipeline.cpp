// SPDX-License-Identifier: MIT
// Three maps in a row: signals are made, transformed to spectra, and searched for their peaks.
#include <foldgrid/foldgrid.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdio>
#include <vector>

namespace fg = foldgrid;

constexpr int samples = 256;

/// A sine of a whole number of periods, with a weaker third harmonic.
std::vector<double> make_signal(int periods) {
  std::vector<double> signal(samples);
  for (int t = 0; t < samples; ++t) {
    const double phase = 2 * M_PI * periods * t / samples;
    signal[static_cast<std::size_t>(t)] = std::sin(phase) + 0.4 * std::sin(3 * phase);
  }
  return signal;
}

/// Amplitudes of the discrete Fourier transform, by its definition.
std::vector<double> spectrum(const std::vector<double>& signal) {
  std::vector<double> amplitudes;
  for (int k = 0; k < samples / 2; ++k) {
    std::complex<double> sum;
    for (int t = 0; t < samples; ++t) sum += signal[static_cast<std::size_t>(t)] * std::polar(1.0, -2 * M_PI * (k * t % samples) / samples);
    amplitudes.push_back(2 * std::abs(sum) / samples);
  }
  return amplitudes;
}

struct peak {
  long place;
  double height;
};
peak find_peak(const std::vector<double>& amplitudes) {
  const auto top = std::ranges::max_element(amplitudes);
  return {top - amplitudes.begin(), *top};
}

int main() {
  const fg::executor pool;
  const std::vector<int> periods{3, 5, 8, 13, 21, 34};
  const auto peaks = pool.map(find_peak, pool.map(spectrum, pool.map(make_signal, periods)));

  bool good = true;
  for (std::size_t i = 0; i < periods.size(); ++i) {
    std::printf("%2d periods: peak at %2ld, amplitude %.6f\n", periods[i], peaks[i].place, peaks[i].height);
    good = good && peaks[i].place == periods[i] && std::fabs(peaks[i].height - 1) < 1e-9;
  }
  return good ? 0 : 1;
}
