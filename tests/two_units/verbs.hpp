// SPDX-License-Identifier: MIT
// The same calls, with the same operators, in every unit that includes this.
#pragma once

#include <foldgrid/foldgrid.hpp>

#include <cstddef>
#include <functional>
#include <vector>

FOLDGRID_FUNCTOR(shifted, (double by;), (double x), { return x * x + by; })
FOLDGRID_FUNCTION(larger_square, (double a, double b), { return a * a < b * b ? b : a; })

namespace {
/// Results of the verbs one after another.
inline std::vector<double> all_verbs(const foldgrid::executor& pool) {
  namespace fg = foldgrid;
  const auto xs = pool.map(shifted{0.25}, fg::linspace(-1, 2, 5001));
  std::vector<double> out(xs.size());
  pool.map_into(out, shifted{-1}, xs);
  std::vector<double> results{pool.sum(xs), pool.reduce(fg::max, out), pool.reduce(larger_square, xs, 3.0), pool.minmax(out).min};
  results.push_back(pool.map_reduce(shifted{2}, std::plus<>{}, xs));
  results.push_back(static_cast<double>(pool.argmax(out)));
  results.push_back(pool.reduce_columns(std::plus<>{}, xs, 1667, 3)[1]);
  return results;
}
}  // namespace

std::vector<double> in_the_first_unit(const foldgrid::executor& pool);
std::vector<double> in_the_second_unit(const foldgrid::executor& pool);
