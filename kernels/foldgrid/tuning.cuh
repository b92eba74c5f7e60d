// SPDX-License-Identifier: MIT
// How kernels cut their work, by the sizes of what they read and make and by compute capability. The one table of it: kernels take from it
// what is compiled in, launches how many blocks there are. Bits cannot depend on it, and any grid that is large enough is right: a kernel
// sees from its grid how many leaves a block has.
#pragma once

namespace foldgrid::gpu {

constexpr int warps_in_block = 8, threads_in_block = 32 * warps_in_block;

/// Bytes that a kernel's work depends on: of the largest thing an element, a leaf or a result is; of the largest element that is read;
/// read for a leaf; of a node of a tree.
struct leaf_bytes {
  int widest, element, read, node;
};

/// Neighbours that a thread takes from each input at once, by the size of the widest.
struct items_entry {
  int widest, items;
};
constexpr items_entry items_table[] = {
    {1, 8},  // bytes take a register each
    {2, 8},
    {4, 4},  // 16 bytes
    {8, 2},
};
/// One of what is larger, or of no power of two.
constexpr int items_of(int widest) {
  for (const items_entry& each : items_table)
    if (each.widest == widest) return each.items;
  return 1;
}

/// Rows of 32 lanes in the tile that a warp reads at once, and tiles that it folds one after another where there is work for the whole
/// device; by the bytes that a lane has of a row, from a compute capability on.
struct tile_entry {
  int capability, lane_bytes, rows, tiles;
};
// Reckoned, not measured. A warp has rows * lane_bytes * 32 bytes under way, and a multiprocessor 32 to 40 such warps: an H200 needs about
// 30 KB of them there (4.8 TB/s by 132 multiprocessors in 0.8 us), a T4 five.
constexpr tile_entry tile_table[] = {
    {0, 16, 4, 2},  {0, 32, 4, 1},  {0, 64, 2, 1},  {0, 1 << 30, 1, 1},  // fewer registers for as many leaves
    {80, 16, 8, 1}, {80, 32, 4, 1}, {80, 64, 2, 1}, {80, 1 << 30, 1, 1},
};

/// What a thread takes at once of a reduction: what it reads fills a load, and the nodes of that fit into 16 registers.
constexpr int items_of(leaf_bytes of) {
  if (of.read == 0) return items_of(of.widest);
  int items = items_of(of.element);
  while (items > 1 && items * of.node > 64) items /= 2;
  return items;
}

/// A warp's tile is rows * 32 * items leaves.
struct tile_shape {
  int items, rows, tiles;
};
/// The tile of a reduction's warp. Leaves that are computed have no latency of memory to hide: half as many make half as much code. Small
/// ones take a register each.
constexpr tile_shape tile_of(int capability, leaf_bytes of) {
  const int items = items_of(of), lane_bytes = items * (of.read < of.node ? of.node : of.read);
  tile_entry best{-1, 0, 1, 1};
  for (const tile_entry& each : tile_table)
    if (best.capability < each.capability && each.capability <= capability && lane_bytes <= each.lane_bytes) best = each;
  if (of.read != 0 && of.node >= 4) return {items, best.rows, best.tiles};
  return {items, best.rows < 4 ? best.rows : 4, 1};
}
/// Tiles that a warp must be able to fold when it is compiled for one capability and the grid was chosen for another.
constexpr int most_tiles(int capability, leaf_bytes of) {
  int most = 1;
  for (const tile_entry& each : tile_table) {
    const tile_shape there = tile_of(each.capability, of);
    const int tiles = there.rows * there.tiles / tile_of(capability, of).rows;
    if (tiles > most) most = tiles;
  }
  return most;
}

/// Rows of 32 nodes that a warp folds of a grid's own levels.
constexpr int partial_rows_of(int node_bytes) {
  int rows = 8;
  while (rows > 1 && rows * node_bytes > 128) rows /= 2;
  return rows;
}

/// Nodes of segments that a thread, or a warp, folds alone have at most 2^level leaves: it keeps a node for each level, in memory that the
/// device sets aside for as many threads as it can run.
constexpr int most_level(bool by_warps) { return by_warps ? 13 : 10; }

/// Packs of neighbours that a thread of a map reads before it uses the first.
constexpr int packs_of(int widest) { return widest == 1 ? 2 : 4; }

}  // namespace foldgrid::gpu
