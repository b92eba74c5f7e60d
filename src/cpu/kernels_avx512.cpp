// SPDX-License-Identifier: MIT
// The kernels for processors with AVX-512 as of Ice Lake and Zen 4: earlier ones slow down where they use it.
#define FOLDGRID_DETAIL_REGISTER 64
#define FOLDGRID_DETAIL_TABLE avx512_kernels
#include "kernels.inc"
