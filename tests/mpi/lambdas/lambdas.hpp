// SPDX-License-Identifier: MIT
// Functions of several units and of a library that use lambdas, some of the same name.
#pragma once

#include <foldgrid/mpi.hpp>

namespace fg = foldgrid;

int first_unit(const fg::mpi::executor& pool);
int second_unit(const fg::mpi::executor& pool);
__attribute__((visibility("default"))) int library(const fg::mpi::executor& pool);
