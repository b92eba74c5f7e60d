// SPDX-License-Identifier: MIT
// Contract: reduce of ranges of known and unknown length, with an initial value, a total, and arrays folded elementwise.
#include "backends.hpp"
#include "one_pass.hpp"
#include "reference.hpp"
#include "strand.hpp"

#include <cstddef>
#include <functional>
#include <list>
#include <stdexcept>
#include <vector>

class reduce_contract : public contract {};
INSTANTIATE_TEST_SUITE_P(, reduce_contract, backends(), name_of);

TEST_P(reduce_contract, a_range_of_unknown_length_is_the_same_tree) {
  for (const std::size_t n : interesting_sizes()) {
    const auto leaves = strands(n);
    const strand expected = fg::tree_reduce(join, leaves);
    EXPECT_TRUE(pool().reduce(join, one_pass(leaves)) == expected) << n;
    if (n > 20000) continue;
    EXPECT_TRUE(pool().reduce({.chunk_size = 3}, join, one_pass(leaves)) == expected) << n;
    EXPECT_TRUE(pool().reduce({.total = n, .sync = true}, join, one_pass(leaves)) == expected) << n;
    const auto doubles = random_values<double>(n, kind::wild);
    EXPECT_TRUE(same_bits(pool().sum(one_pass(doubles)), fg::tree_reduce(std::plus<>{}, doubles))) << n;
    EXPECT_TRUE(same_bits(pool().reduce(std::plus<>{}, one_pass(doubles), 0.5), 0.5 + fg::tree_reduce(std::plus<>{}, doubles))) << n;
  }
}

TEST_P(reduce_contract, a_wider_accumulator_over_a_stream) {
  const auto floats = random_values<float>(9001, kind::wild);
  EXPECT_TRUE(same_bits(pool().reduce<double>(std::plus<>{}, one_pass(floats)),
                        fg::tree_reduce(std::plus<>{}, std::vector<double>(floats.begin(), floats.end()))));
}

TEST_P(reduce_contract, a_list) {
  for (const std::size_t n : few_sizes()) {
    const auto leaves = strands(n);
    const std::list<strand> list(leaves.begin(), leaves.end());
    EXPECT_TRUE(pool().reduce(join, list) == fg::tree_reduce(join, leaves)) << n;
  }
}

TEST_P(reduce_contract, worked_example_of_27) {
  std::vector<int> numbers;
  for (int i = 1; i <= 27; ++i) numbers.push_back(i);
  EXPECT_EQ(pool().reduce(std::plus<>{}, numbers), 378);
  EXPECT_EQ(pool().reduce({.total = 27}, std::plus<>{}, numbers), 378);
}

TEST_P(reduce_contract, worked_example_of_27_in_one_pass) {
  std::vector<int> numbers;
  for (int i = 1; i <= 27; ++i) numbers.push_back(i);
  EXPECT_EQ(pool().reduce(std::plus<>{}, one_pass(numbers)), 378);
  EXPECT_EQ(pool().reduce({.sync = true}, std::plus<>{}, one_pass(numbers)), 378);
  EXPECT_EQ(pool().reduce({.total = 27}, std::plus<>{}, one_pass(numbers)), 378);
}

TEST_P(reduce_contract, a_total_that_is_not_met_is_misuse) {
  const std::vector<int> numbers(5000, 1);
  for (const int total : {0, 4999, 5001}) {
    EXPECT_THROW(pool().reduce({.total = total}, std::plus<>{}, numbers), std::invalid_argument) << total;
    EXPECT_THROW(pool().reduce({.total = total}, std::plus<>{}, one_pass(numbers)), std::invalid_argument) << total;
    EXPECT_THROW(pool().reduce({.total = total, .sync = true}, std::plus<>{}, one_pass(numbers)), std::invalid_argument) << total;
  }
}

TEST_P(reduce_contract, empty_is_misuse_without_an_initial_value) {
  const std::vector<double> none;
  EXPECT_THROW(pool().reduce(std::plus<>{}, none), std::invalid_argument);
  EXPECT_THROW(pool().reduce(join, std::vector<strand>{}), std::invalid_argument);
  EXPECT_THROW(pool().reduce(std::plus<>{}, one_pass(none)), std::invalid_argument);
  EXPECT_THROW(pool().sum(none), std::invalid_argument);
  EXPECT_EQ(pool().reduce(std::plus<>{}, none, 2), 2.0);
  EXPECT_EQ(pool().reduce({.sync = true}, std::plus<>{}, none, 2), 2.0);
  EXPECT_EQ(pool().reduce(std::plus<>{}, one_pass(none), 2), 2.0);
}

TEST_P(reduce_contract, arrays_are_folded_elementwise) {
  const std::size_t shapes[][2] = {{1, 1}, {1, 100}, {7, 3}, {100, 1}, {33, 1025}, {1000, 20}, {5, 0}, {3000, 2}};
  for (const auto& [arrays, length] : shapes) {
    std::vector<std::vector<double>> xs;
    for (std::size_t i = 0; i < arrays; ++i) xs.push_back(random_values<double>(length, kind::wild, i));
    std::vector<double> expected(length);
    for (std::size_t c = 0; c < length; ++c) {
      std::vector<double> column;
      for (const auto& x : xs) column.push_back(x[c]);
      expected[c] = fg::tree_reduce(std::plus<>{}, column);
    }
    EXPECT_TRUE(same_bits(pool().reduce(fg::elementwise(std::plus<>{}), xs), expected)) << arrays << " of " << length;
    EXPECT_TRUE(same_bits(pool().reduce({.chunk_size = 3}, fg::elementwise(std::plus<>{}), xs), expected)) << arrays;
    EXPECT_TRUE(same_bits(pool().reduce({.sync = true}, fg::elementwise(std::plus<>{}), xs), expected)) << arrays;
    EXPECT_TRUE(same_bits(pool().reduce(fg::elementwise(std::plus<>{}), one_pass(xs)), expected)) << arrays;
    EXPECT_EQ(xs.size(), arrays);
    for (const auto& x : xs) EXPECT_EQ(x.size(), length) << "an lvalue was moved from";
    const std::vector<double> start(length, 0.25);
    for (double& x : expected) x = 0.25 + x;
    EXPECT_TRUE(same_bits(pool().reduce(fg::elementwise(std::plus<>{}), xs, start), expected)) << arrays;
    EXPECT_TRUE(same_bits(pool().reduce(fg::elementwise(std::plus<>{}), std::move(xs), start), expected)) << arrays;
  }
}

TEST_P(reduce_contract, arrays_of_unequal_length_are_misuse) {
  const std::vector<std::vector<double>> uneven{{1, 2}, {3, 4}, {5}};
  EXPECT_THROW(pool().reduce(fg::elementwise(std::plus<>{}), uneven), std::invalid_argument);
}
