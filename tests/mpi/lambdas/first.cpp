// SPDX-License-Identifier: MIT
// A lambda in a function of internal linkage, named like one of another unit: this one multiplies by 3.
#include "lambdas.hpp"

#include <functional>

static int work(const fg::mpi::executor& pool) {
  return pool.map_reduce([](int i) { return i * 3; }, std::plus<>{}, fg::iota(10));
}

int first_unit(const fg::mpi::executor& pool) { return work(pool); }
