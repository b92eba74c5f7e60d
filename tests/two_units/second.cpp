// SPDX-License-Identifier: MIT
// The second unit of two_units_test.
#include "verbs.hpp"

std::vector<double> in_the_second_unit(const foldgrid::executor& pool) { return all_verbs(pool); }
