// SPDX-License-Identifier: MIT
// A user's study over the ranks of MPI: all components in one program.
#include <foldgrid/mpi.hpp>
#include <foldgrid/study.hpp>

#include <cstdio>

namespace fg = foldgrid;

int main(int argc, char** argv) {
  return fg::mpi::main(argc, argv, [](fg::mpi::executor& pool) {
    fg::study study("consumer");
    study.axis("x", {1, 2, 3});
    std::printf("%g\n", study.run(pool, [](double x) { return x * x; }, {.checkpoint = "consumer.fg"}).at(2, 1));
  });
}
