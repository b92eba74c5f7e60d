// SPDX-License-Identifier: MIT
// A program that goes wrong as its argument says; see the script `faults` for what must come of it.
#include <foldgrid/mpi.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

namespace fg = foldgrid;

namespace {

enum class death { by_kill, by_segv, by_exit };

struct item {
  int at;
  death how;
  int operator()(int i) const {
    if (i == at) {
      if (how == death::by_kill) raise(SIGKILL);
      if (how == death::by_segv) raise(SIGSEGV);
      _exit(0);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    return i;
  }
};

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  const int at = argc > 2 ? std::atoi(argv[2]) : 0;
  return fg::mpi::main(argc, argv, [&](fg::mpi::executor& pool) {
    const auto die = [&](death how) { pool.map({.chunk_size = 1}, item{at, how}, fg::iota(1000)); };
    if (what == "kill") die(death::by_kill);
    if (what == "segv") die(death::by_segv);
    if (what == "exit") die(death::by_exit);
    if (what == "throw") throw std::runtime_error("the body has had enough");
    if (what == "throw_among_tasks") {
      auto running = pool.submit([](int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }, 100);
      throw std::runtime_error("the body has had enough");
    }
    if (what == "status") return 7;
    if (what == "idle") {
      std::this_thread::sleep_for(std::chrono::seconds(3));
      double least = 1e9, most = 0;
      for (const double seconds : pool.map(
               {.chunk_size = 1},
               [](int) {
                 timespec used;
                 clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
                 std::this_thread::sleep_for(std::chrono::milliseconds(20));
                 return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
               },
               fg::iota(4))) {
        least = std::min(least, seconds);
        most = std::max(most, seconds);
      }
      std::printf("idle %.3f\n", most);
    }
    std::printf("sum %d\n", pool.map_reduce([](int i) { return i; }, std::plus<>{}, fg::iota(1, 28)));
    return 0;
  });
}
