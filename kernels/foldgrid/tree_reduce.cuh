// SPDX-License-Identifier: MIT
// The tree over leaves at memory bandwidth. Any aligned block of 2^k leaves is a node, so tile sizes are tuning: the bits cannot move.
//
// A warp reads a tile of `rows` rows; a row is 32 lanes of E neighbours. Each lane folds its neighbours; then in step s
// lanes that differ in bit s meet, each keeping one of two rows, so that after log2(rows) steps lane l holds row l % rows,
// segment l / rows; then the segments meet, then the rows. A block's eight warps meet in shared memory. The blocks of a
// group (`fan` of them) count themselves in on a ticket: the last one folds the group's partials as a tile and climbs.
// One launch; every leaf is read once; the operator is applied to neighbours only, n - 1 times, unless it is_total.
#pragma once

namespace foldgrid::gpu {

/// Each block has least * 2^k leaves; gives k: at most `usual`, unless there are too few blocks for that.
FOLDGRID_DEVICE int block_level(size n, size least, int usual) {
  int level = usual;
  while (level > 0 && (least << (level - 1)) * gridDim.x >= n) --level;
  while ((least << level) * gridDim.x < n) ++level;
  return level;
}

/// Which nodes of a tile exist: those whose first leaf, counted from the tile's, comes before the end.
struct everything {
  FOLDGRID_DEVICE bool operator()(int) const { return true; }
};
struct before {
  int end;
  FOLDGRID_DEVICE bool operator()(int first) const { return first < end; }
};
/// So many of a tile's leaves exist when there are so many in all.
FOLDGRID_DEVICE int of_tile(size leaves, size tile) { return static_cast<int>(leaves < tile ? leaves : tile); }

/// left = op(left, right) when the right node exists.
template <class T, class Op>
FOLDGRID_DEVICE void fold_right(const Op& op, T& left, const T& right, bool exists) {
  if (exists) left = static_cast<T>(op(static_cast<const T&>(left), right));
}

/// Lanes that differ in `bit` meet: of two rows each keeps one, and so on with the next bit. `row` becomes what v[0] is then. A function
/// for each bit: compilers leave the inner of two loops rolled when it depends on the outer one, and v in memory.
template <int bit, int width, int rows, class T, class Op, class Exists>
FOLDGRID_DEVICE void halve_rows(const Op& op, T (&v)[rows], int& row, Exists exists) {
  if constexpr (bit < rows) {
    const int lane = static_cast<int>(threadIdx.x % 32);
    const bool odd = (lane & bit) != 0;
    row |= lane & bit;
    const int right = ((lane & ~(2 * bit - 1)) + bit) * width;
    FOLDGRID_UNROLL
    for (int j = 0; j < rows / bit / 2; ++j) {
      words<T> left = words<T>::of(v[2 * j]), other = words<T>::of(v[2 * j + 1]);
      if (odd) swap_words(left, other);  // left is kept, the other given away
      other = from_lane_across(other, bit);
      if (odd) swap_words(left, other);
      v[j] = left.value();
      fold_right(op, v[j], other.value(), exists(right + (row + j * 2 * bit) * 32 * width));
    }
    halve_rows<2 * bit, width>(op, v, row, exists);
  }
}

/// The node of a warp's tile, in lane 0. v: one node of `width` leaves a row for each lane, the row's 32 in lane order. All lanes take
/// part.
template <int rows, int width, class T, class Op, class Exists>
FOLDGRID_DEVICE T fold_rows(const Op& op, T (&v)[rows], Exists exists) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  constexpr int row_width = 32 * width;
  int row = 0;
  halve_rows<1, width>(op, v, row, exists);
  FOLDGRID_UNROLL
  for (int distance = rows; distance < 32; distance *= 2) {  // the segments of a row
    const T right = from_lane_across(words<T>::of(v[0]), distance).value();
    const bool is_left = is_total<Op, T> || (lane & (2 * distance - rows)) == 0;
    fold_right(op, v[0], right, is_left && exists(row * row_width + (lane - row + distance) * width));
  }
  FOLDGRID_UNROLL
  for (int distance = 1; distance < rows; distance *= 2) {  // the rows
    const T right = from_lane_across(words<T>::of(v[0]), distance).value();
    const bool is_left = is_total<Op, T> || (lane & ((32 - rows) | (2 * distance - 1))) == 0;
    fold_right(op, v[0], right, is_left && exists((row + distance) * row_width));
  }
  return v[0];
}

/// The tree over E neighbours of a lane, to x[0], from those that are `distance` apart on; the first is leaf `first` of the tile.
template <int distance, int E, class T, class Op, class Exists>
FOLDGRID_DEVICE void fold_neighbours(const Op& op, T (&x)[E], int first, Exists exists) {
  if constexpr (distance < E) {
    FOLDGRID_UNROLL
    for (int e = 0; e + distance < E; e += 2 * distance) fold_right(op, x[e], x[e + distance], exists(first + e + distance));
    fold_neighbours<2 * distance>(op, x, first, exists);
  }
}

/// The shape of a reduction of such leaves.
template <class Leaves>
struct reduce_shape {
  using T = typename Leaves::leaf;
  static constexpr leaf_bytes bytes{Leaves::widest, Leaves::element_bytes, Leaves::bytes, static_cast<int>(sizeof(T))};
  static constexpr tile_shape tile = tile_of(FOLDGRID_CAPABILITY, bytes);
  static constexpr int E = tile.items, rows = tile.rows;
  static constexpr int level = log2_of(rows);
  static constexpr int in_row = 32 * E, in_warp = rows * in_row;
  static constexpr int in_block = warps_in_block * in_warp, least_in_block = warps_in_block * in_row;
  static constexpr int most_in_block = warps_in_block * most_tiles(FOLDGRID_CAPABILITY, bytes);  ///< tiles
  static_assert(most_in_block <= 32, "a warp has a lane for each tile of its block");
  static constexpr int partial_rows = partial_rows_of(sizeof(T));
  static constexpr int fan = 32 * partial_rows;  // blocks, or groups, whose partials one warp folds
};

/// The node, in lane 0, of the warp's tile from leaf `first` on, or of what exists of it. `packed`: that are whole rows, which may be read
/// in packs.
template <class Leaves, class Op, class Exists>
FOLDGRID_DEVICE typename Leaves::leaf fold_warp(const Leaves& leaf, const Op& op, size first, bool packed, Exists exists) {
  using shape = reduce_shape<Leaves>;
  using T = typename Leaves::leaf;
  constexpr int E = shape::E, rows = shape::rows;
  const int lane_first = static_cast<int>(threadIdx.x % 32) * E;
  typename Leaves::template raw<E> raw[rows];
  FOLDGRID_UNROLL
  for (int r = 0; r < rows; ++r) {
    const int i = lane_first + r * shape::in_row;
    if constexpr (is_same<Exists, everything>) {
      leaf.template fetch<E>(first + static_cast<size>(i), raw[r]);
    } else if (packed) {
      if (exists(i)) leaf.template fetch<E>(first + static_cast<size>(i), raw[r]);
    } else {
      leaf.template fetch_before<E>(first + static_cast<size>(i), exists.end - i, raw[r]);
    }
  }
  T v[rows];
  FOLDGRID_UNROLL
  for (int r = 0; r < rows; ++r) {
    const int i = lane_first + r * shape::in_row;
    T x[E];
    FOLDGRID_UNROLL
    for (int e = 0; e < E; ++e) {
      if (exists(i + e)) {
        x[e] = leaf.value(raw[r], e, first + static_cast<size>(i + e));
      } else {
        x[e] = words<T>{}.value();
      }
    }
    fold_neighbours<1>(op, x, i, exists);
    v[r] = x[0];
  }
  return fold_rows<rows, E>(op, v, exists);
}
/// The same for a tile of which so many leaves exist, `aligned` for packs; a whole one goes the fast way.
template <class Leaves, class Op>
FOLDGRID_DEVICE typename Leaves::leaf fold_tile(const Leaves& leaf, const Op& op, size first, int leaves, bool aligned) {
  using shape = reduce_shape<Leaves>;
  return aligned && leaves == shape::in_warp ? fold_warp(leaf, op, first, true, everything{})
                                             : fold_warp(leaf, op, first, aligned && leaves % shape::in_row == 0, before{leaves});
}

/// One node of the grid's own levels: read past the first cache, which other blocks do not write to.
template <class T>
FOLDGRID_DEVICE T load_partial(const T* from) {
  words<T> w;
  if constexpr (alignof(T) % 4 == 0) {
    for (int k = 0; k < words<T>::count; ++k) w.w[k] = __ldcg(reinterpret_cast<const unsigned*>(from) + k);
    return w.value();
  } else {
    return *from;
  }
}

/// The reduction of n > 0 leaves from leaf `base` on to *result. `partials` holds one node for each block, then one for each group of
/// blocks, and so on; `tickets` one count for each group of each level, all 0 before and after. The blocks of threads_in_block share the
/// leaves out among them: to a block a row for each warp, up to a tile for each, or as many tiles as there are too few blocks for.
template <class Leaves, class Op>
FOLDGRID_DEVICE void reduce(const Leaves& leaf, const Op& op, size base, size n, typename Leaves::leaf* result,
                            typename Leaves::leaf* partials, unsigned* tickets) {
  using T = typename Leaves::leaf;
  using shape = reduce_shape<Leaves>;
  FOLDGRID_SHARED(unsigned, shared, words<T>::count* shape::most_in_block);
  const int warp = static_cast<int>(threadIdx.x / 32), lane = static_cast<int>(threadIdx.x % 32);
  constexpr int usual = shape::level;
  const int level = block_level(n, shape::least_in_block, usual), tile_level = level < usual ? level : usual;
  const int tiles = shape::most_in_block == warps_in_block ? warps_in_block : warps_in_block << (level - tile_level);
  const size tile = static_cast<size>(shape::in_row) << tile_level;
  const size begin = blockIdx.x * static_cast<size>(tiles) * tile;
  if (begin >= n) return;  // the whole block
  for (int passed = 0; passed < tiles; passed += warps_in_block) {
    const int t = passed + warp;
    const size first = begin + static_cast<size>(t) * tile;
    if (first >= n) break;  // uniform in a warp
    const words<T> w = words<T>::of(fold_tile(leaf, op, base + first, of_tile(n - first, tile), leaf.template aligned<shape::E>(base)));
    if (lane == 0)
      for (int k = 0; k < words<T>::count; ++k) shared[k * shape::most_in_block + t] = w.w[k];
  }
  __syncthreads();
  if (warp != 0) return;

  words<T> w;
  for (int k = 0; k < words<T>::count; ++k) w.w[k] = shared[k * shape::most_in_block + lane % shape::most_in_block];
  T node = w.value();
  FOLDGRID_UNROLL
  for (int distance = 1; distance < shape::most_in_block; distance *= 2) {
    const T right = from_lane_across(words<T>::of(node), distance).value();
    const bool is_left = lane + distance < tiles && (lane & (2 * distance - 1)) == 0;
    fold_right(op, node, right, is_left && begin + static_cast<size>(lane + distance) * tile < n);
  }

  // the nodes of this level, at first one for each block, and this warp's among them
  unsigned count = static_cast<unsigned>((n - 1) / (static_cast<size>(tiles) * tile)) + 1, index = blockIdx.x;
  while (count > 1) {
    const unsigned group = index / shape::fan, groups = (count + shape::fan - 1) / shape::fan, members_first = group * shape::fan;
    const unsigned members = members_first + shape::fan <= count ? static_cast<unsigned>(shape::fan) : count - members_first;
    unsigned last = 0;
    if (lane == 0) {
      partials[index] = node;
      last = FOLDGRID_ATOMIC_ADD(tickets + group, 1u) + 1 == members;
      if (last) tickets[group] = 0;  // for the next launch
    }
    __syncwarp();
    if (__shfl_sync(0xffffffffu, last, 0) == 0) return;
    T v[shape::partial_rows];
    FOLDGRID_UNROLL
    for (int r = 0; r < shape::partial_rows; ++r) {
      const unsigned i = static_cast<unsigned>(r * 32 + lane);
      v[r] = load_partial(partials + members_first + (i < members ? i : members - 1));
    }
    node = fold_rows<shape::partial_rows, 1>(op, v, before{static_cast<int>(members)});
    partials += count;
    tickets += groups;
    count = groups;
    index = group;
  }
  if (lane == 0) *result = node;
}

}  // namespace foldgrid::gpu
