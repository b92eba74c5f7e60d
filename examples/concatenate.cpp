// SPDX-License-Identifier: MIT
// Lists joined by reduce: the operator is associative but not commutative, and the order is kept.
#include <foldgrid/foldgrid.hpp>

#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace fg = foldgrid;

int main() {
  const fg::executor pool;
  const auto join = [](std::vector<int>&& a, std::vector<int>&& b) {
    a.insert(a.end(), b.begin(), b.end());
    return std::move(a);
  };

  const std::vector<std::vector<int>> lists{{1, 2}, {3, 4}};
  const std::vector<int> joined = pool.reduce(join, lists);
  for (const int number : joined) std::printf("%s%d", number == joined.front() ? "[" : ", ", number);
  std::printf("]\n");

  std::vector<std::string> letters;
  for (char c = 'a'; c <= 'z'; ++c) letters.emplace_back(1, c);
  const std::string alphabet = pool.reduce({.chunk_size = 1}, std::plus<>{}, letters);
  std::printf("%s\n", alphabet.c_str());
  return joined == std::vector{1, 2, 3, 4} && alphabet == "abcdefghijklmnopqrstuvwxyz" ? 0 : 1;
}
