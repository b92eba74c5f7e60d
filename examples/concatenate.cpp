// SPDX-License-Identifier: MIT
// Lists joined by reduce: the operator is associative but not commutative, and the order is kept.
#include <foldgrid/foldgrid.hpp>

#include "command_line.hpp"

#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace fg = foldgrid;

constexpr char usage[] = "usage: concatenate [--backend NAME] [--workers N]\n" USAGE_OF_EXECUTOR;

/// Lists of up to 15 numbers, which a GPU can join too; what does not fit is left out.
FOLDGRID_STRUCT(short_list, (int size; int at[15];))
FOLDGRID_FUNCTION(joined, (short_list a, short_list b), {
  for (int i = 0; i < b.size && a.size < 15; ++i) a.at[a.size++] = b.at[i];
  return a;
})

int example(command_line& arguments) {
  const fg::executor_options where = arguments.executor();
  arguments.finish();

  const fg::executor pool(where);
  fg::run_report report;
  const std::vector<short_list> lists{{2, {1, 2}}, {2, {3, 4}}};
  const short_list all = pool.reduce({.report = &report}, joined, lists);
  bool good = all.size == 4;
  for (int i = 0; i < all.size; ++i) {
    std::printf("%s%d", i == 0 ? "[" : ", ", all.at[i]);
    good = good && all.at[i] == i + 1;
  }
  std::printf("]\n");
  print_run(report, "lists");

  // Lists of any length, and text.
  const fg::executor cpu(on_cpu(where));
  const auto join = [](std::vector<int>&& a, std::vector<int>&& b) {
    a.insert(a.end(), b.begin(), b.end());
    return std::move(a);
  };
  good = good && cpu.reduce(join, std::vector<std::vector<int>>{{1, 2}, {3, 4}}) == std::vector{1, 2, 3, 4};
  std::vector<std::string> letters;
  for (char c = 'a'; c <= 'z'; ++c) letters.emplace_back(1, c);
  const std::string alphabet = cpu.reduce({.chunk_size = 1}, std::plus<>{}, letters);
  std::printf("%s\n", alphabet.c_str());
  return good && alphabet == "abcdefghijklmnopqrstuvwxyz" ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("concatenate", usage, argc, argv, example); }
