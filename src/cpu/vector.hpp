// SPDX-License-Identifier: MIT
// Short vectors of numbers by the compilers' vector extension; included by each unit of kernels, in its own namespace.
#pragma once

#include <bit>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace foldgrid::detail {
namespace {

/// `bytes` is the width of a register.
template <class T, std::size_t bytes>
struct vector_of {
  static constexpr std::size_t width = bytes / sizeof(T);
  using type __attribute__((vector_size(bytes))) = T;

  static type load(const T* from) noexcept {
    type v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
  }
  static void store(T* to, type v) noexcept { __builtin_memcpy(to, &v, sizeof v); }

  // Instructions that cross the 16-byte lanes of a register are slow, so neighbours meet in an order of their own: first
  // those in a lane, lane by lane, then whole lanes. After log2(width) levels, `width` registers have become one that
  // holds their totals in order again.
  static constexpr std::size_t lane = 16 / sizeof(T), lanes = bytes / 16;
  static constexpr int lane_levels = std::bit_width(lane) - 1, period = std::bit_width(width) - 1;
  /// Levels to do in registers: a multiple of the period, and no more than 256 bytes at a time, because the hardware's
  /// prefetchers lose a load instruction that strides further (a third of the bandwidth was seen).
  static constexpr int levels = lanes == 1 ? 3 : period;

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

  template <int level, class Op>
  static type neighbours(Op op, type a, type b) noexcept {
    return [&]<std::size_t... K>(std::index_sequence<K...>) {
      return op(__builtin_shufflevector(a, b, pick(level, K, 0)...), __builtin_shufflevector(a, b, pick(level, K, 1)...));
    }(std::make_index_sequence<width>{});
  }

  /// The trees over 2^level neighbouring registers' elements.
  template <int level, class Op>
  static type tree(Op op, const T* x) noexcept {
    if constexpr (level == 0) {
      return load(x);
    } else {
      return neighbours<level - 1>(op, tree<level - 1>(op, x), tree<level - 1>(op, x + (width << (level - 1))));
    }
  }
};

}  // namespace
}  // namespace foldgrid::detail
