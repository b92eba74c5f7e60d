// SPDX-License-Identifier: MIT
// How many blocks a launch has, and what the blocks of a reduction need to meet. Kernels are right for any grid: these are fast.
#pragma once

#include "gpu/device_attempt.hpp"

#include <foldgrid/tuning.cuh>

#include <algorithm>
#include <cstddef>

namespace foldgrid::detail::cuda {

constexpr std::size_t quotient_up(std::size_t n, std::size_t by) { return (n + by - 1) / by; }

/// Blocks for n leaves where a block takes `most` of them when there is work for the whole device, and fewer, down to `least`, where else
/// multiprocessors would have none.
inline std::size_t spread(std::size_t n, std::size_t least, std::size_t most, std::size_t wanted) {
  std::size_t span = most;
  while (span > least && quotient_up(n, span) <= wanted / 2) span /= 2;
  return quotient_up(n, span);
}
/// Blocks that a launch should have at least, when there are leaves enough: one for each multiprocessor, as blocks of a reduction cost time
/// to meet; as many as fit for functions that take their time.
inline std::size_t blocks_wanted(const device_launch& launch) {
  return static_cast<std::size_t>(launch.device->multiprocessors()) * (facts_of(launch.text).loops ? 8 : 1);
}

inline gpu::leaf_bytes bytes_of(const leaf_sizes& sizes) {
  const auto number = [](std::size_t bytes) { return static_cast<int>(std::min(bytes, std::size_t{1} << 20)); };
  return {number(sizes.widest), number(sizes.element), number(sizes.read), number(sizes.node)};
}
/// Leaves of a warp's tile.
inline std::size_t tile_leaves(const device_launch& launch) {
  const gpu::tile_shape tile = gpu::tile_of(launch.device->capability(), bytes_of(launch.sizes));
  return std::size_t{32} * static_cast<std::size_t>(tile.items * tile.rows);
}

inline std::size_t map_blocks(const device_launch& launch, std::size_t n) {
  const int widest = bytes_of(launch.sizes).widest;
  const auto each = static_cast<std::size_t>(gpu::packs_of(widest) * gpu::items_of(widest));
  return spread(n, gpu::threads_in_block, gpu::threads_in_block * each, blocks_wanted(launch));
}

inline std::size_t reduce_blocks(const device_launch& launch, std::size_t n) {
  const gpu::tile_shape tile = gpu::tile_of(launch.device->capability(), bytes_of(launch.sizes));
  const std::size_t row = std::size_t{gpu::threads_in_block} * static_cast<std::size_t>(tile.items);
  return spread(n, row, row * static_cast<std::size_t>(tile.rows * tile.tiles), blocks_wanted(launch));
}

/// What the blocks of a reduction meet in: a partial node for each, level by level, and a count for each group of each level.
struct meeting_room {
  std::size_t partials = 0, tickets = 0;
  /// For launches over at most n leaves.
  meeting_room(const device_launch& launch, std::size_t n) {
    const auto fan = static_cast<std::size_t>(32 * gpu::partial_rows_of(bytes_of(launch.sizes).node));
    std::size_t count = reduce_blocks(launch, n);
    if (count > 1) count = std::max(count, blocks_wanted(launch));  // fewer leaves may be spread over more blocks
    for (; count > 1; count = quotient_up(count, fan)) {
      partials += count;
      tickets += quotient_up(count, fan);
    }
  }
};

}  // namespace foldgrid::detail::cuda
