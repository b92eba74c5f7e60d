// SPDX-License-Identifier: MIT
// What the sections of a run share: executors, how far to go, the seed, and where findings go; and the sections' names.
#pragma once

#include "check.hpp"
#include "results.hpp"

#include <foldgrid/foldgrid.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace gpu_check {

namespace fg = foldgrid;

struct session {
  fg::executor gpu{{.where = fg::backend::gpu}};
  fg::executor cpu{{.where = fg::backend::threads}};
  fg::executor serial{{.where = fg::backend::serial}};
  std::string device;
  bool stand_in = false;  ///< the software GPU of the tests, which is about a million times slower
  bool quick = false;     ///< a part of everything, as on the stand-in
  std::uint64_t seed = 0;
  results out = {};
  checker check;
  std::size_t rows_below = 0;  ///< timing rows that do not reach what they must

  explicit session(bool plant) : check(out, plant) {}
  bool small() const noexcept { return stand_in || quick; }
  /// What a result of n elements must equal: the caller's own thread where that takes no time.
  const fg::executor& reference(std::size_t n) const noexcept { return n <= 4096 ? serial : cpu; }
};

// The sections.
void check_bits(session& with);
void check_floats(session& with);
void check_neighbours(session& with);
void check_launches(session& with);
void check_jit(session& with);
void measure_rows(session& with);
void measure_columns(session& with);

}  // namespace gpu_check
