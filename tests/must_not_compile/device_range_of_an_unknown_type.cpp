// EXPECT: foldgrid: a device_range holds numbers or a FOLDGRID_STRUCT
// SPDX-License-Identifier: MIT
// Memory of a GPU with elements that only nvcc could know there.
#include <foldgrid/foldgrid.hpp>

namespace fg = foldgrid;

namespace {
struct unknown {
  double value;
};
}  // namespace

auto misuse(unknown* there) { return fg::device_range(there, 3); }
