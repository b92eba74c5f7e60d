// SPDX-License-Identifier: MIT
// A lambda in a function of internal linkage, named like one of another unit: this one multiplies by 5.
#include "lambdas.hpp"

#include <functional>

static int work(const fg::mpi::executor& pool) {
  return pool.map_reduce([](int i) { return i * 5; }, std::plus<>{}, fg::iota(10));
}

int second_unit(const fg::mpi::executor& pool) { return work(pool); }
