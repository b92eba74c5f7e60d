// SPDX-License-Identifier: MIT
// A sweep to be killed: says on standard output what is saved, writes each point it computes into a file of its own, and in the end the
// table's bits. usage: study_killed CHECKPOINT COMPUTED BACKEND WORKERS; with FOLDGRID_TEST_MPI over the ranks of mpiexec, of which the
// manager dies after SECONDS, or not when they are 0: study_killed_ranks CHECKPOINT COMPUTED SECONDS
#include <foldgrid/foldgrid.hpp>
#include <foldgrid/study.hpp>
#if defined(FOLDGRID_TEST_MPI)
#include <foldgrid/mpi.hpp>
#endif

#include <bit>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

namespace fg = foldgrid;

static int computed = -1;

template <class Pool>
static void sweep(const Pool& pool, const char* checkpoint) {
  fg::study study("killed");
  study.axis("x", fg::iota(0, 60)).axis("y", fg::iota(0, 50));
  const auto f = [](double x, double y) {
    const std::string line = std::to_string(static_cast<int>(50 * x + y)) + "\n";
    if (write(computed, line.data(), line.size()) < 0) std::abort();
    usleep(20);
    if (x == 7 && y < 5) throw std::runtime_error("seven");
    return std::pair(x / (1 + y), x * y);
  };
  const fg::table table = study.run(
      pool, f, {.checkpoint = checkpoint, .save_every = std::chrono::milliseconds(1), .on_saved = [](std::size_t saved, std::size_t) {
                  std::printf("saved %zu\n", saved);
                  std::fflush(stdout);
                }});
  for (std::size_t row = 0; row < table.rows(); ++row)
    std::printf("%016lx %016lx\n", std::bit_cast<unsigned long>(table.at(row, 2)), std::bit_cast<unsigned long>(table.at(row, 3)));
  std::printf("%zu failures\n", table.failures().size());
}

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  computed = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0666);
#if defined(FOLDGRID_TEST_MPI)
  return fg::mpi::main(argc, argv, [&](fg::mpi::executor& pool) {
    const double seconds = std::atof(argv[3]);
    if (seconds > 0)
      std::thread([seconds] {
        std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
        raise(SIGKILL);
      }).detach();
    sweep(pool, argv[1]);
  });
#else
  if (argc != 5) return 2;
  const fg::executor pool{
      {.where = std::string(argv[3]) == "serial" ? fg::backend::serial : fg::backend::threads, .workers = std::atoi(argv[4])}};
  sweep(pool, argv[1]);
#endif
}
