// EXPECT: not a pointer to a function, whose address on the
// SPDX-License-Identifier: MIT
#include <foldgrid/cuda.cuh>

#include <vector>

__host__ __device__ double twice(double x) { return 2 * x; }

int main() {
  const foldgrid::executor pool;
  pool.map(foldgrid::device(&twice), std::vector<double>{1, 2});
}
