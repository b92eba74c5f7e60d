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

constexpr int warps_in_block = 8, threads_in_block = 32 * warps_in_block;

/// Rows of a warp's tile of elements of so many bytes, E of them in a lane: 128 bytes a lane, at least one row, at most eight.
constexpr int rows_of(int bytes_in_lane, int most = 8) {
  int rows = most;
  while (rows > 1 && rows * bytes_in_lane > 128) rows /= 2;
  return rows;
}

/// Which nodes of a tile exist: those whose first leaf comes before the end.
struct everything {
  FOLDGRID_DEVICE bool operator()(size) const { return true; }
};
struct before {
  size end;
  FOLDGRID_DEVICE bool operator()(size first) const { return first < end; }
};

/// left = op(left, right) when the right node exists.
template <class T, class Op>
FOLDGRID_DEVICE void fold_right(const Op& op, T& left, const T& right, bool exists) {
  if (exists) left = static_cast<T>(op(static_cast<const T&>(left), right));
}

/// The node of a warp's tile, in lane 0. v: one node of `width` leaves a row for each lane, the row's 32 in lane order;
/// `first`: index of the tile's first leaf. All lanes take part.
template <int rows, class T, class Op, class Exists>
FOLDGRID_DEVICE T fold_rows(const Op& op, T (&v)[rows], size first, size width, Exists exists) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  const size row_width = 32 * width;
  int row = 0;  // of v[0]
  FOLDGRID_UNROLL
  for (int step = 0; (1 << step) < rows; ++step) {
    const int bit = 1 << step;
    const bool odd = (lane & bit) != 0;
    row |= lane & bit;
    const size right = first + static_cast<size>((lane & ~(2 * bit - 1)) + bit) * width;
    FOLDGRID_UNROLL
    for (int j = 0; j < (rows >> step) / 2; ++j) {
      words<T> left = words<T>::of(v[2 * j]), other = words<T>::of(v[2 * j + 1]);
      if (odd) swap_words(left, other);  // left is kept, the other given away
      other = from_lane_across(other, bit);
      if (odd) swap_words(left, other);
      v[j] = left.value();
      fold_right(op, v[j], other.value(), exists(right + static_cast<size>(row + j * 2 * bit) * row_width));
    }
  }
  FOLDGRID_UNROLL
  for (int distance = rows; distance < 32; distance *= 2) {  // the segments of a row
    const T right = from_lane_across(words<T>::of(v[0]), distance).value();
    const bool is_left = is_total<Op> || (lane & (2 * distance - rows)) == 0;
    fold_right(op, v[0], right,
               is_left && exists(first + static_cast<size>(row) * row_width + static_cast<size>((lane - row) + distance) * width));
  }
  FOLDGRID_UNROLL
  for (int distance = 1; distance < rows; distance *= 2) {  // the rows
    const T right = from_lane_across(words<T>::of(v[0]), distance).value();
    const bool is_left = is_total<Op> || (lane & ((32 - rows) | (2 * distance - 1))) == 0;
    fold_right(op, v[0], right, is_left && exists(first + static_cast<size>(row + distance) * row_width));
  }
  return v[0];
}

/// The tree over E neighbours of a lane, the first of them being leaf `first`.
template <int E, class T, class Op, class Exists>
FOLDGRID_DEVICE T fold_neighbours(const Op& op, T (&x)[E], size first, Exists exists) {
  FOLDGRID_UNROLL
  for (int distance = 1; distance < E; distance *= 2) FOLDGRID_UNROLL
  for (int e = 0; e + distance < E; e += 2 * distance)
    fold_right(op, x[e], x[e + distance], exists(first + static_cast<size>(e + distance)));
  return x[0];
}

/// The shape of a reduction of such leaves.
template <class Leaves>
struct reduce_shape {
  using T = typename Leaves::leaf;
  static constexpr int E = adjacent<Leaves>;
  // leaves that are computed have no latency of memory to hide: half as many make half as much code; small ones take a register each
  static constexpr int rows = rows_of(E * larger(Leaves::bytes, static_cast<int>(sizeof(T))), Leaves::bytes == 0 || sizeof(T) < 4 ? 4 : 8);
  static constexpr size in_row = 32 * E, in_warp = rows * in_row, in_block = warps_in_block * in_warp;
  static constexpr int partial_rows = rows_of(sizeof(T));
  static constexpr int fan = 32 * partial_rows;  // blocks, or groups, whose partials one warp folds
};

/// The node of the warp's tile that begins `first` leaves after leaf `base`, in lane 0. Where not everything exists nothing is read past
/// leaf n - 1, and elements are read one by one.
template <class Leaves, class Op, class Exists>
FOLDGRID_DEVICE typename Leaves::leaf fold_warp(const Leaves& leaf, const Op& op, size base, size first, size n, Exists exists) {
  using shape = reduce_shape<Leaves>;
  using T = typename Leaves::leaf;
  constexpr int E = shape::E, rows = shape::rows;
  const size lane_first = first + threadIdx.x % 32 * E;
  typename Leaves::template raw<E> raw[rows];
  FOLDGRID_UNROLL
  for (int r = 0; r < rows; ++r) {
    const size i = lane_first + static_cast<size>(r) * shape::in_row;
    if constexpr (is_same<Exists, everything>) {
      leaf.template fetch<E>(base + i, raw[r]);
    } else {
      leaf.template fetch_before<E>(base + i, base + n, raw[r]);
    }
  }
  T v[rows];
  FOLDGRID_UNROLL
  for (int r = 0; r < rows; ++r) {
    const size i = lane_first + static_cast<size>(r) * shape::in_row;
    T x[E];
    FOLDGRID_UNROLL
    for (int e = 0; e < E; ++e) {
      if (exists(i + static_cast<size>(e))) {
        x[e] = leaf.value(raw[r], e, base + i + static_cast<size>(e));
      } else {
        x[e] = words<T>{}.value();
      }
    }
    v[r] = fold_neighbours<E>(op, x, i, exists);
  }
  return fold_rows<rows>(op, v, first, static_cast<size>(E), exists);
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

/// The reduction of n > 0 leaves from leaf `base` on, a multiple of a block, to *result. `partials` holds one node for each block, then one
/// for each group of blocks, and so on; `tickets` one count for each group of each level, all 0 before and after. The grid has ceil(n /
/// reduce_shape<Leaves>::in_block) blocks of threads_in_block. A block whose arrays may be read in packs and that lies before the end takes
/// the fast way.
template <class Leaves, class Op>
FOLDGRID_DEVICE void reduce(const Leaves& leaf, const Op& op, size base, size n, typename Leaves::leaf* result,
                            typename Leaves::leaf* partials, unsigned* tickets) {
  using T = typename Leaves::leaf;
  using shape = reduce_shape<Leaves>;
  FOLDGRID_SHARED(unsigned, shared, words<T>::count* warps_in_block);
  const int warp = static_cast<int>(threadIdx.x / 32), lane = static_cast<int>(threadIdx.x % 32);
  const size block_first = blockIdx.x * shape::in_block, first = block_first + static_cast<size>(warp) * shape::in_warp;

  const bool fast = block_first + shape::in_block <= n && leaf.template aligned<shape::E>(base);
  if (first < n) {  // uniform in a warp
    const T node = fast ? fold_warp(leaf, op, base, first, n, everything{}) : fold_warp(leaf, op, base, first, n, before{n});
    const words<T> w = words<T>::of(node);
    if (lane == 0)
      for (int k = 0; k < words<T>::count; ++k) shared[k * warps_in_block + warp] = w.w[k];
  }
  __syncthreads();
  if (warp != 0) return;

  words<T> w;
  for (int k = 0; k < words<T>::count; ++k) w.w[k] = shared[k * warps_in_block + lane % warps_in_block];
  T node = w.value();
  FOLDGRID_UNROLL
  for (int distance = 1; distance < warps_in_block; distance *= 2) {
    const T right = from_lane_across(words<T>::of(node), distance).value();
    const bool is_left = lane < warps_in_block && (lane & (2 * distance - 1)) == 0;
    fold_right(op, node, right, is_left && block_first + static_cast<size>(lane + distance) * shape::in_warp < n);
  }

  size count = gridDim.x, index = blockIdx.x;  // the nodes of this level, and this warp's among them
  while (count > 1) {
    const size group = index / shape::fan, groups = (count + shape::fan - 1) / shape::fan, members_first = group * shape::fan;
    const size members = members_first + shape::fan <= count ? static_cast<size>(shape::fan) : count - members_first;
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
      const size i = static_cast<size>(r * 32 + lane);
      v[r] = load_partial(partials + members_first + (i < members ? i : members - 1));
    }
    node = fold_rows<shape::partial_rows>(op, v, 0, 1, before{members});
    partials += count;
    tickets += groups;
    count = groups;
    index = group;
  }
  if (lane == 0) *result = node;
}

}  // namespace foldgrid::gpu
