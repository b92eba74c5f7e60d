// SPDX-License-Identifier: MIT
// Writes tables as files for NumPy, which the test study_numpy reads. usage: study_write_files FOLDER
#include <foldgrid/foldgrid.hpp>
#include <foldgrid/study.hpp>

#include <cmath>
#include <string>

namespace fg = foldgrid;

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string folder = std::string(argv[1]) + "/";
  const fg::executor pool;
  const auto f = [](double x, double, double z) { return std::pair(x / 3 + z, z > 1 ? NAN : x * z); };
  fg::study grid("grid");
  grid.axis("x", fg::linspace(0, 1, 5)).axis("method's", {"euler", "runge-kutta"}).axis("z", fg::logspace(0, 2, 4));
  const fg::table product = grid.run(pool, f, {.results = {"sum", "größe"}});
  product.write_npy(folder + "grid.npy");
  product.write_npz(folder + "grid.npz");
  product.write_csv(folder + "grid.csv");
  grid.filter([](double x, double, double) { return x > 0.3; });
  grid.run(pool, f).write_npz(folder + "filtered.npz");
  grid.filter([](double, double, double) { return false; });
  grid.run(pool, f).write_npy(folder + "empty.npy");
  fg::study zipped("zipped");
  zipped.axis("a", {1, 2, 3}).zip("b", {4, 5, 6}).axis("c", {0, 1});
  zipped.run(pool, [](double a, double b, double c) { return a + 10 * b + 100 * c; }).write_npz(folder + "zipped.npz");
}
