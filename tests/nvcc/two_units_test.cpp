// SPDX-License-Identifier: MIT
// One call from a .cpp and from a .cu: the same symbols, linked into one program, with the same results; kernels of nvcc need a device.
#include "../two_units/verbs.hpp"

#include <cstdio>

std::vector<double> by_lambdas(const foldgrid::executor& pool, const std::vector<double>& xs);

int main() {
  const foldgrid::executor pool;
  const auto xs = pool.map(shifted{0.25}, foldgrid::linspace(-1, 2, 5001));
  const auto scale = [](double x) { return 0.3 * x; };
  const double sum = pool.map_reduce(scale, std::plus<>{}, xs);
  const bool equal = all_verbs(pool) == in_the_second_unit(pool) && by_lambdas(pool, xs) == std::vector<double>{sum, sum, scale(xs[1])};
  std::puts(equal ? "equal" : "different");
  return equal ? 0 : 1;
}
