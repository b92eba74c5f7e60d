// SPDX-License-Identifier: MIT
// Inside a TBB code: one executor used by the tasks of a parallel_for, and a parallel_for in the functions of a verb.
#include <foldgrid/foldgrid.hpp>

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>

#include <atomic>
#include <cstdio>
#include <functional>
#include <vector>

namespace fg = foldgrid;

int main() {
  const tbb::global_control four(tbb::global_control::max_allowed_parallelism, 4);
  const fg::executor pool({.where = fg::backend::threads, .workers = 3});
  const std::vector<double> xs = pool.map([](int i) { return 1.0 / (1 + i); }, fg::iota(100000));
  const double sum = pool.sum(xs);

  std::atomic<int> equal = 0, tasks = 0;
  tbb::parallel_for(0, 40, [&](int i) {
    equal += pool.sum(xs) == sum;
    tasks += pool.submit([i] { return i; }).get();
  });

  const auto inner = [](long first) {
    std::atomic<long> sum_of_loop = 0;
    tbb::parallel_for(first, first + 1000, [&](long i) { sum_of_loop += i; });
    return sum_of_loop.load();
  };
  const long all = pool.map_reduce(inner, std::plus<>{}, pool.map([](long i) { return 1000 * i; }, fg::iota(100L)));
  std::printf("%d equal sums, tasks %d, %ld\n", equal.load(), tasks.load(), all);
}
