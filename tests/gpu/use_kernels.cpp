// SPDX-License-Identifier: MIT
// Runs one call on the GPU: use_kernels own, with a function of its own; use_kernels sum, with a built-in operator.
#include <foldgrid/foldgrid.hpp>

#include <cstdio>
#include <cstring>
#include <exception>
#include <functional>
#include <vector>

namespace fg = foldgrid;

FOLDGRID_FUNCTION(halved, (double x), { return x / 2; })

int main(int argc, char** argv) {
  try {
    const fg::executor gpu{{.where = fg::backend::gpu}};
    const std::vector<double> xs(100'000, 2.0);
    const bool own = argc > 1 && std::strcmp(argv[1], "own") == 0;
    const double found = own ? gpu.map_reduce(halved, std::plus<>{}, xs) : gpu.sum(xs), expected = own ? 1e5 : 2e5;
    std::printf(found == expected ? "right\n" : "wrong: %g\n", found);
    return found == expected ? 0 : 1;
  } catch (const std::exception& e) {
    std::printf("error: %s\n", e.what());
    return 1;
  }
}
