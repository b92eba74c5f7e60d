// SPDX-License-Identifier: MIT
// Contract: lazy inputs are the sequences they promise to be, alone and beside others.
#include "backends.hpp"
#include "reference.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <tuple>
#include <type_traits>
#include <vector>

class lazy_inputs_contract : public contract {};
INSTANTIATE_TEST_SUITE_P(, lazy_inputs_contract, backends(), name_of);

FOLDGRID_FUNCTION(same, (double x), { return x; })
FOLDGRID_FUNCTION(same_float, (float x), { return x; })
FOLDGRID_FUNCTION(same_integer, (std::int64_t i), { return i; })
FOLDGRID_FUNCTION(scaled_sum, (double a, double x, double y), { return a * (x + 3 * y); })
FOLDGRID_FUNCTION(paraboloid, (double x, double y), { return -(x * x + y * y); })
FOLDGRID_FUNCTION(square, (double x), { return x * x; })

TEST_P(lazy_inputs_contract, linspace) {
  for (const std::size_t n : few_sizes()) {
    const double a = -1.25, b = 3.7;
    std::vector<double> expected(n);
    for (std::size_t i = 0; i < n; ++i) expected[i] = a + static_cast<double>(i) * (b - a) / static_cast<double>(n - 1);
    if (n > 1) expected.back() = b;
    if (n == 1) expected.back() = a;
    const auto found = pool().map(same, fg::linspace(a, b, n));
    EXPECT_TRUE(same_bits(found, expected)) << n;
    EXPECT_TRUE(same_bits(pool().sum(fg::linspace(a, b, n)), fg::tree_reduce(std::plus<>{}, expected))) << n;
  }
  EXPECT_EQ(pool().map(same, fg::linspace(0, 1, 3)), (std::vector<double>{0, 0.5, 1}));
  EXPECT_EQ(pool().map(same_float, fg::linspace(0.0f, 1.0f, 3)), (std::vector<float>{0, 0.5, 1}));
  EXPECT_TRUE(pool().map(same, fg::linspace(0, 1, 0)).empty());
}

TEST_P(lazy_inputs_contract, logspace) {
  const auto found = pool().map(same, fg::logspace(-2, 3, 6));
  for (std::size_t i = 0; i < 6; ++i) EXPECT_TRUE(same_bits(found[i], std::pow(10.0, static_cast<double>(i) - 2)));
}

TEST_P(lazy_inputs_contract, iota) {
  EXPECT_EQ(pool().map(same_integer, fg::iota(-2, 3)), (std::vector<std::int64_t>{-2, -1, 0, 1, 2}));
  EXPECT_TRUE(pool().map(same_integer, fg::iota(3, -2)).empty());
  EXPECT_EQ(pool().sum(fg::iota(1, 28)), 378);
  EXPECT_EQ(pool().sum(fg::iota(std::uint64_t{1} << 17)), (std::uint64_t{1} << 33) - (std::uint64_t{1} << 16));
  const std::int64_t low = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(pool().map(same_integer, fg::iota(low, low + 2)), (std::vector<std::int64_t>{low, low + 1}));
  static_assert(std::is_same_v<decltype(fg::iota(1, std::int64_t{5})[0]), std::int64_t>);
  EXPECT_EQ(pool().reduce(fg::max, fg::iota('a', 'f')), 'e');
  EXPECT_EQ(fg::iota(char8_t{3}).size(), 3u);
}

TEST_P(lazy_inputs_contract, grid_runs_its_last_axis_fastest) {
  const std::vector<double> xs = random_values<double>(70, kind::tame), ys = random_values<double>(51, kind::tame, 1);
  std::vector<double> expected, mesh_x, mesh_y;
  for (const double x : xs)
    for (const double y : ys) {
      expected.push_back(scaled_sum(2, x, y));
      mesh_x.push_back(x);
      mesh_y.push_back(y);
    }
  EXPECT_TRUE(same_bits(pool().map(fg::bind_front(scaled_sum, 2.0), fg::grid(xs, ys)), expected));
  EXPECT_TRUE(same_bits(pool().map_reduce(fg::bind_front(scaled_sum, 2.0), std::plus<>{}, fg::grid(xs, ys)),
                        fg::tree_reduce(std::plus<>{}, expected)));
  const auto [mx, my] = fg::meshgrid(xs, ys);
  EXPECT_EQ(mx, mesh_x);
  EXPECT_EQ(my, mesh_y);
  EXPECT_TRUE(same_bits(pool().map(scaled_sum, fg::repeat(2.0), mx, my), expected));
}

TEST_P(lazy_inputs_contract, a_repeated_value_goes_beside_inputs_that_end) {
  const auto found = pool().map(scaled_sum, fg::repeat(1.0), fg::linspace(0, 9, 10), fg::repeat(2.0));
  ASSERT_EQ(found.size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(found[i], static_cast<double>(i) + 6);
  EXPECT_EQ(pool().map_reduce(scaled_sum, std::plus<>{}, fg::repeat(1.0), fg::linspace(0, 9, 10), fg::repeat(0.0)), 45.0);
}

TEST_P(lazy_inputs_contract, worked_examples) {
  EXPECT_NEAR(pool().map_reduce(square, std::plus<>{}, fg::linspace(-1, 1, 20)), 140.0 / 19, 1e-14);
  const auto grid = fg::grid(fg::linspace(-1, 1, 20), fg::linspace(-1, 1, 20));
  const auto heights = pool().map(paraboloid, grid);
  EXPECT_NEAR(pool().sum(heights), -5600.0 / 19, 1e-10);
  EXPECT_EQ(pool().map_reduce(paraboloid, fg::min, grid), -2);
  EXPECT_NEAR(pool().map_reduce(paraboloid, fg::max, grid), -2.0 / 361, 1e-15);
}

TEST_P(lazy_inputs_contract, worked_example_of_extremes) {
  const auto grid = fg::grid(fg::linspace(-1, 1, 20), fg::linspace(-1, 1, 20));
  const auto heights = pool().map(paraboloid, grid);
  EXPECT_EQ(pool().minmax(heights).min, -2);
  EXPECT_NEAR(pool().minmax(heights).max, -2.0 / 361, 1e-15);
  EXPECT_EQ(pool().argmin(heights), 0u);
  EXPECT_TRUE(same_bits(pool().map_reduce(paraboloid, fg::max, grid), pool().minmax(heights).max));
}

TEST(lazy_inputs, misuse_says_what_to_do) {
  EXPECT_THROW(fg::linspace(0, 1, -1), std::invalid_argument);
  EXPECT_THROW(fg::iota(-1, 5u), std::invalid_argument);
  EXPECT_THROW(fg::grid(fg::iota(std::int64_t{1} << 32), fg::iota(std::int64_t{1} << 32)), std::invalid_argument);
  EXPECT_EQ(fg::grid(fg::iota(std::int64_t{1} << 32), fg::iota(std::int64_t{1} << 30)).size(), std::size_t{1} << 62);
  const auto huge = fg::grid(fg::iota(100000), fg::iota(1000000));
  EXPECT_EQ(huge[99999999999], std::tuple(99999, 999999));
}
