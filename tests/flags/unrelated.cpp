// SPDX-License-Identifier: MIT
// A unit of the user's program that has nothing to do with foldgrid and may be compiled with any flags.
#include <cstddef>

double unrelated(const double* x, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += x[i] * x[i];
  return sum;
}
