// EXPECT: must be __host__ __device__
// SPDX-License-Identifier: MIT
#include <foldgrid/cuda.cuh>

#include <vector>

int main() {
  const foldgrid::executor pool;
  pool.map([] __device__(double x) { return 2 * x; }, std::vector<double>{1, 2});
}
