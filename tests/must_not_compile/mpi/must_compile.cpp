// EXPECT: nothing
// SPDX-License-Identifier: MIT
// The control: the same harness accepts correct programs.
#include <foldgrid/mpi.hpp>

#include <functional>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::mpi::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  const double scale = 2;
  pool.map([scale](double x) { return scale * x; }, xs);
  pool.map([](double x, const std::vector<double>& t) { return x + t[0]; }, xs, fg::mpi::common(xs));
  pool.map([](const std::string& s) { return s + "!"; }, std::vector<std::string>{"a"});
  pool.submit([](std::vector<double> v) { return v; }, xs);
}
