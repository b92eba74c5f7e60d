// SPDX-License-Identifier: MIT
// The sum of the products of two sequences: the same program alone and, unchanged, on many machines under mpiexec.
#include <foldgrid/foldgrid.hpp>
#include <foldgrid/mpi.hpp>

#include <cstdio>
#include <functional>

namespace fg = foldgrid;

const auto program = [](const auto& pool) {
  const auto products = pool.map([](int x, int y) { return x * y; }, fg::iota(1, 101), fg::iota(101, 201));
  const int sum = pool.reduce(std::plus<>{}, products);
  std::printf("Sum of the products equals %d\n", sum);
  return sum == 843350 ? 0 : 1;
};

int main(int argc, char** argv) {
  return fg::mpi::main(argc, argv, program);  // on threads alone: return program(fg::executor{});
}
