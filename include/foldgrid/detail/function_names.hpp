// SPDX-License-Identifier: MIT
// The names a function's body sees on the host.
#pragma once

#include <math.h>

#include <cstddef>
#include <cstdint>

/// The names a body sees unqualified beside <math.h>'s: non-template min and max, so that mixed types are refused.
namespace foldgrid::function_names {

using ::abs;

#define FOLDGRID_DETAIL_MIN_MAX(T)                             \
  constexpr T min(T a, T b) noexcept { return b < a ? b : a; } \
  constexpr T max(T a, T b) noexcept { return a < b ? b : a; }
FOLDGRID_DETAIL_MIN_MAX(float)
FOLDGRID_DETAIL_MIN_MAX(double)
FOLDGRID_DETAIL_MIN_MAX(int)
FOLDGRID_DETAIL_MIN_MAX(unsigned)
FOLDGRID_DETAIL_MIN_MAX(long)
FOLDGRID_DETAIL_MIN_MAX(unsigned long)
FOLDGRID_DETAIL_MIN_MAX(long long)
FOLDGRID_DETAIL_MIN_MAX(unsigned long long)
#undef FOLDGRID_DETAIL_MIN_MAX

}  // namespace foldgrid::function_names
