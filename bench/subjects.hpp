// SPDX-License-Identifier: MIT
// The subjects of the benchmarks, each of which registers its rows, and the executor they all measure.
#pragma once

#include "text.hpp"

#include <foldgrid/executor.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>

namespace bench {

void add_reduce();
void add_map_reduce();
void add_map_into();
void add_small_arrays();
void add_matrix_product();
void add_tasks();
void add_speed_up();

/// Ours: as many threads as the rivals get.
const foldgrid::executor& pool();

/// Sizes of the rows, as powers of two; the first belongs to a quick run.
inline constexpr std::initializer_list<int> powers = {20, 22, 24, 26};
inline bool quick_power(int power) { return power == *powers.begin(); }
/// Other sizes are measured for the charts.
inline bool has_bar(int power) { return std::find(powers.begin(), powers.end(), power) != powers.end(); }

}  // namespace bench
