// SPDX-License-Identifier: MIT
// The sum of 1 to 27 by reduce: of a list, of a one-pass generator, level by level, and with the length checked.
#include <foldgrid/foldgrid.hpp>

#include "command_line.hpp"

#include <cstdio>
#include <functional>
#include <numeric>
#include <ranges>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace fg = foldgrid;

constexpr char usage[] = "usage: recursive_sum [--backend NAME] [--workers N]\n" USAGE_OF_EXECUTOR;

int example(command_line& arguments) {
  const fg::executor pool(arguments.executor());
  arguments.finish();
  const auto add = std::plus<>{};
  bool good = true;
  const auto show = [&](const char* what, int sum) {
    std::printf("%-20s %d\n", what, sum);
    good = good && sum == 378;
  };

  std::vector<int> numbers(27);
  std::iota(numbers.begin(), numbers.end(), 1);
  fg::run_report report;
  show("list", pool.reduce({.report = &report}, add, numbers));
  show("list, sum", pool.sum(numbers));
  show("list, sync", pool.reduce({.sync = true}, add, numbers));
  show("list, from 0", pool.reduce(add, numbers, 0));
  show("lazy", pool.reduce(add, fg::iota(1, 28)));

  // A generator: its numbers are read one by one, and only once.
  std::string text;
  for (int number : numbers) text += std::to_string(number) + " ";
  std::istringstream once(text), again(text), checked(text), wrong(text);
  show("generator", pool.reduce(add, std::ranges::istream_view<int>(once)));
  show("generator, sync", pool.reduce({.sync = true}, add, std::ranges::istream_view<int>(again)));
  show("generator, total", pool.reduce({.total = 27}, add, std::ranges::istream_view<int>(checked)));
  try {
    pool.reduce({.total = 28}, add, std::ranges::istream_view<int>(wrong));
    good = false;
  } catch (const std::invalid_argument&) {
    std::printf("%-20s refused\n", "total 28");
  }
  print_run(report, "numbers");
  return good ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("recursive_sum", usage, argc, argv, example); }
