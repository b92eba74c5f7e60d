// EXPECT: foldgrid: delayed(f)(args...) cannot call f with these arguments
// SPDX-License-Identifier: MIT
// A number is no text.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<fg::call<double>> calls{fg::delayed([](std::string s) { return 1.0 * s.size(); })(2.5)};
  pool.parallel(calls);
}
