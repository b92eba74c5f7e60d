// SPDX-License-Identifier: MIT
// The backends that every test of the contract suite runs on: serial and several numbers of workers; where the environment variable
// FOLDGRID_TEST_BACKENDS is `gpu` the GPU alone, where it is `few` three of them; compiled with FOLDGRID_TEST_MPI the ranks that
// mpiexec started.
#pragma once

#include <foldgrid/foldgrid.hpp>
#if defined(FOLDGRID_TEST_MPI)
#include <foldgrid/mpi.hpp>
#endif

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fg = foldgrid;

/// A backend and its number of workers: 0 for one that has none to choose.
struct place {
  fg::backend where;
  int workers;

  auto operator<=>(const place&) const = default;
};

inline std::string name_of(const testing::TestParamInfo<place>& info) {
  switch (info.param.where) {
    case fg::backend::serial:
      return "serial";
    case fg::backend::gpu:
      return "gpu";
    case fg::backend::mpi:
      return "ranks";
    default:
      return "threads_" + std::to_string(info.param.workers);
  }
}

inline auto backends() {
#if defined(FOLDGRID_TEST_MPI)
  std::vector<place> wanted{{fg::backend::mpi, 0}};
#else
  const char* const text = std::getenv("FOLDGRID_TEST_BACKENDS");
  const std::string_view asked = text ? text : "";
  std::vector<place> wanted;
  if (asked == "gpu") {
    wanted.push_back({fg::backend::gpu, 0});
  } else {
    wanted.push_back({fg::backend::serial, 0});
    for (const int workers : asked == "few" ? std::vector{1, 3} : std::vector{1, 2, 3, 5, 8, 64})
      wanted.push_back({fg::backend::threads, workers});
  }
#endif
  return testing::ValuesIn(wanted);
}

#if defined(FOLDGRID_TEST_MPI)
/// The executor of the body in which the tests run.
inline fg::mpi::executor* mpi_pool = nullptr;

class contract : public testing::TestWithParam<place> {
 protected:
  static const fg::mpi::executor& pool() { return *mpi_pool; }
};
#else
class contract : public testing::TestWithParam<place> {
 protected:
  static fg::executor_options options() { return {.where = GetParam().where, .workers = GetParam().workers}; }

  /// Tests share one executor per backend.
  static const fg::executor& pool() {
    static std::map<place, std::unique_ptr<const fg::executor>> made;
    std::unique_ptr<const fg::executor>& here = made[GetParam()];
    if (!here) here = std::make_unique<const fg::executor>(options());
    return *here;
  }
};
#endif
