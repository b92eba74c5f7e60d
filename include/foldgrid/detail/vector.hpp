// SPDX-License-Identifier: MIT
// Trees in registers: short vectors of numbers by the compilers' vector extension.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

/// Keeps the loop that follows a loop: one that is unrolled far strides too far for the hardware's prefetchers.
#if defined(__clang__)
#define FOLDGRID_DETAIL_ROLLED _Pragma("clang loop unroll(disable)")
#else
#define FOLDGRID_DETAIL_ROLLED _Pragma("GCC unroll 1")
#endif

namespace foldgrid::detail {

/// Asks for what is read some kilobytes later, as many bytes as are read at x now. A loop that computes between its loads looks too short a
/// way ahead by itself: on an Intel Xeon such loops read memory at 0.8 of the rate of one that only reads, and at 0.9 to 1.0 when they
/// asked the second cache level for what comes 8192 bytes later (4096 bytes: 0.85; 512: no gain). With a function between, whatever lies in
/// the third level already came sooner into the first level, 4096 bytes ahead, by a tenth. On an AMD EPYC it gains nothing in memory and
/// costs a quarter to a half in the caches: see gains_by_reading_ahead.
template <std::size_t bytes, bool computes = false>
[[gnu::always_inline]] inline void read_ahead(const void* x) noexcept {
  constexpr std::size_t distance = computes ? 4096 : 8192, line = 64;
  const auto from = reinterpret_cast<std::uintptr_t>(x) + distance;  // may lie behind the array: asking reads nothing
  for (std::size_t k = 0; k < bytes; k += line) __builtin_prefetch(reinterpret_cast<const void*>(from + k), 0, computes ? 3 : 2);
}

/// Operators on vectors and on numbers. Vectors go by reference: how they are passed by value depends on the
/// instruction set, and everything here is inlined anyway.
struct vector_add {
  template <class V>
  [[gnu::always_inline]] static void apply(V& to, const V& a, const V& b) noexcept {
    to = a + b;
  }
};
struct vector_multiply {
  template <class V>
  [[gnu::always_inline]] static void apply(V& to, const V& a, const V& b) noexcept {
    to = a * b;
  }
};

#if !defined(__clang__)
/// Elements by their places in a, b: nvcc's front end garbles __builtin_shufflevector, which g++ knows too, and wants all types to depend
/// on template parameters.
template <class V, class Places>
[[gnu::always_inline]] inline void shuffle(V& to, const V& a, const V& b, const Places& places) noexcept {
  to = __builtin_shuffle(a, b, places);
}
#endif

/// Registers of `bytes` bytes of T.
template <class T, std::size_t bytes>
struct vector_of {
  static constexpr std::size_t width = bytes / sizeof(T);
  using type __attribute__((vector_size(bytes))) = T;

  // Instructions that cross the 16-byte lanes of a register are slow, so neighbours meet in an order of their own: first
  // those in a lane, lane by lane, then whole lanes. After log2(width) levels, `width` registers have become one that
  // holds their totals in order again.
  static constexpr std::size_t lane = 16 / sizeof(T), lanes = bytes / 16;
  static constexpr int lane_levels = std::bit_width(lane) - 1, period = std::bit_width(width) - 1;
  /// Levels to do in registers: a multiple of the period, and no more than 256 bytes at a time, because the hardware's
  /// prefetchers lose a load instruction that strides further (a third of the bandwidth was seen).
  static constexpr int levels = lanes == 1 ? 3 : period;
  /// Elements under one node of that level, and under a register of such nodes.
  static constexpr std::size_t group = std::size_t{1} << levels, step = width * group;

  /// Registers of nodes that are gathered near the processor before they are folded further: while they are, no memory is
  /// read, so the pause must stay shorter than what the processor looks ahead. (Halving a tile of 4096 doubles level by
  /// level reads the third cache level at three quarters of this speed.)
  static constexpr std::size_t near_registers = 16, near_nodes = near_registers * width, block = near_registers * step;

  /// Which element of the concatenation a, b (2 * width elements) operand `odd` of result k is.
  static constexpr int pick(int level, std::size_t k, std::size_t odd) noexcept {
    if (level % period < lane_levels) {
      const std::size_t in_lane = k % lane, from = in_lane < lane / 2 ? 0 : width;
      return static_cast<int>(from + k / lane * lane + in_lane % (lane / 2) * 2 + odd);
    }
    constexpr std::size_t half = lanes > 1 ? lanes / 2 : 1;
    const std::size_t to = k / lane, from = to < half ? 0 : width;
    return static_cast<int>(from + (to % half * 2 + odd) * lane + k % lane);
  }

  /// Those elements of the concatenation a, b.
  template <int... indices>
  [[gnu::always_inline]] static void gather(type& to, const type& a, const type& b) noexcept {
#if defined(__clang__)
    to = __builtin_shufflevector(a, b, indices...);
#else
    shuffle(to, a, b, decltype(type{} < type{}){indices...});
#endif
  }

  /// v[0] becomes the trees over the 2^(level - done) registers at v, which are nodes of level `done`.
  template <int done, int level, class Op, std::size_t... K>
  [[gnu::always_inline]] static void halve(type* v, Op op, std::index_sequence<K...> all) noexcept {
    if constexpr (level > done) {
      type* const right = v + (std::size_t{1} << (level - done - 1));
      halve<done, level - 1>(v, op, all);
      halve<done, level - 1>(right, op, all);
      type a, b;
      gather<pick(level - 1, K, 0)...>(a, v[0], right[0]);
      gather<pick(level - 1, K, 1)...>(b, v[0], right[0]);
      op.apply(v[0], a, b);
    }
  }

  /// The nodes of `levels` over the `step` elements at x, `width` of them, to `to`.
  template <class Op>
  [[gnu::always_inline]] static void fold(Op op, const T* x, T* to) noexcept {
    type v[group];
    load(v, x, std::make_index_sequence<group>{});
    halve<0, levels>(v, op, std::make_index_sequence<width>{});
    __builtin_memcpy(to, &v[0], bytes);
  }

  /// The tree over the m nodes at x, m a power of two, at least `width`, known to the compiler; x is used up.
  template <std::size_t m, class Op>
  [[gnu::always_inline]] static T fold_all(Op op, T* x) noexcept {
    if constexpr (m >= step) {
      for (std::size_t k = 0; k < m / step; ++k) fold(op, static_cast<const T*>(x) + k * step, x + k * width);
      return fold_all<m / group>(op, x);
    } else if constexpr (m > 1) {
      for (std::size_t k = 0; k < m / 2; ++k) op.apply(x[k], x[2 * k], x[2 * k + 1]);
      return fold_all<m / 2>(op, x);
    } else {
      return x[0];
    }
  }

  /// Registers that are read together: their nodes of two levels are one register.
  static constexpr std::size_t quad = 4;
  [[gnu::always_inline]] static void load_quad(type* v, const T* x) noexcept { load(v, x, std::make_index_sequence<quad>{}); }

  /// The nodes of 2 * levels over that many blocks, more than 0, near_nodes / group of each, to `to`; get(k, v) gives the k-th quad.
  /// Quads overlap: while one is read, the one before is halved and the one before that is halved again. What has to wait for another
  /// instruction then waits in a register, not in the processor's queues, which are too short to see past it.
  template <class Op, class Get>
  [[gnu::always_inline]] static void fold_blocks(Op op, std::size_t blocks, Get&& get, T* to) {
    constexpr std::size_t last = quads == 1 ? 2 : 1;  // registers whose quads have all been read before their turn comes, or half of them
    alignas(64) T near[near_nodes];
    type leaves[quad], halves[2];  // the quad read last, and the one before it, halved; as two arrays, g++ keeps them in registers
    get(0, leaves);
    halve_quad(op, leaves, halves);
    get(1, leaves);
    for (std::size_t b = 0; b < blocks; ++b, to += near_nodes / group) {
      const std::size_t next = b * near_registers * quads + quads_ahead, count = near_registers - (b + 1 == blocks ? last : 0);
      FOLDGRID_DETAIL_ROLLED
      for (std::size_t k = 0; k < count; ++k) fold_register<quads, quads>(op, leaves, halves, get, next + k * quads, near + k * width);
      if (count != near_registers) {
        T* const at = near + count * width;
        if constexpr (quads == 1) {
          fold_register<0, 1>(op, leaves, halves, get, 0, at);
          fold_register<0, 0>(op, leaves, halves, get, 0, at + width);
        } else {
          fold_register<quads - quads_ahead, quads - 1>(op, leaves, halves, get, next + count * quads, at);
        }
      }
      for (std::size_t k = 0; k < near_registers / group; ++k) fold(op, static_cast<const T*>(near) + k * step, to + k * width);
    }
  }

 private:
  static constexpr std::size_t quads = group / quad, quads_ahead = 2;
  template <class Op>
  [[gnu::always_inline]] static void halve_quad(Op op, type* leaves, type* halves) noexcept {
    constexpr auto all = std::make_index_sequence<width>{};
    halve<0, 1>(leaves, op, all);
    halve<0, 1>(leaves + 2, op, all);
    halves[0] = leaves[0];
    halves[1] = leaves[2];
  }
  /// The next register of nodes, to `to`; meanwhile the first `reads` of its turns read quads, from the one numbered `next` on, and the
  /// first `halvings` halve those that were read.
  template <std::size_t reads, std::size_t halvings, class Op, class Get>
  [[gnu::always_inline]] static void fold_register(Op op, type* leaves, type* halves, Get&& get, std::size_t next, T* to) {
    fold_register<reads, halvings>(op, leaves, halves, get, next, to, std::make_index_sequence<quads>{});
  }
  template <std::size_t reads, std::size_t halvings, class Op, class Get, std::size_t... turn>
  [[gnu::always_inline]] static void fold_register(Op op, type* leaves, type* halves, Get&& get, std::size_t next, T* to,
                                                   std::index_sequence<turn...>) {
    type quarters[quads];
    (fold_quad<(turn < reads), (turn < halvings)>(op, leaves, halves, get, next + turn, quarters[turn]), ...);
    halve<2, levels>(quarters, op, std::make_index_sequence<width>{});
    __builtin_memcpy(to, &quarters[0], bytes);
  }
  template <bool reads, bool halving, class Op, class Get>
  [[gnu::always_inline]] static void fold_quad(Op op, type* leaves, type* halves, Get&& get, std::size_t next, type& to) {
    halve<1, 2>(halves, op, std::make_index_sequence<width>{});
    to = halves[0];
    if constexpr (halving) halve_quad(op, leaves, halves);
    if constexpr (reads) get(next, leaves);
  }
  template <std::size_t... K>
  [[gnu::always_inline]] static void load(type* v, const T* x, std::index_sequence<K...>) noexcept {
    (load_one(v[K], x + K * width), ...);  // no loop: it would keep v in memory
  }
  [[gnu::always_inline]] static void load_one(type& v, const T* x) noexcept {
    __builtin_memcpy(&v, x, bytes);
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(__NO_INLINE__) && !defined(__clang__)
    // g++ would rather read it again in every instruction that wants it, and an array seldom starts where 32 bytes are
    // read at full speed
    asm("" : "+x"(v));
#endif
  }
};

}  // namespace foldgrid::detail
