// SPDX-License-Identifier: MIT
// The same in shared libraries, whose function is called LIBRARY: this one multiplies by 7.
#include "lambdas.hpp"

#include <functional>

static int work(const fg::mpi::executor& pool) {
#if defined(OWN_FOLDGRID)
  sum_of_tens(pool);
#endif
  return pool.map_reduce([](int i) { return i * 7; }, std::plus<>{}, fg::iota(10));
}

int LIBRARY(const fg::mpi::executor& pool) { return work(pool); }
