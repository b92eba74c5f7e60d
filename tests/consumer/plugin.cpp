// SPDX-License-Identifier: MIT
// A plug-in that uses foldgrid inside: nothing of foldgrid but its exceptions goes in or out.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <stdexcept>

namespace fg = foldgrid;

extern "C" __attribute__((visibility("default"))) double plugin_sum(bool fail) {
  const fg::executor pool({.where = fg::backend::threads, .workers = 3});
  const auto square = [fail](double x) { return fail && x > 0 ? throw std::domain_error("positive") : x * x; };
  return pool.map_reduce(square, std::plus<>{}, fg::linspace(-1, 1, 20));
}
