// SPDX-License-Identifier: MIT
// The executors that tests of studies compare.
#pragma once

#include <foldgrid/executor.hpp>

inline const foldgrid::executor& two() {
  static const foldgrid::executor made{{.where = foldgrid::backend::threads, .workers = 2}};
  return made;
}
inline const foldgrid::executor& one() {
  static const foldgrid::executor made{{.where = foldgrid::backend::serial}};
  return made;
}
