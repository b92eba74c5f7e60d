// SPDX-License-Identifier: MIT
// Random arrays: element i depends on the seed and i alone, so all cores fill them at once.
#pragma once

#include "session.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace gpu_check {

/// The i-th number of the sequence `seed`: the output function of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
constexpr std::uint64_t random_bits(std::uint64_t seed, std::uint64_t i) {
  std::uint64_t z = seed * 0xD1342543DE82EF95u + (i + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/// Uniform in [-1, 1).
inline double random_real(std::uint64_t seed, std::uint64_t i) {
  return static_cast<double>(static_cast<std::int64_t>(random_bits(seed, i)) >> 10) * 0x1p-53;
}

/// Any integer; floating point in [-1, 1). Structs have an overload of their own beside them.
template <class T>
void fill(T& element, std::uint64_t seed, std::uint64_t i) {
  if constexpr (std::floating_point<T>) {
    element = static_cast<T>(random_real(seed, i));
  } else {
    static_assert(std::integral<T>);
    element = static_cast<T>(random_bits(seed, i));
  }
}

/// n elements of the sequence `salt`, made by make(element, seed, i).
template <class T, class Make>
std::vector<T> random_array(const session& with, std::size_t n, std::uint64_t salt, Make make) {
  std::vector<T> array(n);
  const std::uint64_t seed = random_bits(with.seed, salt);
  with.cpu.map_into(
      array,
      [=](std::size_t i) {
        T element;
        make(element, seed, i);
        return element;
      },
      fg::iota(n));
  return array;
}
template <class T>
std::vector<T> random_array(const session& with, std::size_t n, std::uint64_t salt = 0) {
  return random_array<T>(with, n, salt, [](T& element, std::uint64_t seed, std::uint64_t i) { fill(element, seed, i); });
}

/// 1, 2, 3, ...: a few below 1200 or all, the powers of two and their neighbours up to `largest`, and random sizes between.
inline std::vector<std::size_t> sizes_up_to(const session& with, std::size_t largest) {
  std::vector<std::size_t> sizes;
  for (std::size_t n = 1; n <= 1200; n += with.small() ? (n < 4 ? 1 : 97) : 1) sizes.push_back(n);
  for (std::size_t power = with.small() ? 256 : 2048; power <= largest; power *= with.small() ? 8 : 2)
    sizes.insert(sizes.end(), {power - 1, power, power + 1});
  for (std::uint64_t k = 0; k < (with.small() ? 2 : 8); ++k) {
    const std::uint64_t bits = random_bits(with.seed, 1000 + k);
    sizes.push_back(1 + bits % (largest >> bits / 7 % 8));
  }
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

}  // namespace gpu_check
