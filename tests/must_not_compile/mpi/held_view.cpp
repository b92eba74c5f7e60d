// EXPECT: foldgrid: the function holds something that cannot travel to another rank
// SPDX-License-Identifier: MIT
// A function whose state refers to an array through a view, in a struct of its own.
#include <foldgrid/mpi.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fg = foldgrid;

FOLDGRID_STRUCT(table, (fg::view<const double> values; double scale;))
FOLDGRID_FUNCTOR_USING((table), look_up, (table from;), (std::size_t i), { return from.scale * from.values[i]; })

void misuse(const fg::mpi::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  fg::executor here;
  auto shared = here.share(xs);
  pool.map(look_up{table{shared, 2}}, fg::iota(std::size_t{3}));
}
