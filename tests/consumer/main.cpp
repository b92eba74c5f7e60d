// SPDX-License-Identifier: MIT
// A user's program; given the file of a plug-in, it also asks that one, which holds a foldgrid of its own.
#include <foldgrid/foldgrid.hpp>

#include <dlfcn.h>

#include <cstdio>
#include <functional>
#include <stdexcept>

namespace fg = foldgrid;

int main(int argc, char** argv) {
  const fg::executor pool;
  const auto square = [](double x) { return x * x; };
  const double sum = pool.map_reduce(square, std::plus<>{}, fg::linspace(-1, 1, 20));
  std::printf("%d %.17g\n", pool.sum(fg::iota(1, 28)), sum);
  try {
    pool.map([](int x) { return x < 3 ? x : throw std::domain_error("three"); }, fg::iota(9));
  } catch (const fg::error& e) {  // thrown in the library
    std::printf("%s\n", e.what());
  }

  if (argc < 2) return 0;
  void* const plugin = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (!plugin) return std::fprintf(stderr, "%s\n", dlerror()), 1;
  const auto of_plugin = reinterpret_cast<double (*)(bool)>(dlsym(plugin, "plugin_sum"));
  std::printf("plug-in: %s\n", of_plugin(false) == sum ? "the same sum" : "another sum");
  try {
    of_plugin(true);
  } catch (const fg::task_error& e) {  // thrown by the other foldgrid
    std::printf("plug-in: item %zu\n", e.index());
  }
  if (dlclose(plugin) != 0) return std::fprintf(stderr, "%s\n", dlerror()), 1;
  std::printf("%d\n", pool.sum(fg::iota(1, 28)));
}
