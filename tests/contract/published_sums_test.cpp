// SPDX-License-Identifier: MIT
// Contract: the published test vectors of P4016R0's canonical tree, with one, 16 and 128 lanes.
#include "backends.hpp"
#include "reference.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

class published_sums_contract : public contract {};
INSTANTIATE_TEST_SUITE_P(, published_sums_contract, backends(), name_of);

static const std::vector<double>& published_values() {
  static const std::vector<double> values = [] {
    std::vector<double> made(1000000);
    std::uint64_t s = 0x243F6A8885A308D3;
    for (double& x : made) {
      s = s * 6364136223846793005u + 1442695040888963407u;
      x = (static_cast<double>(s >> 11) - 0x1p52) / 0x1p52;
    }
    return made;
  }();
  return values;
}

TEST_P(published_sums_contract, one_lane) {
  EXPECT_EQ(std::bit_cast<std::uint64_t>(pool().sum(published_values())), 0x40618f71f6379396u);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(fg::tree_reduce(std::plus<>{}, published_values())), 0x40618f71f6379396u);
}

TEST_P(published_sums_contract, several_lanes) {
  const std::size_t n = published_values().size();
  const auto lanes = [&](std::size_t count) {
    std::vector<double> sums(count);
    for (std::size_t lane = 0; lane < count; ++lane) {
      std::vector<double> xs;
      for (std::size_t i = lane; i < n; i += count) xs.push_back(published_values()[i]);
      sums[lane] = pool().sum(xs);
    }
    return std::bit_cast<std::uint64_t>(pool().sum(sums));
  };
  EXPECT_EQ(lanes(16), 0x40618f71f6379380u);
  EXPECT_EQ(lanes(128), 0x40618f71f6379397u);
}

TEST_P(published_sums_contract, several_lanes_as_columns) {
  const std::size_t n = published_values().size();
  EXPECT_EQ(std::bit_cast<std::uint64_t>(pool().sum(pool().reduce_columns(std::plus<>{}, published_values(), n / 16, 16))),
            0x40618f71f6379380u);
}

TEST_P(published_sums_contract, four_values_a_left_fold_gets_wrong) {
  EXPECT_EQ(pool().sum(std::vector<double>{1e16, 1, 1, 1}), 10000000000000002.0);
}

TEST(published_sums, equal_bits_for_any_number_of_workers) {
  const auto xs = random_values<double>(1 << 18, kind::wild);
  const double expected = tree_by_definition(std::plus<>{}, xs);
  for (const int workers : {1, 2, 3, 5, 8, 64}) {
    const fg::executor pool{{.where = fg::backend::threads, .workers = workers}};
    for (int run = 0; run < 5; ++run) EXPECT_TRUE(same_bits(pool.sum(xs), expected)) << workers;
  }
}
