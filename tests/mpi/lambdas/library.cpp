// SPDX-License-Identifier: MIT
// The same in a shared library: this one multiplies by 7.
#include "lambdas.hpp"

#include <functional>

static int work(const fg::mpi::executor& pool) {
  return pool.map_reduce([](int i) { return i * 7; }, std::plus<>{}, fg::iota(10));
}

int library(const fg::mpi::executor& pool) { return work(pool); }
