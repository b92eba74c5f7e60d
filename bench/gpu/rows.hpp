// SPDX-License-Identifier: MIT
// One row of the table: a piece of work beside a rival, measured in turns, and what it must reach.
#pragma once

#include "session.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace gpu_check {

struct row {
  std::string work, size;
  double bytes;                   ///< read and written by one run
  std::string against;            ///< the rival's name
  std::function<double()> ours;   ///< one run; its seconds
  std::function<double()> rival;  ///< the same; empty where there is none
  double must, aim;               ///< the rival's time over ours
  std::size_t repeats = 15;
};

/// Three runs of each to warm up, then `repeats` of each in turns. Before every run `clear_caches` is called.
void measure(session& with, const row& of, const std::function<void()>& clear_caches);

/// What may take so many seconds.
struct bound {
  std::string work, size;
  double must, aim;
};
void keep_bound(session& with, const bound& of, const std::vector<double>& seconds);

/// The heading of the lines that these print.
void print_heading(session& with);

}  // namespace gpu_check
