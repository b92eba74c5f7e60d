// SPDX-License-Identifier: MIT
// foldgrid's side of bench/mpi/run: prints one "name value" line for each measurement.
#include <foldgrid/mpi.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace fg = foldgrid;

namespace {

double seconds_of(auto&& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

int launched() {
  const char* const text = std::getenv("OMPI_COMM_WORLD_SIZE");
  return text ? std::atoi(text) : 1;
}

double slept(double seconds) {
  const auto began = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

void empty_tasks(const fg::mpi::executor& pool, std::size_t chunk) {
  constexpr int n = 10000;
  const double seconds = seconds_of([&] { pool.map({.chunk_size = chunk}, [](int i) { return i; }, fg::iota(n)); });
  std::printf("empty_chunk_%zu_tasks_per_second %.0f\n", chunk, n / seconds);
}

/// Measured time of the tasks over what the workers could have done meanwhile.
void sleeping_tasks(const fg::mpi::executor& pool, int workers) {
  const int n = 400 * workers;
  std::vector<double> times;
  const double wall = seconds_of([&] { times = pool.map({.chunk_size = 1}, [](int) { return slept(1e-3); }, fg::iota(n)); });
  double sum = 0;
  for (const double each : times) sum += each;
  std::printf("sleeping_1ms_efficiency %.4f\n", sum / (workers * wall));
}

void tail(const fg::mpi::executor& pool) {
  const std::vector<double> items{0.2, 0.01, 0.01, 0.01, 0.2, 0.01, 0.01, 0.01};
  const double wall = seconds_of([&] { pool.map({.chunk_size = 1}, slept, items); });
  std::printf("tail_over_optimum %.4f\n", wall / 0.21);
}

void large_objects(const fg::mpi::executor& pool) {
  constexpr std::size_t bytes = 1 << 20;
  const std::vector<std::vector<double>> vectors(64, std::vector<double>(bytes / sizeof(double), 1.5));
  const double seconds = seconds_of([&] { pool.map({.chunk_size = 1}, [](std::vector<double> v) { return v; }, vectors); });
  std::printf("vectors_both_ways_gb_per_second %.3f\n", 2.0 * 64 * bytes / seconds * 1e-9);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "empty";
  return fg::mpi::main(argc, argv, [&](fg::mpi::executor& pool) {
    const int workers = std::max(1, launched() - 1);
    pool.map({.chunk_size = 1}, [](int i) { return i; }, fg::iota(1000));
    if (what == "empty") {
      empty_tasks(pool, 1);
      empty_tasks(pool, 100);
    } else if (what == "sleep") {
      sleeping_tasks(pool, workers);
    } else if (what == "tail") {
      tail(pool);
    } else if (what == "large") {
      large_objects(pool);
    }
  });
}
