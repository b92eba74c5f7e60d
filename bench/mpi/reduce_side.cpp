// SPDX-License-Identifier: MIT
// mpi::reduce of 2^26 doubles held by the ranks, beside a plain local sum and MPI_Allreduce of one double, alternating.
#include <foldgrid/mpi.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <vector>

int main(int argc, char** argv) {
  int level = 0, rank = 0, size = 1;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  const std::size_t n = (std::size_t{1} << 26) / static_cast<std::size_t>(size);
  std::vector<double> mine(n);
  for (std::size_t i = 0; i < n; ++i) mine[i] = 1.0 / static_cast<double>(i + 1);
  std::vector<double> plain, tree;
  double found = 0;
  for (int repeat = 0; repeat < 11; ++repeat) {
    MPI_Barrier(MPI_COMM_WORLD);
    double began = MPI_Wtime();
    double sum = 0, all = 0;
    for (const double x : mine) sum += x;
    MPI_Allreduce(&sum, &all, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    plain.push_back(MPI_Wtime() - began);
    found += all;
    MPI_Barrier(MPI_COMM_WORLD);
    began = MPI_Wtime();
    found -= foldgrid::mpi::reduce(MPI_COMM_WORLD, std::plus<>{}, mine);
    tree.push_back(MPI_Wtime() - began);
  }
  std::nth_element(plain.begin(), plain.begin() + 5, plain.end());
  std::nth_element(tree.begin(), tree.begin() + 5, tree.end());
  if (rank == 0) std::printf("plain_seconds %.6f\ntree_seconds %.6f\nplain_over_tree %.4f\n", plain[5], tree[5], plain[5] / tree[5]);
  if (found > 1) std::printf("sums differ by %g\n", found);
  MPI_Finalize();
}
