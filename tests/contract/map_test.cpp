// SPDX-License-Identifier: MIT
// Contract: map, starmap and map_into give results in input order, for any number and kind of inputs.
#include "backends.hpp"
#include "reference.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <tuple>
#include <type_traits>
#include <vector>

class map_contract : public contract {};
INSTANTIATE_TEST_SUITE_P(, map_contract, backends(), name_of);

FOLDGRID_FUNCTION(scramble, (std::uint64_t i), { return (i + 1) * 0x9E3779B97F4A7C15u; })
FOLDGRID_FUNCTION(is_third, (std::uint64_t i), { return i % 3 == 1; })
FOLDGRID_FUNCTION(cubic, (double x), { return x * x * x - 0.1 * x; })
FOLDGRID_FUNCTION(weigh, (double a, double x, float y), { return a * x + y; })
FOLDGRID_FUNCTION(narrow, (double x), { return static_cast<float>(x); })
FOLDGRID_FUNCTOR(polynomial, (double a; double b; double c;), (double x), { return (a * x + b) * x + c; })
FOLDGRID_STRUCT(sample, (double value; std::uint32_t index; std::uint8_t flag;))
FOLDGRID_FUNCTION_USING((sample), sample_at, (std::uint32_t i), { return sample{i * 0.5, i, static_cast<std::uint8_t>(i % 2)}; })

TEST_P(map_contract, results_come_in_input_order) {
  for (const std::size_t n : interesting_sizes()) {
    std::vector<std::uint64_t> expected(n), indices(n);
    for (std::size_t i = 0; i < n; ++i) expected[i] = scramble(indices[i] = i);
    ASSERT_EQ(pool().map(scramble, fg::iota(std::uint64_t{n})), expected);
    ASSERT_EQ(pool().map(scramble, indices), expected);
  }
}

TEST_P(map_contract, empty_input_gives_empty_output) {
  EXPECT_TRUE(pool().map(cubic, std::vector<double>{}).empty());
  EXPECT_TRUE(pool().map(is_third, fg::iota(0)).empty());
  EXPECT_TRUE(pool().map(weigh, fg::repeat(1.0), std::vector<double>{}, std::vector<float>{1, 2}).empty());
  EXPECT_TRUE(pool().starmap(weigh, fg::grid(std::vector<double>{}, std::vector<double>{1}, std::vector<float>{1})).empty());
  pool().map_into(std::vector<double>{}, cubic, std::vector<double>{});
}

TEST_P(map_contract, inputs_are_walked_together_and_stop_at_the_shortest) {
  for (const std::size_t n : few_sizes()) {
    const auto xs = random_values<double>(n + 3, kind::wild);
    const auto ys = random_values<float>(n, kind::wild);
    std::vector<double> expected(n);
    for (std::size_t i = 0; i < n; ++i) expected[i] = weigh(2.5, xs[i], ys[i]);
    EXPECT_TRUE(same_bits(pool().map(weigh, fg::repeat(2.5), xs, ys), expected));
    EXPECT_TRUE(same_bits(pool().map(fg::bind_front(weigh, 2.5), xs, ys), expected));
    EXPECT_TRUE(same_bits(pool().map({.chunk_size = 7}, weigh, std::vector<double>(n + 9, 2.5), xs, ys), expected));
  }
}

TEST_P(map_contract, any_chunk_size) {
  const auto xs = random_values<double>(5000, kind::wild);
  std::vector<double> expected;
  for (const double x : xs) expected.push_back(cubic(x));
  for (const std::size_t chunk : {0, 1, 3, 64, 4999, 5000, 5001, 1 << 30})
    EXPECT_TRUE(same_bits(pool().map({.chunk_size = chunk}, cubic, xs), expected)) << chunk;
}

TEST_P(map_contract, bool_results) {
  for (const std::size_t n : interesting_sizes()) {
    const std::vector<bool> found = pool().map({.chunk_size = n % 4}, is_third, fg::iota(std::uint64_t{n}));
    ASSERT_EQ(found.size(), n);
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(found[i], i % 3 == 1) << i << " of " << n;
  }
}

TEST_P(map_contract, functors_with_state_and_struct_results) {
  const auto xs = random_values<double>(3000, kind::tame);
  const auto found = pool().map(polynomial{1.5, -2, 0.25}, xs);
  const auto samples = pool().map(sample_at, fg::iota(3000u));
  static_assert(std::is_same_v<decltype(samples), const std::vector<sample>>);
  for (std::size_t i = 0; i < xs.size(); ++i) {
    ASSERT_TRUE(same_bits(found[i], (1.5 * xs[i] + -2) * xs[i] + 0.25));
    ASSERT_EQ(samples[i].index, i);
    ASSERT_EQ(samples[i].value, static_cast<double>(i) * 0.5);
    ASSERT_EQ(samples[i].flag, i % 2);
  }
}

TEST_P(map_contract, starmap_unpacks_the_points_of_a_grid) {
  const std::vector<double> as{1, -2, 0.5}, xs = random_values<double>(40, kind::tame);
  const std::vector<float> ys = random_values<float>(30, kind::tame);
  std::vector<double> expected;
  for (const double a : as)
    for (const double x : xs)
      for (const float y : ys) expected.push_back(weigh(a, x, y));
  EXPECT_TRUE(same_bits(pool().starmap(weigh, fg::grid(as, xs, ys)), expected));
  EXPECT_TRUE(same_bits(pool().map(weigh, fg::grid(as, xs, ys)), expected));
  const auto [ma, mx, my] = fg::meshgrid(as, xs, ys);
  EXPECT_TRUE(same_bits(pool().map(weigh, ma, mx, my), expected));
}

TEST_P(map_contract, map_into_writes_the_callers_range_and_no_further) {
  for (const std::size_t n : few_sizes()) {
    const auto xs = random_values<double>(n, kind::wild);
    std::vector<double> out(n + 2, 77.0);
    std::vector<float> floats(n);
    pool().map_into(out, cubic, xs);
    pool().map_into({.chunk_size = 5}, floats, narrow, xs);
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_TRUE(same_bits(out[i], cubic(xs[i])));
      ASSERT_TRUE(same_bits(floats[i], narrow(xs[i])));
    }
    EXPECT_EQ(out[n], 77.0);
    EXPECT_EQ(out[n + 1], 77.0);
    auto in_place = xs;
    pool().map_into(in_place, cubic, in_place);
    out.resize(n);
    EXPECT_TRUE(same_bits(in_place, out));
  }
}
