// SPDX-License-Identifier: MIT
// The kernels for every processor.
#define FOLDGRID_DETAIL_REGISTER 16
#define FOLDGRID_DETAIL_TABLE baseline_kernels
#include "kernels.inc"
