// EXPECT: foldgrid: a study calls its function with one number for each axis
// SPDX-License-Identifier: MIT
// Functions of studies take numbers.
#include <foldgrid/foldgrid.hpp>
#include <foldgrid/study.hpp>

#include <string>

namespace fg = foldgrid;

void misuse(const fg::executor& pool, const fg::study& study) {
  study.run(pool, [](const std::string& name) { return name.size(); });
}
