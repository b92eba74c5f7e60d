// EXPECT: foldgrid: map_into a GPU's memory needs an array of elements that are not const
// SPDX-License-Identifier: MIT
// Results written to elements that are const.
#include <foldgrid/foldgrid.hpp>

namespace fg = foldgrid;

namespace {
FOLDGRID_FUNCTION(twice, (double x), { return 2 * x; })
}  // namespace

void misuse(const fg::executor& pool, const double* there) { pool.map_into(fg::device_range(there, 3), twice, fg::linspace(0, 1, 3)); }
