// SPDX-License-Identifier: MIT
// Contract: minmax, argmin, argmax and first_nonfinite: ties go to the smallest index, NaN is passed over.
#include "backends.hpp"
#include "reference.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <stdexcept>
#include <vector>

class search_contract : public contract {};
INSTANTIATE_TEST_SUITE_P(, search_contract, backends(), name_of);

static std::vector<std::size_t> search_sizes() {
  auto sizes = few_sizes();
  sizes.insert(sizes.end(), {8191, 8193, 32767, 32768, 32769, 65536, 98305, 200000});
  std::erase_if(sizes, [](std::size_t n) { return n > 4 * largest_size; });
  return sizes;
}

template <class T>
std::size_t place(const std::vector<T>& xs, bool largest) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < xs.size(); ++i) {
    if (xs[i] != xs[i]) continue;
    if (!found || (largest ? xs[*found] < xs[i] : xs[i] < xs[*found])) found = i;
  }
  return found.value_or(0);
}

template <class T>
void check_search(const auto& pool, const std::vector<T>& xs) {
  const std::size_t low = place(xs, false), high = place(xs, true);
  EXPECT_EQ(pool.argmin(xs), low) << xs.size();
  EXPECT_EQ(pool.argmax(xs), high) << xs.size();
  EXPECT_EQ(pool.argmax({.chunk_size = 3}, xs), high) << xs.size();
  EXPECT_TRUE(same_bits(pool.minmax(xs).min, xs[low])) << xs.size();
  EXPECT_TRUE(same_bits(pool.minmax(xs).max, xs[high])) << xs.size();
}

TEST_P(search_contract, values_of_every_kind) {
  for (const std::size_t n : search_sizes())
    for (const kind values : {kind::tame, kind::wild, kind::special}) {
      check_search(pool(), random_values<double>(n, values));
      check_search(pool(), random_values<float>(n, values));
    }
}

TEST_P(search_contract, ties_go_to_the_smallest_index) {
  for (const std::size_t n : search_sizes()) {
    auto bytes = random_integers<std::int8_t>(n);
    check_search(pool(), bytes);
    check_search(pool(), std::vector<int>(n, 7));
    check_search(pool(), std::vector<double>(n, -0.0));
  }
}

TEST_P(search_contract, nan_is_passed_over) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const std::size_t n : search_sizes()) {
    std::vector<double> xs(n, nan);
    EXPECT_EQ(pool().argmin(xs), 0u);
    EXPECT_EQ(pool().argmax(xs), 0u);
    EXPECT_TRUE(std::isnan(pool().minmax(xs).min) && std::isnan(pool().minmax(xs).max));
    xs[n - 1] = inf;
    check_search(pool(), xs);
    xs[n / 2] = -inf;
    check_search(pool(), xs);
  }
}

TEST_P(search_contract, first_nonfinite) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const std::size_t n : search_sizes()) {
    auto xs = random_values<double>(n, kind::wild);
    EXPECT_EQ(pool().first_nonfinite(xs), std::nullopt) << n;
    for (const double bad : {nan, inf, -inf}) {
      xs[n - 1] = bad;
      EXPECT_EQ(pool().first_nonfinite(xs), n - 1) << n;
      auto two = xs;
      two[n / 3] = -bad;
      EXPECT_EQ(pool().first_nonfinite({.chunk_size = 5}, two), n / 3) << n;
    }
  }
  EXPECT_EQ(pool().first_nonfinite(std::vector<float>{1, std::numeric_limits<float>::infinity()}), 1u);
  EXPECT_EQ(pool().first_nonfinite(std::vector<int>{1, 2}), std::nullopt);
  EXPECT_EQ(pool().first_nonfinite(std::vector<double>{}), std::nullopt);
}

TEST_P(search_contract, lazy_inputs) {
  EXPECT_EQ(pool().argmax(fg::linspace(-3, 5, 100001)), 100000u);
  EXPECT_EQ(pool().argmin(fg::linspace(-3, 5, 100001)), 0u);
  EXPECT_EQ(pool().minmax(fg::iota(-70000, 70000)).min, -70000);
  EXPECT_EQ(pool().minmax(fg::iota(-70000, 70000)).max, 69999);
  EXPECT_EQ(pool().first_nonfinite(fg::linspace(0, 1, 50000)), std::nullopt);
}

TEST_P(search_contract, empty_is_misuse) {
  const std::vector<double> none;
  EXPECT_THROW(pool().minmax(none), std::invalid_argument);
  EXPECT_THROW(pool().argmin(none), std::invalid_argument);
  EXPECT_THROW(pool().argmax(none), std::invalid_argument);
}
