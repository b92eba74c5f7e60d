// SPDX-License-Identifier: MIT
// Windows of rows, columns or arrays that fit a device one at a time: which elements they hold, and where those lie on either side.
#pragma once

#include <foldgrid/detail/offload.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>

namespace foldgrid::detail::cuda {

/// How many segments a window has, and how many leaves of each are there at once: all of them, or a power of two.
struct segment_cut {
  std::size_t segments, leaves;
};

/// For room for so many elements: rows are cut between rows, or, where one does not fit, into nodes of it; columns into nodes of all, which
/// are runs of whole rows, or, where rows are long and few, between columns. No segments when nothing fits.
inline segment_cut cut_into_windows(const segments& of, std::size_t room) {
  const auto count = static_cast<std::size_t>(of.count), length = static_cast<std::size_t>(of.length);
  constexpr std::size_t least_of_node = 64;
  if (room == 0) return {0, 0};
  if (of.step == 1) return room >= length ? segment_cut{room / length, length} : segment_cut{1, std::bit_floor(room)};
  const std::size_t leaves = room / count;
  if (leaves >= std::min(length, least_of_node)) return {count, leaves >= length ? length : std::bit_floor(leaves)};
  return {room / length, length};
}

/// Segments [first, first + here.count), which lie close together on the device.
struct segment_window {
  const segments& whole;
  std::size_t first;
  segments here;

  segment_window(const segments& of, std::size_t begin, std::size_t count)
      : whole(of), first(begin), here(of.step == 1 ? segments{count, of.length, of.length, 1} : segments{count, of.length, 1, count}) {}

  /// Elements before leaf k of the window's segments.
  std::size_t offset_of(std::size_t leaf) const { return leaf * static_cast<std::size_t>(here.step); }
  /// The index that an element of the window has in the whole.
  std::size_t index_in_whole(std::size_t at) const {
    const bool by_rows = whole.step == 1;
    const auto long_side = static_cast<std::size_t>(by_rows ? here.apart : here.step);
    const std::size_t segment = by_rows ? at / long_side : at % long_side, leaf = by_rows ? at % long_side : at / long_side;
    return (first + segment) * static_cast<std::size_t>(whole.apart) + leaf * static_cast<std::size_t>(whole.step);
  }
};

/// The host's arrays that segments lie in: one, or one for each leaf of all segments.
struct segment_source {
  const kernel_arguments::host_arrays& arrays;
  const segments& whole;
  std::size_t element_bytes;

  segment_source(const kernel_arguments::host_arrays& of, const segments& over, std::size_t n)
      : arrays(of), whole(over), element_bytes(of.bytes * of.parts.size() / n) {}

  /// Calls copy(offset, from, bytes) for each run of neighbours among leaves [from, to) of the window, whose first comes at offset 0.
  template <class Copy>
  void each_run(const segment_window& of, std::size_t from, std::size_t to, Copy&& copy) const {
    const auto count = static_cast<std::size_t>(of.here.count);
    const std::size_t leaves = to - from;
    const auto all = static_cast<std::size_t>(whole.count);
    if (whole.step == 1) {  // whole rows, or a part of one
      const std::size_t begin = of.first * static_cast<std::size_t>(whole.apart) + from;
      copy(0, at(0, begin), (count == 1 ? leaves : count * static_cast<std::size_t>(whole.length)) * element_bytes);
    } else if (arrays.parts.size() == 1 && count == all) {
      copy(0, at(0, from * all), leaves * all * element_bytes);
    } else {
      for (std::size_t k = 0; k < leaves; ++k) {
        const void* const begin = arrays.parts.size() == 1 ? at(0, (from + k) * all + of.first) : at(from + k, of.first);
        copy(k * count * element_bytes, begin, count * element_bytes);
      }
    }
  }

 private:
  const void* at(std::size_t part, std::size_t element) const {
    return static_cast<const char*>(arrays.parts[part]) + element * element_bytes;
  }
};

}  // namespace foldgrid::detail::cuda
