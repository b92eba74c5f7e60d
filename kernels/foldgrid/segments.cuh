// SPDX-License-Identifier: MIT
// Many trees in one launch: the rows or the columns of a matrix, or what arrays have at each place. Each segment is cut into nodes of
// 2^level leaves; a thread, or a warp, folds one such node, and where a segment has several a later launch folds those.
#pragma once

namespace foldgrid::gpu {

/// Where leaf k of segment s is found: at s * apart + k * step.
struct segments {
  size count, length;  ///< segments, and leaves of each
  size apart, step;
  size level;  ///< a node has 2^level leaves; the last one of a segment may have fewer
};

/// The nodes to the left that wait for a sibling, largest first: the binary counter of the leaves so far, for at most 2^levels.
template <class T, int levels>
struct waiting_nodes {
  words<T> nodes[levels + 1];
  int count = 0;

  /// The next node, of a level where `index` nodes came before.
  template <class Op>
  FOLDGRID_DEVICE void push(const Op& op, T node, size index) {
    for (; index & 1; index >>= 1) {
      T left = nodes[--count].value();
      fold_right(op, left, node, true);
      node = left;
    }
    nodes[count++] = words<T>::of(node);
  }
  template <class Op>
  FOLDGRID_DEVICE T finish(const Op& op) {
    T node = nodes[--count].value();
    while (count > 0) {
      T left = nodes[--count].value();
      fold_right(op, left, node, true);
      node = left;
    }
    return node;
  }
};

/// to[node * of.count + segment], a node folded by each thread: for short segments, and for those whose neighbours lie side by side.
/// Node n of a segment is that of thread n * of.count + segment, counted from `first_thread` on; `threads` take part in all launches.
template <class Leaves, class Op>
FOLDGRID_DEVICE void fold_by_threads(const Leaves& leaf, const Op& op, segments of, size first_thread, size threads,
                                     typename Leaves::leaf* to) {
  using T = typename Leaves::leaf;
  constexpr int E = sizeof(T) <= 16 ? 8 : sizeof(T) <= 32 ? 4 : 2;
  const size mine = first_thread + static_cast<size>(blockIdx.x) * threads_in_block + threadIdx.x;
  if (mine >= first_thread + threads) return;
  const size segment = mine % of.count, node = mine / of.count, first = node << of.level;
  const size left = of.length - first, count = left < size{1} << of.level ? left : size{1} << of.level;
  const size at = segment * of.apart + first * of.step;
  waiting_nodes<T, most_level(false) - log2_of(E)> tree;
  for (size k = 0; k < count; k += E) {
    typename Leaves::template raw<1> raw[E];
    FOLDGRID_UNROLL
    for (int e = 0; e < E; ++e)
      if (k + static_cast<size>(e) < count) leaf.template fetch_before<1>(at + (k + static_cast<size>(e)) * of.step, 1, raw[e]);
    T x[E];
    FOLDGRID_UNROLL
    for (int e = 0; e < E; ++e) {
      if (k + static_cast<size>(e) < count) {
        x[e] = leaf.value(raw[e], 0, at + (k + static_cast<size>(e)) * of.step);
      } else {
        x[e] = words<T>{}.value();
      }
    }
    fold_neighbours<1>(op, x, 0, before{of_tile(count - k, E)});
    tree.push(op, x[0], k / E);
  }
  to[mine] = tree.finish(op);
}

/// The same by each warp, for longer segments of leaves that lie side by side (of.step is 1).
template <class Leaves, class Op>
FOLDGRID_DEVICE void fold_by_warps(const Leaves& leaf, const Op& op, segments of, size first_warp, size warps, typename Leaves::leaf* to) {
  using T = typename Leaves::leaf;
  using shape = reduce_shape<Leaves>;
  const size mine = first_warp + static_cast<size>(blockIdx.x) * warps_in_block + threadIdx.x / 32;
  if (mine >= first_warp + warps) return;  // uniform in a warp
  const size segment = mine % of.count, node = mine / of.count, first = node << of.level;
  const size left = of.length - first, count = left < size{1} << of.level ? left : size{1} << of.level;
  const size base = segment * of.apart + first;
  const bool aligned = leaf.template aligned<shape::E>(base);
  waiting_nodes<T, most_level(true) - log2_of(shape::in_warp)> tree;
  for (size k = 0; k < count; k += shape::in_warp) {
    const T tile = fold_tile(leaf, op, base + k, of_tile(count - k, shape::in_warp), aligned);
    if (threadIdx.x % 32 == 0) tree.push(op, tile, k / shape::in_warp);
    __syncwarp();
  }
  if (threadIdx.x % 32 == 0) to[mine] = tree.finish(op);
}

}  // namespace foldgrid::gpu
