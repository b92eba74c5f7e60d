// SPDX-License-Identifier: MIT
// Functions of several units and of libraries that use lambdas of one name.
#pragma once

#include <foldgrid/mpi.hpp>

#include <vector>

namespace fg = foldgrid;

/// 30, by work of a type that the program and a library with its own foldgrid have in common.
inline int sum_of_tens(const fg::mpi::executor& pool) { return pool.sum(std::vector<int>(3, 10)); }

int first_unit(const fg::mpi::executor& pool);
int second_unit(const fg::mpi::executor& pool);
__attribute__((visibility("default"))) int library_of_default_visibility(const fg::mpi::executor& pool);
__attribute__((visibility("default"))) int library_of_hidden_visibility(const fg::mpi::executor& pool);
/// Linked with a copy of foldgrid that only it sees: refused.
__attribute__((visibility("default"))) int library_with_its_own_foldgrid(const fg::mpi::executor& pool);
