// SPDX-License-Identifier: MIT
// The arrays that are reduced and mapped, and the results they must give.
#pragma once

#include "side_by_side.hpp"

#include <foldgrid/tree.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace bench {

/// n numbers of the sequence `which`: floating point in [-1, 1), integers in [-512, 512), so that their sums fit.
template <class T>
std::vector<T> numbers(std::size_t n, std::uint64_t which = 0) {
  std::vector<T> result(n);
  std::uint64_t state = 0x243F6A8885A308D3u + which;
  for (T& each : result) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    if constexpr (std::floating_point<T>) {
      each = static_cast<T>((static_cast<double>(state >> 11) - 0x1p52) * 0x1p-52);
    } else {
      each = static_cast<T>(static_cast<int>(state >> 54) - 512);
    }
  }
  return result;
}

/// The tree's value over element(0), ..., element(n - 1): by its definition where that takes little memory.
template <class T, class Op, class Element>
T tree_of(Op op, std::size_t n, Element element) {
  if (n <= std::size_t{1} << 22) {
    std::vector<T> level;
    level.reserve(n);
    for (std::size_t i = 0; i < n; ++i) level.push_back(element(i));
    return foldgrid::tree_reduce(op, std::move(level));
  }
  foldgrid::tree_stack<T, Op> stack(op);
  for (std::size_t i = 0; i < n; ++i) stack.push(element(i));
  return stack.finish();
}

/// Ours must be equal; others may add in another order, and a plain loop over millions of squares in float loses most digits.
template <class T>
bool close_enough(T result, T expected, std::size_t n, role plays) {
  if (plays == role::ours || !std::floating_point<T>) return result == expected;
  const double tolerance = static_cast<double>(n) * (sizeof(T) == 4 ? 0.1 : 1e-11);
  return std::abs(static_cast<double>(result) - static_cast<double>(expected)) <= tolerance;
}

}  // namespace bench
