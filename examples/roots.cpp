// SPDX-License-Identifier: MIT
// Square roots, by map with a function of one argument and by starmap with rows of two.
#include <foldgrid/foldgrid.hpp>

#include <cstdio>
#include <utility>
#include <vector>

namespace fg = foldgrid;

// sqrt and pow are overload sets: a name for one function is made of them first.
FOLDGRID_FUNCTION(root, (double x), { return sqrt(x); })
FOLDGRID_FUNCTION(power, (double x, double y), { return pow(x, y); })

int main() {
  const fg::executor pool;
  const std::vector<double> squares{1, 4, 9, 16};
  const std::vector<std::pair<double, double>> rows{{1, 0.5}, {4, 0.5}, {9, 0.5}, {16, 0.5}};

  const std::vector<double> by_map = pool.map(root, squares);
  const std::vector<double> by_starmap = pool.starmap(power, rows);
  for (std::size_t i = 0; i < squares.size(); ++i)
    std::printf("sqrt(%g) = %.12g, pow(%g, 0.5) = %.12g\n", squares[i], by_map[i], squares[i], by_starmap[i]);

  const std::vector<double> expected{1, 2, 3, 4};
  return by_map == expected && by_starmap == expected ? 0 : 1;
}
