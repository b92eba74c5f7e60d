// SPDX-License-Identifier: MIT
// The kernels for processors with AVX-512.
#define FOLDGRID_DETAIL_REGISTER 64
#define FOLDGRID_DETAIL_TABLE avx512_kernels
#include "kernels.inc"
