// SPDX-License-Identifier: MIT
// What results are compared with: the tree by its definition, equality of bits, and the sizes and values worth trying.
#pragma once

#include "../seed.hpp"

#include <foldgrid/tree.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <vector>

/// Node (level, i) of the tree over x by the contract's formula: it covers elements [i*2^level, min((i+1)*2^level, n)).
template <class T, class Op>
T node_by_definition(const Op& op, const std::vector<T>& x, int level, std::size_t i) {
  if (level == 0) return x[i];
  const std::size_t right = (2 * i + 1) << (level - 1);
  if (right >= x.size()) return node_by_definition(op, x, level - 1, 2 * i);
  return static_cast<T>(op(node_by_definition(op, x, level - 1, 2 * i), node_by_definition(op, x, level - 1, 2 * i + 1)));
}

template <class T, class Op>
T tree_by_definition(const Op& op, const std::vector<T>& x) {
  int level = 0;
  while ((std::size_t{1} << level) < x.size()) ++level;
  return node_by_definition(op, x, level, 0);
}

/// Equal to the bit; of two NaNs the payloads do not count.
template <class T>
testing::AssertionResult same_bits(const T& a, const T& b) {
  if constexpr (std::floating_point<T>) {
    using bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    if ((a != a && b != b) || std::bit_cast<bits>(a) == std::bit_cast<bits>(b)) return testing::AssertionSuccess();
    return testing::AssertionFailure() << std::hexfloat << a << " is not " << b;
  } else {
    if (a == b) return testing::AssertionSuccess();
    return testing::AssertionFailure() << testing::PrintToString(a) << " is not " << testing::PrintToString(b);
  }
}

template <class T>
testing::AssertionResult same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size()) return testing::AssertionFailure() << a.size() << " elements, not " << b.size();
  for (std::size_t i = 0; i < a.size(); ++i)
    if (const auto same = same_bits(static_cast<T>(a[i]), static_cast<T>(b[i])); !same)
      return testing::AssertionFailure() << "element " << i << " of " << a.size() << ": " << same.message();
  return testing::AssertionSuccess();
}

/// A chunk of one element is a message where there are ranks: fewer of them try as many shapes of trees.
#if defined(FOLDGRID_TEST_MPI)
inline constexpr std::size_t largest_size = 1024, size_step = 8;
#else
inline constexpr std::size_t largest_size = 65536, size_step = 2;
#endif

/// Sizes around everything that code may treat apart, up to the largest + 1, and a few at random.
inline const std::vector<std::size_t>& interesting_sizes() {
  static const std::vector<std::size_t> sizes = [] {
    std::vector<std::size_t> chosen{1, 2, 3, 5, 6, 7, 31, 32, 33, 255, 256, 257, 1000};
    for (std::size_t power = 8; power <= largest_size; power *= size_step) chosen.insert(chosen.end(), {power - 1, power, power + 1});
    std::mt19937_64 random(test_seed());
    for (int i = 0; i < 4; ++i) chosen.push_back(1 + random() % (largest_size + largest_size / 2));
    return chosen;
  }();
  return sizes;
}

/// The same with fewer, for tests that do much at each.
inline std::vector<std::size_t> few_sizes() {
  std::mt19937_64 random(test_seed() + 1);
  std::vector<std::size_t> sizes{
      1, 2, 3, 5, 6, 7, 31, 33, 256, 1000, 1025, 4095, largest_size / 8, largest_size / 4 + 1, 1 + random() % (largest_size / 4 * 3)};
  std::erase_if(sizes, [](std::size_t n) { return n > 2 * largest_size; });
  return sizes;
}

enum class kind { tame, wild, special };

/// Values of very different magnitude, denormals and signed zeros among them; with `special` infinities and NaNs too.
template <std::floating_point T>
std::vector<T> random_values(std::size_t n, kind wanted, std::uint64_t salt = 0) {
  using limits = std::numeric_limits<T>;
  std::mt19937_64 random(test_seed() * 31 + n + salt);
  std::vector<T> values(n);
  constexpr int lowest = limits::min_exponent - limits::digits;
  for (T& x : values) {
    const T mantissa = static_cast<T>(static_cast<double>(random() >> 11) * 0x1p-53 + 0.5);
    const std::uint64_t choice = random() % 64;
    const int exponent = wanted == kind::tame ? static_cast<int>(random() % 4) - 2
                         : choice < 16        ? lowest + static_cast<int>(random() % 60)
                                              : static_cast<int>(random() % 60) - 30;
    x = std::ldexp(mantissa, exponent);
    if (wanted != kind::tame && choice >= 60) x = 0;
    if (wanted == kind::special && choice == 20) x = limits::infinity();
    if (wanted == kind::special && choice == 21 && random() % 8 == 0) x = limits::quiet_NaN();
    if (random() % 2 == 0) x = -x;
  }
  return values;
}

template <std::integral T>
std::vector<T> random_integers(std::size_t n) {
  std::mt19937_64 random(test_seed() * 37 + n);
  std::vector<T> values(n);
  for (T& x : values) x = static_cast<T>(random());
  return values;
}
