// EXPECT: foldgrid: this unit is compiled with -ffast-math (or -Ofast)
// SPDX-License-Identifier: MIT
// A unit that includes the headers with a flag that lets the compiler reorder additions.
#include <foldgrid/foldgrid.hpp>
