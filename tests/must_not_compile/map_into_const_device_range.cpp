// EXPECT: foldgrid: map_into was given a fg::device_range of const elements
// SPDX-License-Identifier: MIT
// Results written to elements that are const.
#include <foldgrid/foldgrid.hpp>

namespace fg = foldgrid;

namespace {
FOLDGRID_FUNCTION(twice, (double x), { return 2 * x; })
}  // namespace

void misuse(const fg::executor& pool, const double* there) { pool.map_into(fg::device_range(there, 3), twice, fg::linspace(0, 1, 3)); }
