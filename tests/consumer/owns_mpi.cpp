// SPDX-License-Identifier: MIT
// Inside an MPI code that starts and ends MPI itself: the all-reduce by the tree, an executor over a part of the ranks, and its own
// messages.
#include <foldgrid/mpi.hpp>

#include <cstdio>
#include <functional>
#include <vector>

namespace fg = foldgrid;

int main(int argc, char** argv) {
  int given = 0, rank = 0, ranks = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &given);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);

  const std::vector<double> all = fg::executor().map([](int i) { return 1.0 / (1 + i); }, fg::iota(1000));
  const auto first = all.begin() + 1000 * rank / ranks, last = all.begin() + 1000 * (rank + 1) / ranks;
  int equal = fg::mpi::reduce(MPI_COMM_WORLD, std::plus<>{}, std::vector<double>(first, last)) == fg::executor().sum(all);

  MPI_Comm part;
  MPI_Comm_split(MPI_COMM_WORLD, rank == 0, rank, &part);  // all ranks but the first
  int squares = 0;
  if (const auto pool = fg::mpi::comm_executor(part, 0); pool && rank > 0)
    squares = pool->map_reduce([](int x) { return x * x; }, std::plus<>{}, fg::iota(1, 101));
  MPI_Comm_free(&part);

  int sums[2] = {equal, squares};
  MPI_Allreduce(MPI_IN_PLACE, sums, 2, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  if (rank == 0) std::printf("%d ranks, %d equal sums, %d\n", ranks, sums[0], sums[1]);
  MPI_Finalize();
}
