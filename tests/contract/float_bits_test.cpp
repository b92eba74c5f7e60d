// SPDX-License-Identifier: MIT
// Contract: built-in operators on floating point give the tree's bits, for values of very different magnitude, denormals,
// signed zeros, infinities and NaN.
#include "backends.hpp"
#include "reference.hpp"

#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

class float_bits_contract : public contract {};
INSTANTIATE_TEST_SUITE_P(, float_bits_contract, backends(), name_of);

template <class T>
void every_operator(const auto& pool) {
  for (const std::size_t n : interesting_sizes()) {
    for (const kind values : {kind::tame, kind::wild, kind::special}) {
      const auto xs = random_values<T>(n, values);
      const T sum = fg::tree_reduce(std::plus<>{}, xs);
      EXPECT_TRUE(same_bits(pool.reduce(std::plus<>{}, xs), sum)) << n;
      EXPECT_TRUE(same_bits(pool.sum({.chunk_size = 3}, xs), sum)) << n;
      EXPECT_TRUE(same_bits(pool.reduce(std::plus<T>{}, xs), sum)) << n;
      EXPECT_TRUE(same_bits(pool.reduce(std::multiplies<>{}, xs), fg::tree_reduce(std::multiplies<>{}, xs))) << n;
      EXPECT_TRUE(same_bits(pool.reduce(fg::min, xs), fg::tree_reduce(fg::min, xs))) << n;
      EXPECT_TRUE(same_bits(pool.reduce(fg::max, xs), fg::tree_reduce(fg::max, xs))) << n;
      EXPECT_TRUE(same_bits(pool.reduce({.sync = true}, fg::max, xs), fg::tree_reduce(fg::max, xs))) << n;
    }
  }
}

TEST_P(float_bits_contract, every_operator_on_double) { every_operator<double>(pool()); }
TEST_P(float_bits_contract, every_operator_on_float) { every_operator<float>(pool()); }

TEST_P(float_bits_contract, the_tree_of_the_formula) {
  for (const std::size_t n : few_sizes()) {
    const auto xs = random_values<double>(n, kind::wild, 5);
    EXPECT_TRUE(same_bits(pool().sum(xs), tree_by_definition(std::plus<>{}, xs))) << n;
    const auto fs = random_values<float>(n, kind::wild, 6);
    EXPECT_TRUE(same_bits(pool().sum(fs), tree_by_definition(std::plus<>{}, fs))) << n;
  }
}

TEST_P(float_bits_contract, a_wider_accumulator) {
  for (const std::size_t n : interesting_sizes()) {
    const auto floats = random_values<float>(n, kind::wild);
    const std::vector<double> doubles(floats.begin(), floats.end());
    const double expected = fg::tree_reduce(std::plus<>{}, doubles);
    EXPECT_TRUE(same_bits(pool().reduce<double>(std::plus<>{}, floats), expected)) << n;
    EXPECT_TRUE(same_bits(pool().sum<double>(floats), expected)) << n;
    EXPECT_TRUE(same_bits(pool().reduce<double>(std::plus<>{}, floats, 1.5f), 1.5 + expected)) << n;
  }
}

TEST_P(float_bits_contract, the_accumulator_is_the_element_type) {
  const std::vector<float> floats{1e8f, 1, 1, 1};
  static_assert(std::is_same_v<decltype(pool().reduce(std::plus<>{}, floats, 1.0)), float>);
  static_assert(std::is_same_v<decltype(pool().sum(floats)), float>);
  EXPECT_TRUE(same_bits(pool().reduce(std::plus<double>{}, floats, 0.0), fg::tree_reduce(std::plus<>{}, floats)));
}

template <class Pool, class Op, class T>
void converts_first(const Pool& pool, Op op, const std::vector<T>& xs) {
  EXPECT_TRUE(same_bits(pool.reduce(op, xs), fg::tree_reduce([op](T a, T b) { return static_cast<T>(op(a, b)); }, xs)));
}

TEST_P(float_bits_contract, an_operator_with_a_type_converts_its_operands) {
  std::vector<float> floats;
  std::vector<double> doubles;
  std::vector<int> ints;
  std::vector<long> longs;
  for (int i = 0; i < 1000; ++i) {
    floats.push_back(0.5f + static_cast<float>(i % 7) * 0.3f);
    doubles.push_back(0.1 * i);
    ints.push_back(i | 0x3f00);
    longs.push_back(1 + (i % 50 == 0));
  }
  converts_first(pool(), std::plus<int>{}, floats);
  converts_first(pool(), std::plus<float>{}, doubles);
  converts_first(pool(), std::multiplies<int>{}, longs);
  converts_first(pool(), std::bit_and<unsigned char>{}, ints);
  converts_first(pool(), std::bit_xor<int>{}, ints);
  converts_first(pool(), std::plus<double>{}, doubles);
}

TEST_P(float_bits_contract, the_first_nan_wins_min_and_max) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const std::size_t n : {std::size_t{1}, std::size_t{9}, std::size_t{100}, std::size_t{20000}, std::size_t{100000}}) {
    for (const std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
      auto xs = random_values<double>(n, kind::tame);
      xs[at] = nan;
      EXPECT_TRUE(same_bits(pool().reduce(fg::min, xs), nan)) << n << " at " << at;
      EXPECT_TRUE(same_bits(pool().reduce(fg::max, xs), nan)) << n << " at " << at;
    }
  }
}

TEST_P(float_bits_contract, of_equal_zeros_the_first_counts) {
  for (const std::size_t n : {std::size_t{2}, std::size_t{31}, std::size_t{1000}, std::size_t{40000}}) {
    for (const double first : {0.0, -0.0}) {
      std::vector<double> low(n, 1.0), high(n, -1.0);
      for (std::size_t i = n / 3; i < n; i += 2) low[i] = high[i] = i == n / 3 ? first : -first;
      EXPECT_TRUE(same_bits(pool().reduce(fg::min, low), first)) << n;
      EXPECT_TRUE(same_bits(pool().reduce(fg::max, high), first)) << n;
    }
  }
}

TEST_P(float_bits_contract, of_equal_zeros_minmax_takes_the_first) {
  for (const std::size_t n : {std::size_t{2}, std::size_t{31}, std::size_t{1000}, std::size_t{40000}}) {
    for (const double first : {0.0, -0.0}) {
      std::vector<double> low(n, 1.0), high(n, -1.0);
      for (std::size_t i = n / 3; i < n; i += 2) low[i] = high[i] = i == n / 3 ? first : -first;
      EXPECT_TRUE(same_bits(pool().minmax(low).min, first)) << n;
      EXPECT_TRUE(same_bits(pool().minmax(high).max, first)) << n;
    }
  }
}

TEST_P(float_bits_contract, negative_zero_and_denormals_survive_sums) {
  for (const std::size_t n : few_sizes()) {
    EXPECT_TRUE(same_bits(pool().sum(std::vector<double>(n, -0.0)), -0.0)) << n;
    EXPECT_TRUE(same_bits(pool().sum(std::vector<float>(n, -0.0f)), -0.0f)) << n;
    const double tiny = std::numeric_limits<double>::denorm_min();
    EXPECT_TRUE(same_bits(pool().sum(std::vector<double>(n, tiny)), tiny * static_cast<double>(n))) << n;
    const float small = std::numeric_limits<float>::denorm_min();
    EXPECT_TRUE(same_bits(pool().sum(std::vector<float>(n, small)), small * static_cast<float>(n))) << n;
  }
}
