// SPDX-License-Identifier: MIT
// The kernels for processors with AVX2.
#define FOLDGRID_DETAIL_REGISTER 32
#define FOLDGRID_DETAIL_TABLE avx2_kernels
#include "kernels.inc"
