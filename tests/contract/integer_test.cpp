// SPDX-License-Identifier: MIT
// Contract: integers of every width wrap; matrices modulo a prime keep their order.
#include "backends.hpp"
#include "reference.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <type_traits>
#include <vector>

class integer_contract : public contract {};
INSTANTIATE_TEST_SUITE_P(, integer_contract, backends(), name_of);

template <class T>
void wraps(const auto& pool) {
  using wide = std::uint64_t;
  for (const std::size_t n : few_sizes()) {
    const auto xs = random_integers<T>(n);
    wide sum = 0, product = 1, odd_product = 1;
    T low = xs[0], high = xs[0];
    std::vector<T> odd(xs);
    for (std::size_t i = 0; i < n; ++i) {
      odd[i] = static_cast<T>(odd[i] | 1);
      sum += static_cast<wide>(xs[i]);
      product *= static_cast<wide>(xs[i]);
      odd_product *= static_cast<wide>(odd[i]);
      low = xs[i] < low ? xs[i] : low;
      high = high < xs[i] ? xs[i] : high;
    }
    EXPECT_EQ(pool.sum(xs), static_cast<T>(sum)) << n;
    EXPECT_EQ(pool.reduce({.chunk_size = 7}, std::plus<>{}, xs), static_cast<T>(sum)) << n;
    EXPECT_EQ(pool.reduce(std::plus<T>{}, xs, T{5}), static_cast<T>(sum + 5)) << n;
    EXPECT_EQ(pool.reduce(std::multiplies<>{}, xs), static_cast<T>(product)) << n;
    EXPECT_EQ(pool.reduce(std::multiplies<>{}, odd), static_cast<T>(odd_product)) << n;
    EXPECT_EQ(pool.reduce(fg::min, xs), low) << n;
    EXPECT_EQ(pool.reduce(fg::max, xs), high) << n;
    EXPECT_EQ(pool.template sum<std::uint64_t>(xs), sum) << n;
    static_assert(std::is_same_v<decltype(pool.sum(xs)), T>);
  }
}

template <class T>
void finds_extremes(const auto& pool) {
  for (const std::size_t n : few_sizes()) {
    const auto xs = random_integers<T>(n);
    const auto [low, high] = std::minmax_element(xs.begin(), xs.end());
    EXPECT_EQ(pool.minmax(xs).min, *low);
    EXPECT_EQ(pool.minmax(xs).max, *high);
    EXPECT_EQ(xs[pool.argmin(xs)], *low);
    EXPECT_EQ(xs[pool.argmax(xs)], *high);
  }
}
#if !defined(FOLDGRID_TEST_MPI)  // flat types travel alike
TEST_P(integer_contract, extremes_and_where_they_are) {
  finds_extremes<std::int8_t>(pool());
  finds_extremes<std::uint8_t>(pool());
  finds_extremes<std::int16_t>(pool());
  finds_extremes<std::uint16_t>(pool());
  finds_extremes<std::int32_t>(pool());
  finds_extremes<std::uint32_t>(pool());
  finds_extremes<std::int64_t>(pool());
  finds_extremes<std::uint64_t>(pool());
}

TEST_P(integer_contract, u8) { wraps<std::uint8_t>(pool()); }
TEST_P(integer_contract, i16) { wraps<std::int16_t>(pool()); }
TEST_P(integer_contract, u16) { wraps<std::uint16_t>(pool()); }
TEST_P(integer_contract, i32) { wraps<std::int32_t>(pool()); }
TEST_P(integer_contract, u32) { wraps<std::uint32_t>(pool()); }
TEST_P(integer_contract, i64) { wraps<std::int64_t>(pool()); }
TEST_P(integer_contract, long_long) { wraps<long long>(pool()); }
TEST_P(integer_contract, unsigned_long_long) { wraps<unsigned long long>(pool()); }
#endif
TEST_P(integer_contract, i8) { wraps<std::int8_t>(pool()); }
TEST_P(integer_contract, u64) { wraps<std::uint64_t>(pool()); }

TEST_P(integer_contract, bits_and_logic) {
  for (const std::size_t n : few_sizes()) {
    const auto xs = random_integers<std::uint32_t>(n);
    EXPECT_EQ(pool().reduce(std::bit_and<>{}, xs), fg::tree_reduce(std::bit_and<>{}, xs)) << n;
    EXPECT_EQ(pool().reduce(std::bit_or<>{}, xs), fg::tree_reduce(std::bit_or<>{}, xs)) << n;
    EXPECT_EQ(pool().reduce(std::bit_xor<>{}, xs), fg::tree_reduce(std::bit_xor<>{}, xs)) << n;
    EXPECT_EQ(pool().reduce(std::logical_and<>{}, xs), fg::tree_reduce(std::logical_and<>{}, xs)) << n;
    EXPECT_EQ(pool().reduce(std::logical_or<>{}, xs), fg::tree_reduce(std::logical_or<>{}, xs)) << n;
  }
}

FOLDGRID_STRUCT(matrix, (std::uint64_t a; std::uint64_t b; std::uint64_t c; std::uint64_t d;))

FOLDGRID_FUNCTION_USING((matrix), product_mod_p, (const matrix& x, const matrix& y), {
  const std::uint64_t p = 2147483647;
  return matrix{(x.a * y.a + x.b * y.c) % p, (x.a * y.b + x.b * y.d) % p, (x.c * y.a + x.d * y.c) % p, (x.c * y.b + x.d * y.d) % p};
})

FOLDGRID_FUNCTION_USING((matrix), matrix_at, (std::uint64_t i), {
  const std::uint64_t p = 2147483647;
  return matrix{(i * 48271 + 11) % p, (i * 16807 + 5) % p, (i * 69621 + 3) % p, (i * 40692 + 1) % p};
})

TEST_P(integer_contract, matrices_modulo_a_prime_keep_their_order) {
  for (const std::size_t n : few_sizes()) {
    std::vector<matrix> xs;
    for (std::size_t i = 0; i < n; ++i) xs.push_back(matrix_at(i));
    matrix left = xs[0];
    for (std::size_t i = 1; i < n; ++i) left = product_mod_p(left, xs[i]);
    for (const matrix& found : {pool().reduce(product_mod_p, xs), pool().reduce({.chunk_size = 3, .sync = true}, product_mod_p, xs),
                                pool().map_reduce(matrix_at, product_mod_p, fg::iota(std::uint64_t{n}))}) {
      EXPECT_EQ(found.a, left.a) << n;
      EXPECT_EQ(found.b, left.b) << n;
      EXPECT_EQ(found.c, left.c) << n;
      EXPECT_EQ(found.d, left.d) << n;
    }
  }
}
