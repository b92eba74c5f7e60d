// EXPECT: nothing
// SPDX-License-Identifier: MIT
// The control of fast_math_unit.cpp: the headers with ordinary flags.
#include <foldgrid/foldgrid.hpp>
