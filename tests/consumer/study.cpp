// SPDX-License-Identifier: MIT
// A user's study against the installed package.
#include <foldgrid/foldgrid.hpp>
#include <foldgrid/study.hpp>

#include <cstdio>

namespace fg = foldgrid;

int main() {
  const fg::executor pool;
  fg::study study("consumer");
  study.axis("x", {1, 2, 3});
  std::printf("%g\n", study.run(pool, [](double x) { return x * x; }, {.checkpoint = "consumer.fg"}).at(2, 1));
}
