// SPDX-License-Identifier: MIT
// Arrays of the host that pass through a device in pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

/// More elements than one slot of pinned memory holds: at least three pieces, the last one ragged.
constexpr std::size_t many = 4'200'011;

template <class T>
std::vector<T> numbers(std::size_t n) {
  std::vector<T> xs(n);
  std::uint64_t s = 0x243F6A8885A308D3;
  for (T& x : xs) {
    s = s * 6364136223846793005u + 1442695040888963407u;
    if constexpr (std::is_floating_point_v<T>) {
      x = static_cast<T>(static_cast<double>(s >> 11) * 0x1p-53);
    } else {
      x = static_cast<T>(s >> 17);
    }
  }
  return xs;
}
