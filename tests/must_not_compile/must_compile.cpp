// EXPECT: nothing
// SPDX-License-Identifier: MIT
// The control: the same harness accepts correct programs.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace fg = foldgrid;

void misuse(const fg::executor& pool) {
  std::vector<double> xs{1, 2, 3};
  std::vector<double> out(3);
  pool.map([](double x) { return x; }, xs);
  pool.map([](double x, double y) { return x + y; }, xs, fg::repeat(2.0));
  pool.map_into(out, [](double x) { return x; }, xs);
  pool.reduce([](double a, double b) { return a + b; }, xs);
  pool.map_reduce([](double x) { return x; }, std::plus<>{}, xs);
  pool.reduce(std::plus<>{}, std::list<std::string>{"a"});
}
