// SPDX-License-Identifier: MIT
// The kernels for processors on which AVX-512 is faster: see fold.cpp.
#define FOLDGRID_DETAIL_REGISTER 64
#define FOLDGRID_DETAIL_TABLE avx512_kernels
#include "kernels.inc"
