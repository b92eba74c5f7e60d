// SPDX-License-Identifier: MIT
// The executors that tests of the GPU compare.
#pragma once

#include <foldgrid/executor.hpp>

inline const foldgrid::executor& gpu() {
  static const foldgrid::executor made{{.where = foldgrid::backend::gpu}};
  return made;
}
inline const foldgrid::executor& serial() {
  static const foldgrid::executor made{{.where = foldgrid::backend::serial}};
  return made;
}
inline const foldgrid::executor& threads() {
  static const foldgrid::executor made{{.where = foldgrid::backend::threads}};
  return made;
}
