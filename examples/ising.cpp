// SPDX-License-Identifier: MIT
// The two-dimensional Ising model: magnetization over temperature by the Metropolis algorithm on a lattice of 32 x 32 spins.
//
// Checked below the critical temperature 2 / log(1 + sqrt(2)) = 2.269... against the magnetization of the infinite lattice,
// (1 - sinh(2 / T)^-4)^(1/8) (C. N. Yang, Physical Review 85, 1952, 808-816; L. Onsager, Physical Review 65, 1944, 117-149).
#include <foldgrid/foldgrid.hpp>
#include <foldgrid/study.hpp>

#include "command_line.hpp"

#include <cmath>
#include <cstdio>
#include <vector>

namespace fg = foldgrid;

constexpr char usage[] =
    "usage: ising [--sweeps N] [--backend NAME] [--workers N] [--output FOLDER]\n"
    "  --sweeps N       sweeps over the lattice that are measured, after as many that are not, 1 to 10000000 (400)\n" USAGE_OF_EXECUTOR
    "  --output FOLDER  where ising.csv and ising.png go (the current folder)\n";

FOLDGRID_STRUCT(magnet, (double magnetization; double energy;))

/// Means per spin over sweeps that begin with all spins up. `chance` is exp(-4 / T), with which a spin turns against two more neighbours
/// than with it; its square is that for four. A row of spins is a word of 32 bits; random numbers belong to the temperature's seed, the
/// sweep and the site.
FOLDGRID_FUNCTOR_USING((magnet), metropolis, (int sweeps;), (double temperature, double chance), {
  std::uint32_t row[32];
  for (int i = 0; i < 32; ++i) row[i] = 0xffffffffu;
  const auto seed = static_cast<std::uint64_t>(1e6 * temperature);
  const double chances[3] = {1, chance, chance * chance};
  std::int64_t magnetization = 0;
  std::int64_t energy = 0;
  for (int sweep = 0; sweep < 2 * sweeps; ++sweep) {
    for (int i = 0; i < 32; ++i) {
      for (int j = 0; j < 32; j += 2) {
        const std::uint64_t bits = fg::random_bits(seed, static_cast<std::uint64_t>(sweep), static_cast<std::uint64_t>(16 * i + j / 2));
        for (int half = 0; half < 2; ++half) {
          const int k = j + half;
          const int up = static_cast<int>(row[i] >> k & 1u);
          const int ups = static_cast<int>((row[i] >> ((k + 1) % 32) & 1u) + (row[i] >> ((k + 31) % 32) & 1u) +
                                           (row[(i + 1) % 32] >> k & 1u) + (row[(i + 31) % 32] >> k & 1u));
          const int with = up == 1 ? 2 * ups - 4 : 4 - 2 * ups;  // neighbours like it less those unlike it
          const double drawn = static_cast<double>(static_cast<std::uint32_t>(bits >> (32 * half))) * 0x1p-32;
          if (with <= 0 || drawn < chances[with / 2]) row[i] ^= 1u << k;
        }
      }
    }
    if (sweep < sweeps) continue;
    int ups = 0;
    int alike = 0;
    for (int i = 0; i < 32; ++i)
      for (int k = 0; k < 32; ++k) {
        const std::uint32_t mine = row[i] >> k & 1u;
        ups += static_cast<int>(mine);
        alike += (mine == (row[i] >> ((k + 1) % 32) & 1u) ? 1 : -1) + (mine == (row[(i + 1) % 32] >> k & 1u) ? 1 : -1);
      }
    magnetization += abs(2 * ups - 1024);
    energy -= alike;
  }
  return magnet{static_cast<double>(magnetization) / (1024.0 * sweeps), static_cast<double>(energy) / (1024.0 * sweeps)};
})

double infinite_lattice(double temperature) {
  return temperature < 2 / std::log(1 + std::sqrt(2)) ? std::pow(1 - std::pow(std::sinh(2 / temperature), -4), 0.125) : 0;
}

int example(command_line& arguments) {
  const auto sweeps = arguments.integer("--sweeps", 400, 1, 10'000'000);
  const fg::executor pool(arguments.executor());
  const auto output = arguments.folder("--output");
  arguments.finish();

  const auto temperatures = fg::linspace(1.5, 3.5, 21);
  std::vector<double> chances;  // computed here, so that no libm is called where the spins are
  for (const double temperature : temperatures) chances.push_back(std::round(std::exp(-4 / temperature) * 0x1p40) * 0x1p-40);
  fg::study study("Ising model, 32 x 32 spins");
  study.axis("temperature", temperatures).zip("chance", chances);
  fg::study_report report;
  const fg::table table = study.run(pool, metropolis{static_cast<int>(sweeps)}, {.progress = fg::progress_bar("ising"), .report = &report});
  table.write_csv((output / "ising.csv").string());
  table.plot((output / "ising.png").string());

  double worst = 0;
  for (std::size_t row = 0; row < table.rows(); row += 2) {
    const double temperature = table.at(row, 0), exact = infinite_lattice(temperature);
    std::printf("T = %.1f  magnetization %.5f  infinite lattice %.5f  energy %.5f\n", temperature, table.at(row, 2), exact,
                table.at(row, 3));
    if (temperature < 2.05) worst = std::fmax(worst, std::fabs(table.at(row, 2) - exact));
  }
  print_where(report);
  std::printf("# %.3f s, %.3g spins tried/s\n", report.seconds,
              static_cast<double>(report.elements) * 2 * static_cast<double>(sweeps) * 1024 / report.seconds);
  return worst < 0.3 / std::sqrt(static_cast<double>(sweeps)) ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("ising", usage, argc, argv, example); }
