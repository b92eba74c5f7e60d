// SPDX-License-Identifier: MIT
// Every element type with every built-in operator and search, on every backend.
#include "backends.hpp"
#include "reference.hpp"

#include <bit>
#include <cstdint>
#include <functional>
#include <limits>
#include <type_traits>
#include <vector>

class element_types_contract : public contract {};
INSTANTIATE_TEST_SUITE_P(, element_types_contract, backends(), name_of);

namespace {

template <class T>
std::vector<T> values_of(std::size_t n) {
  if constexpr (std::floating_point<T>) {
    return random_values<T>(n, kind::special);
  } else {
    return random_integers<T>(n);
  }
}

template <class T, class Op>
void same_as_the_tree(const auto& pool, const Op& op, const std::vector<T>& xs) {
  using combination = T(const T&, const T&);  // one tree per type, for whoever compiles this
  combination* const wrapping = [](const T& a, const T& b) { return foldgrid::detail::combine<T>(Op{}, a, b); };
  EXPECT_TRUE(same_bits(pool.reduce(op, xs), fg::tree_reduce(wrapping, xs))) << xs.size();
}

/// minmax, argmin and argmax by their definition.
template <class T>
void finds_what_is_there(const auto& pool, const std::vector<T>& xs) {
  const auto nan = [](T x) { return x != x; };
  std::size_t low = xs.size(), high = xs.size(), nonfinite = xs.size();
  for (std::size_t i = 0; i < xs.size(); ++i) {
    if constexpr (std::floating_point<T>) {
      if (nonfinite == xs.size() && !std::isfinite(xs[i])) nonfinite = i;
    }
    if (nan(xs[i])) continue;
    if (low == xs.size() || xs[i] < xs[low]) low = i;
    if (high == xs.size() || xs[high] < xs[i]) high = i;
  }
  const bool none = low == xs.size();
  EXPECT_EQ(pool.argmin(xs), none ? 0 : low) << xs.size();
  EXPECT_EQ(pool.argmax(xs), none ? 0 : high) << xs.size();
  const auto found = pool.minmax(xs);
  static_assert(std::is_same_v<decltype(found), const fg::minmax_result<T>>);
  EXPECT_TRUE(same_bits(found.min, xs[none ? 0 : low])) << xs.size();
  EXPECT_TRUE(same_bits(found.max, xs[none ? 0 : high])) << xs.size();
  EXPECT_EQ(pool.first_nonfinite(xs), nonfinite == xs.size() ? std::nullopt : std::optional(nonfinite)) << xs.size();
}

template <class T>
void everything_of(const auto& pool) {
  for (const std::size_t n : few_sizes()) {
    const std::vector<T> xs = values_of<T>(n), ys = values_of<T>(n + 1);
    same_as_the_tree(pool, std::plus<>{}, xs);
    same_as_the_tree(pool, std::multiplies<>{}, xs);
    same_as_the_tree(pool, fg::min, xs);
    same_as_the_tree(pool, fg::max, xs);
    same_as_the_tree(pool, std::logical_and<>{}, xs);
    same_as_the_tree(pool, std::logical_or<>{}, xs);
    if constexpr (std::integral<T>) {
      same_as_the_tree(pool, std::bit_and<>{}, xs);
      same_as_the_tree(pool, std::bit_or<T>{}, xs);
      same_as_the_tree(pool, std::bit_xor<>{}, xs);
    }
    finds_what_is_there(pool, xs);
    if constexpr (requires { pool.to_device(xs); }) {
      const auto there = pool.to_device(xs);
      EXPECT_EQ(pool.argmin(there), pool.argmin(xs));
      EXPECT_EQ(pool.argmax(there), pool.argmax(xs));
      EXPECT_EQ(pool.first_nonfinite(there), pool.first_nonfinite(xs));
      EXPECT_TRUE(same_bits(pool.minmax(there).max, pool.minmax(xs).max));
    }
    const auto larger = pool.map(fg::max, xs, ys);
    for (std::size_t i = 0; i < n; ++i) ASSERT_TRUE(same_bits(larger[i], fg::max(xs[i], ys[i]))) << i;
  }
}

}  // namespace

TEST_P(element_types_contract, bytes) { everything_of<std::int8_t>(pool()); }
TEST_P(element_types_contract, doubles) { everything_of<double>(pool()); }
#if !defined(FOLDGRID_TEST_MPI)  // flat types travel alike
TEST_P(element_types_contract, unsigned_bytes) { everything_of<std::uint8_t>(pool()); }
TEST_P(element_types_contract, two_bytes) {
  everything_of<std::int16_t>(pool());
  everything_of<std::uint16_t>(pool());
}
TEST_P(element_types_contract, four_bytes) {
  everything_of<std::int32_t>(pool());
  everything_of<std::uint32_t>(pool());
}
TEST_P(element_types_contract, eight_bytes) {
  everything_of<std::int64_t>(pool());
  everything_of<std::uint64_t>(pool());
  everything_of<long long>(pool());
}
TEST_P(element_types_contract, floats) { everything_of<float>(pool()); }
#endif

TEST_P(element_types_contract, wider_accumulators) {
  for (const std::size_t n : few_sizes()) {
    const auto xs = random_values<float>(n, kind::tame);
    EXPECT_TRUE(same_bits(pool().sum<double>(xs), fg::tree_reduce(std::plus<>{}, std::vector<double>(xs.begin(), xs.end()))));
    EXPECT_TRUE(same_bits(pool().reduce<double>(fg::max, xs), static_cast<double>(fg::tree_reduce(fg::max, xs))));
    const auto bytes = random_integers<std::uint8_t>(n);
    EXPECT_EQ(pool().sum<std::uint64_t>(bytes), fg::tree_reduce(std::plus<>{}, std::vector<std::uint64_t>(bytes.begin(), bytes.end())));
  }
}
