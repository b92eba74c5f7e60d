// SPDX-License-Identifier: MIT
// Functions and operators that may call foldgrid::fail: what they tell is noted by index, and nothing is computed from a failed node.
#pragma once

namespace foldgrid::gpu {

/// What the calling thread's function told: 0 for nothing, else the code in the low 16 bits and a 1 above.
FOLDGRID_DEVICE unsigned& told() {
  FOLDGRID_SHARED(unsigned, codes, threads_in_block);
  return codes[threadIdx.x];
}

/// Notes a failure: the status word keeps the smallest index, in its upper 48 bits, and the code told there.
FOLDGRID_DEVICE void note(size* status, size index, unsigned code) { FOLDGRID_ATOMIC_MIN(status, index << 16 | (code & 0xffffu)); }

/// A node that knows whether something in it failed, and the index of its first leaf.
template <class T>
struct checked {
  T value;
  size first;
  unsigned failed;
};

/// Leaves whose failures are noted.
template <class Leaves>
struct noting_leaves : Leaves {
  size* status;

  template <class Raw>
  FOLDGRID_DEVICE auto value(const Raw& from, int e, size i) const {
    told() = 0;
    if constexpr (is_same<typename Leaves::leaf, void>) {
      Leaves::value(from, e, i);
      if (told() != 0) note(status, i, told());
    } else {
      const typename Leaves::leaf made = Leaves::value(from, e, i);
      if (told() != 0) note(status, i, told());
      return made;
    }
  }
};

/// The same as leaves of a tree.
template <class Leaves>
struct checked_leaves : noting_leaves<Leaves> {
  using leaf = checked<typename Leaves::leaf>;
  static constexpr int widest = larger(Leaves::widest, sizeof(leaf));

  template <class Raw>
  FOLDGRID_DEVICE leaf value(const Raw& from, int e, size i) const {
    leaf made = {noting_leaves<Leaves>::value(from, e, i), i, 0};
    made.failed = told() != 0;
    return made;
  }
};

template <class Op>
struct checked_operator {
  Op op;
  size* status;

  template <class T>
  FOLDGRID_DEVICE checked<T> operator()(const checked<T>& a, const checked<T>& b) const {
    if (a.failed != 0 || b.failed != 0) return {a.value, a.first, 1};
    told() = 0;
    checked<T> made = {static_cast<T>(op(a.value, b.value)), a.first, 0};
    if (told() != 0) note(status, a.first, told());
    made.failed = told() != 0;
    return made;
  }
};

}  // namespace foldgrid::gpu
