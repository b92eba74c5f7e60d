// SPDX-License-Identifier: MIT
// Inside an OpenMP code: verbs outside of a parallel region, in the threads of one, and parallel regions in the functions of a verb.
#include <foldgrid/foldgrid.hpp>

#include <omp.h>

#include <cstdio>
#include <functional>
#include <stdexcept>
#include <vector>

namespace fg = foldgrid;

int main() {
  const fg::executor pool({.where = fg::backend::threads, .workers = 3});
  const std::vector<double> xs = pool.map([](int i) { return 1.0 / (1 + i); }, fg::iota(100000));
  const double sum = pool.sum(xs);

  int equal = 0, caught = 0, threads = 0;
#pragma omp parallel for num_threads(4) reduction(+ : equal, caught) reduction(max : threads)
  for (int i = 0; i < 40; ++i) {
    threads = omp_get_num_threads();
    equal += pool.sum(xs) == sum;
    try {  // what a parallel region throws must be caught in it
      pool.map([i](int x) { return x != i ? x : throw std::domain_error("mine"); }, fg::iota(40));
    } catch (const fg::task_error& e) {
      caught += e.index() == static_cast<std::size_t>(i);
    }
  }

  const auto region = [](long first) {
    long sum_of_region = 0;
#pragma omp parallel for num_threads(2) reduction(+ : sum_of_region)
    for (long i = first; i < first + 1000; ++i) sum_of_region += i;
    return sum_of_region;
  };
  const long all = pool.map_reduce(region, std::plus<>{}, pool.map([](long i) { return 1000 * i; }, fg::iota(100L)));
  std::printf("%d threads, %d equal sums, %d errors, %ld\n", threads, equal, caught, all);
}
