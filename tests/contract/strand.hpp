// SPDX-License-Identifier: MIT
// A value that records how it was reduced: the order of its operands, the number of calls, the depth and shape of the tree.
#pragma once

#include <foldgrid/function.hpp>

#include <cstdint>
#include <vector>

/// An affine map modulo 2^64, whose composition is associative and not commutative; which elements it covers, how many
/// calls of join made it, in how deep a tree, and a hash of the tree's shape, which any other tree would change.
FOLDGRID_STRUCT(strand, (std::uint64_t scale; std::uint64_t shift; std::uint64_t first; std::uint64_t last; std::uint32_t calls;
                         std::uint32_t depth; std::uint64_t shape; std::uint64_t torn;))

FOLDGRID_FUNCTION_USING((strand), strand_at, (std::uint64_t i), {
  const std::uint64_t mixed = (i + 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;
  return strand{mixed | 1, mixed ^ (mixed >> 29), i, i, 0, 0, i + 7, 0};
})

FOLDGRID_FUNCTION_USING((strand), join, (const strand& a, const strand& b), {
  return strand{a.scale * b.scale,
                b.scale * a.shift + b.shift,
                a.first,
                b.last,
                a.calls + b.calls + 1,
                max(a.depth, b.depth) + 1,
                (a.shape * 0x94D049BB133111EBu) ^ (b.shape + (a.shape >> 31)),
                a.torn | b.torn | static_cast<std::uint64_t>(a.last + 1 != b.first)};
})

inline bool operator==(const strand& a, const strand& b) {
  return a.scale == b.scale && a.shift == b.shift && a.first == b.first && a.last == b.last && a.calls == b.calls && a.depth == b.depth &&
         a.shape == b.shape && a.torn == b.torn;
}

inline std::vector<strand> strands(std::size_t n) {
  std::vector<strand> made;
  made.reserve(n);
  for (std::size_t i = 0; i < n; ++i) made.push_back(strand_at(i));
  return made;
}
