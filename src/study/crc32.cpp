// SPDX-License-Identifier: MIT
// CRC-32, polynomial 0xedb88320 (reflected), eight bytes at a time: byte j from the end of a group has a table of its own, so that the
// look-ups of a group do not wait for one another.
#include "study/crc32.hpp"

#include <array>

namespace foldgrid::detail {
namespace {

constexpr auto tables = [] {
  std::array<std::array<std::uint32_t, 256>, 8> made{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320u : 0u);
    made[0][i] = value;
  }
  for (std::size_t j = 1; j < 8; ++j)
    for (std::size_t i = 0; i < 256; ++i) made[j][i] = (made[j - 1][i] >> 8) ^ made[0][made[j - 1][i] & 255];
  return made;
}();

}  // namespace

std::uint32_t crc32(const void* bytes, std::size_t count, std::uint32_t before) noexcept {
  const auto* at = static_cast<const unsigned char*>(bytes);
  std::uint32_t value = ~before;
  for (; count >= 8; count -= 8, at += 8) {
    std::uint32_t next = 0;
    for (std::size_t j = 0; j < 8; ++j) {
      const std::uint32_t carried = j < 4 ? value >> (8 * j) & 255 : 0;
      next ^= tables[7 - j][at[j] ^ carried];
    }
    value = next;
  }
  for (; count > 0; --count) value = (value >> 8) ^ tables[0][(value ^ *at++) & 255];
  return ~value;
}

}  // namespace foldgrid::detail
