// SPDX-License-Identifier: MIT
// Map: four packs of neighbours of every input are read before the first is used, results leave as packs too.
#pragma once

namespace foldgrid::gpu {

template <class Leaves>
struct map_shape {
  static constexpr int E = adjacent<Leaves>;
  static constexpr int packs = packs_of(Leaves::widest);
  static constexpr size in_row = threads_in_block * E, in_block = packs * in_row;
  static constexpr int level = log2_of(packs * E);  // leaves of a thread
};

/// to[i] = leaf base + i for n leaves, or, for leaves of type void, only what computing them does. The blocks of threads_in_block, at least
/// ceil(n / map_shape<Leaves>::in_block) of them, share the leaves out among them: 256 to each, or as many times 2^k as there have to be.
template <class Leaves>
FOLDGRID_DEVICE void map(const Leaves& leaf, size base, size n, typename Leaves::leaf* to) {
  using T = typename Leaves::leaf;
  using shape = map_shape<Leaves>;
  constexpr int E = shape::E;
  constexpr bool stores = !is_same<T, void>;
  const size span = static_cast<size>(threads_in_block) << block_level(n, threads_in_block, shape::level), begin = blockIdx.x * span;
  bool fast = span == shape::in_block && begin + span <= n && leaf.template aligned<E>(base);
  if constexpr (stores) fast = fast && is_aligned<E>(static_cast<const T*>(to));
  if (fast) {
    const size first = begin + threadIdx.x * E;
    typename Leaves::template raw<E> raw[shape::packs];
    FOLDGRID_UNROLL
    for (int p = 0; p < shape::packs; ++p) leaf.template fetch<E>(base + first + static_cast<size>(p) * shape::in_row, raw[p]);
    FOLDGRID_UNROLL
    for (int p = 0; p < shape::packs; ++p) {
      const size i = first + static_cast<size>(p) * shape::in_row;
      if constexpr (stores) {
        T x[E];
        FOLDGRID_UNROLL
        for (int e = 0; e < E; ++e) x[e] = leaf.value(raw[p], e, base + i + static_cast<size>(e));
        store<E>(x, to + i);
      } else {
        FOLDGRID_UNROLL
        for (int e = 0; e < E; ++e) leaf.value(raw[p], e, base + i + static_cast<size>(e));
      }
    }
  } else {  // a part of that, or arrays that begin anywhere: neighbouring threads take neighbouring elements
    for (size i = begin + threadIdx.x; i < n && i < begin + span; i += threads_in_block) {
      typename Leaves::template raw<1> one;
      leaf.template fetch_before<1>(base + i, 1, one);
      if constexpr (stores) {
        to[i] = leaf.value(one, 0, base + i);
      } else {
        leaf.value(one, 0, base + i);
      }
    }
  }
}

}  // namespace foldgrid::gpu
