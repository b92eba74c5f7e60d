// SPDX-License-Identifier: MIT
// The backends that every test of the contract suite is instantiated for; with FOLDGRID_TEST_GPU that is the GPU alone, with
// FOLDGRID_TEST_MPI the ranks that mpiexec started, and with FOLDGRID_TEST_FEW few numbers of workers, for scripts/mutate.
#pragma once

#include <foldgrid/foldgrid.hpp>
#if defined(FOLDGRID_TEST_MPI)
#include <foldgrid/mpi.hpp>
#endif

#include <gtest/gtest.h>

#include <cstddef>

namespace fg = foldgrid;

struct serial {
  static fg::executor_options options() { return {.where = fg::backend::serial}; }
};

template <std::size_t workers>
struct threads {
  static fg::executor_options options() { return {.where = fg::backend::threads, .workers = workers}; }
};

struct gpu {
  static fg::executor_options options() { return {.where = fg::backend::gpu}; }
};

struct mpi {};

#if defined(FOLDGRID_TEST_MPI)
using backends = testing::Types<mpi>;
#elif defined(FOLDGRID_TEST_GPU)
using backends = testing::Types<gpu>;
#elif defined(FOLDGRID_TEST_FEW)
using backends = testing::Types<serial, threads<1>, threads<3>>;
#else
using backends = testing::Types<serial, threads<1>, threads<2>, threads<3>, threads<5>, threads<8>, threads<64>>;
#endif

/// Tests share one executor per backend.
template <class Backend>
class contract : public testing::Test {
 protected:
  static const fg::executor& pool() {
    static const fg::executor made{Backend::options()};
    return made;
  }
};

#if defined(FOLDGRID_TEST_MPI)
/// The executor of the body in which the tests run.
inline fg::mpi::executor* mpi_pool = nullptr;

template <>
class contract<mpi> : public testing::Test {
 protected:
  static const fg::mpi::executor& pool() { return *mpi_pool; }
};
#endif
