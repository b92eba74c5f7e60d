// SPDX-License-Identifier: MIT
// Random numbers by index: the published vectors of Philox, and what the distributions must look like.
#include <foldgrid/foldgrid.hpp>
#include <foldgrid/random.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

namespace fg = foldgrid;

namespace {

using words = std::vector<std::uint32_t>;
words made(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d, std::uint32_t k0, std::uint32_t k1) {
  const fg::random_words found = fg::philox({{a, b, c, d}}, k0, k1);
  return {found.w[0], found.w[1], found.w[2], found.w[3]};
}

// The known answers for philox4x32 with 10 rounds that come with Random123, the authors' library (kat_vectors).
TEST(random, philox_gives_the_published_words) {
  EXPECT_EQ(made(0, 0, 0, 0, 0, 0), (words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(made(~0u, ~0u, ~0u, ~0u, ~0u, ~0u), (words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(made(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0),
            (words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(random, every_index_has_bits_of_its_own) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed : {0ull, 1ull, 1ull << 40})
    for (std::uint64_t element : {0ull, 1ull, 2ull, 1ull << 33})
      for (std::uint64_t draw = 0; draw < 100; ++draw) seen.insert(fg::random_bits(seed, element, draw));
  EXPECT_EQ(seen.size(), 1200u);
}

TEST(random, uniform_numbers_are_even) {
  const std::size_t n = 1'000'000;
  double sum = 0, squares = 0, low = 1, high = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double u = fg::random_uniform(42, i, 0);
    sum += u;
    squares += (u - 0.5) * (u - 0.5);
    low = std::fmin(low, u);
    high = std::fmax(high, u);
  }
  EXPECT_GT(low, 0);
  EXPECT_LT(high, 1);
  EXPECT_NEAR(sum / n, 0.5, 4 * std::sqrt(1. / 12 / n));
  EXPECT_NEAR(squares / n, 1. / 12, 4 * std::sqrt(1. / 180 / n));
}

TEST(random, normal_numbers_are_quantiles) {
  double worst = 0, sum = 0, squares = 0;
  const std::size_t n = 300'000;
  for (std::size_t i = 0; i < n; ++i) {
    const double u = fg::random_uniform(7, i, 3), x = fg::random_normal(7, i, 3);
    // the error of x that the distance between u and the distribution at x, whose slope is the density, stands for
    const double lower = 0.5 * std::erfc(std::fabs(x) / std::sqrt(2.)), wanted = u < 0.5 ? u : 1 - u;
    worst = std::fmax(worst, std::fabs(lower - wanted) / (std::exp(-x * x / 2) / std::sqrt(2 * M_PI)) / std::fmax(1, std::fabs(x)));
    EXPECT_EQ(u < 0.5, x < 0);
    sum += x;
    squares += x * x;
  }
  EXPECT_LT(worst, 1e-14);
  EXPECT_NEAR(sum / n, 0, 4 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1, 4 * std::sqrt(2. / n));
}

TEST(random, the_logarithm_of_the_tails_is_exact_to_the_last_places) {
  double worst = 0;
  for (double x = 0x1p-53; x < 0.08; x *= 1.0003) worst = std::fmax(worst, std::fabs(fg::detail::log_by_series(x) / std::log(x) - 1));
  EXPECT_LT(worst, 4e-16);
}

}  // namespace
