// SPDX-License-Identifier: MIT
// What a translation unit must be compiled with, and how the library's symbols are seen.
#pragma once

#if defined(__FAST_MATH__)
#error \
    "foldgrid: this unit is compiled with -ffast-math (or -Ofast), which lets the compiler reorder additions: results would no longer be reproducible. Remove the flag for units that include foldgrid."
#endif

#if !defined(__cplusplus) || __cplusplus < 202002L
#error "foldgrid needs C++20: compile with -std=c++20."
#endif

#define FOLDGRID_API __attribute__((visibility("default")))
