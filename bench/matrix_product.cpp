// SPDX-License-Identifier: MIT
// reduce by an operator that is not commutative, the product of 2x2 matrices, beside the serial left fold divided by the workers.
#include "numbers.hpp"
#include "subjects.hpp"

#include <array>
#include <cstdint>
#include <numeric>

namespace bench {
namespace {

/// Row-major, of integers modulo a prime: products are exact, so every order of evaluation that keeps the operands' order
/// gives the same result.
using matrix = std::array<std::uint32_t, 4>;

struct product {
  matrix operator()(const matrix& a, const matrix& b) const {
    constexpr std::uint64_t prime = 998244353;
    const auto entry = [&](int row, int column) {
      return static_cast<std::uint32_t>((std::uint64_t{a[2 * row]} * b[column] + std::uint64_t{a[2 * row + 1]} * b[2 + column]) % prime);
    };
    return {entry(0, 0), entry(0, 1), entry(1, 0), entry(1, 1)};
  }
};

struct factors {
  std::vector<matrix> x;
  matrix expected;
  bool right(const matrix& result, role) const { return result == expected; }
};

}  // namespace

void add_matrix_product() {
  constexpr int power = 22;
  const double bytes = static_cast<double>(sizeof(matrix) << power);
  const auto make = [] {
    const std::size_t n = std::size_t{1} << power;
    const std::vector<int> entries = numbers<int>(4 * n);
    factors made{std::vector<matrix>(n), {}};
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < 4; ++k) made.x[i][k] = static_cast<std::uint32_t>(entries[4 * i + k] + 512);
    made.expected = tree_of<matrix>(product{}, n, [&](std::size_t i) { return made.x[i]; });
    return made;
  };
  comparison<factors>(
      {.work = "reduce/2x2/mod_p", .size = power_text(power), .bytes = bytes, .array_bytes = bytes, .rival_bar = 1 / 1.15, .quick = true},
      make)
      .add(role::ours, "foldgrid", [](const factors& s) { return pool().reduce(product{}, s.x); })
      .add(
          role::rival, "left_fold:workers",
          [](const factors& s) { return std::accumulate(s.x.begin() + 1, s.x.end(), s.x.front(), product{}); },
          1 / static_cast<double>(setting().workers))
      .registered();
}

}  // namespace bench
