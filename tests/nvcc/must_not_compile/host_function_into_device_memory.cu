// EXPECT: needs a function that goes there
// SPDX-License-Identifier: MIT
#include <foldgrid/cuda.cuh>

int main() {
  const foldgrid::executor pool;
  double* to = nullptr;
  pool.map_into(foldgrid::device_range(to, 2), [](double x) { return 2 * x; }, foldgrid::device_range(to, 2));
}
