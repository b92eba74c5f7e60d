// EXPECT: foldgrid: the function of a study gives a number, or a struct, tuple or array of up to 16 numbers
// SPDX-License-Identifier: MIT
// Tables hold numbers.
#include <foldgrid/foldgrid.hpp>
#include <foldgrid/study.hpp>

#include <string>

namespace fg = foldgrid;

void misuse(const fg::executor& pool, const fg::study& study) {
  study.run(pool, [](double x) { return std::to_string(x); });
}
