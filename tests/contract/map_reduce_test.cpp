// SPDX-License-Identifier: MIT
// Contract: map_reduce is the tree over what map would give, in one pass.
#include "backends.hpp"
#include "reference.hpp"

#include <cstddef>
#include <functional>
#include <type_traits>
#include <vector>

class map_reduce_contract : public contract {};
INSTANTIATE_TEST_SUITE_P(, map_reduce_contract, backends(), name_of);

FOLDGRID_FUNCTION(squared, (double x), { return x * x; })
FOLDGRID_FUNCTION(squared_float, (float x), { return x * x; })
FOLDGRID_FUNCTION(times, (double x, double y), { return x * y; })
FOLDGRID_FUNCTION(weighted, (double w, double x, float y), { return w * x * y; })
FOLDGRID_FUNCTION(earlier_or_larger, (double a, double b), { return a < b ? b : a; })

TEST_P(map_reduce_contract, one_input) {
  for (const std::size_t n : interesting_sizes()) {
    const auto xs = random_values<double>(n, kind::wild);
    std::vector<double> squares;
    for (const double x : xs) squares.push_back(squared(x));
    EXPECT_TRUE(same_bits(pool().map_reduce(squared, std::plus<>{}, xs), fg::tree_reduce(std::plus<>{}, squares))) << n;
    EXPECT_TRUE(same_bits(pool().map_reduce(squared, fg::max, xs), fg::tree_reduce(fg::max, squares))) << n;
    EXPECT_TRUE(same_bits(pool().map_reduce(squared, earlier_or_larger, xs), fg::tree_reduce(earlier_or_larger, squares))) << n;
  }
}

TEST_P(map_reduce_contract, several_inputs) {
  for (const std::size_t n : few_sizes()) {
    const auto xs = random_values<double>(n, kind::wild), ys = random_values<double>(n + 5, kind::wild, 3);
    const auto fs = random_values<float>(n + 1, kind::wild, 4);
    std::vector<double> products, triple;
    for (std::size_t i = 0; i < n; ++i) {
      products.push_back(times(xs[i], ys[i]));
      triple.push_back(weighted(0.5, xs[i], fs[i]));
    }
    for (const std::size_t chunk : {std::size_t{0}, std::size_t{1}, std::size_t{3}, n}) {
      EXPECT_TRUE(
          same_bits(pool().map_reduce({.chunk_size = chunk}, times, std::plus<>{}, xs, ys), fg::tree_reduce(std::plus<>{}, products)));
      EXPECT_TRUE(same_bits(pool().map_reduce({.chunk_size = chunk}, weighted, std::plus<>{}, fg::repeat(0.5), xs, fs),
                            fg::tree_reduce(std::plus<>{}, triple)));
    }
  }
}

TEST_P(map_reduce_contract, an_initial_value) {
  for (const std::size_t n : few_sizes()) {
    const auto xs = random_values<double>(n, kind::wild);
    std::vector<double> squares;
    for (const double x : xs) squares.push_back(squared(x));
    const double expected = 0.1 + fg::tree_reduce(std::plus<>{}, squares);
    EXPECT_TRUE(same_bits(pool().map_reduce(squared, std::plus<>{}, fg::init(0.1), xs), expected)) << n;
    EXPECT_TRUE(same_bits(pool().map_reduce({.chunk_size = 9}, squared, std::plus<>{}, fg::init(0.1), xs), expected)) << n;
  }
  EXPECT_EQ(pool().map_reduce(squared, std::plus<>{}, fg::init(4), std::vector<double>{}), 4.0);
  static_assert(std::is_same_v<decltype(pool().map_reduce(squared_float, std::plus<>{}, fg::init(4.0), std::vector<float>{})), float>);
}

TEST_P(map_reduce_contract, a_wider_accumulator) {
  for (const std::size_t n : few_sizes()) {
    const auto floats = random_values<float>(n, kind::wild);
    std::vector<double> squares;
    for (const float x : floats) squares.push_back(squared_float(x));
    const double expected = fg::tree_reduce(std::plus<>{}, squares);
    EXPECT_TRUE(same_bits(pool().map_reduce<double>(squared_float, std::plus<>{}, floats), expected)) << n;
    EXPECT_TRUE(same_bits(pool().map_reduce<double>(squared_float, std::plus<>{}, fg::init(1), floats), 1.0 + expected)) << n;
  }
}

TEST_P(map_reduce_contract, worked_example_of_products) {
  EXPECT_EQ(pool().map_reduce(std::multiplies<>{}, std::plus<>{}, fg::iota(1, 101), fg::iota(101, 201)), 843350);
}

TEST_P(map_reduce_contract, an_empty_input_without_initial_value_is_misuse) {
  EXPECT_THROW(pool().map_reduce(squared, std::plus<>{}, std::vector<double>{}), std::invalid_argument);
}
