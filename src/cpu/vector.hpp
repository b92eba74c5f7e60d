// SPDX-License-Identifier: MIT
// Short vectors of numbers by the compilers' vector extension: the one place that names a vector width.
#pragma once

#include <cstddef>
#include <cstring>
#include <utility>

namespace foldgrid::detail {

template <class T>
struct vector_of {
  static constexpr std::size_t width = 16 / sizeof(T);
  using type __attribute__((vector_size(16))) = T;

  static type load(const T* from) noexcept {
    type v;
    std::memcpy(&v, from, sizeof v);
    return v;
  }
  static void store(T* to, type v) noexcept { std::memcpy(to, &v, sizeof v); }

  /// op over neighbours of the concatenation a, b: (op(a0, a1), op(a2, a3), ..., op(b0, b1), ...).
  template <class Op>
  static type neighbours(Op op, type a, type b) noexcept {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return op(__builtin_shufflevector(a, b, (2 * I)...), __builtin_shufflevector(a, b, (2 * I + 1)...));
    }(std::make_index_sequence<width>{});
  }
};

}  // namespace foldgrid::detail
