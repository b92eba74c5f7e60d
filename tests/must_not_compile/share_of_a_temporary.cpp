// EXPECT: foldgrid: share refers to the range, which must outlive it
// SPDX-License-Identifier: MIT
// What share refers to must outlive the call.
#include <foldgrid/foldgrid.hpp>

#include <span>
#include <vector>

namespace fg = foldgrid;

void use(const fg::executor& pool, std::vector<double>& xs) {
  pool.share(xs);
  pool.share(std::span(xs));
  pool.share(std::vector<double>{1, 2, 3});
}
