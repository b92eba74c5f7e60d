// SPDX-License-Identifier: MIT
// The first unit of two_units_test.
#include "verbs.hpp"

std::vector<double> in_the_first_unit(const foldgrid::executor& pool) { return all_verbs(pool); }
