// SPDX-License-Identifier: MIT
// The kernels of the verbs: their text, and the shape of their grids, which the text checks.
#pragma once

#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/detail/device_sources.hpp>
#include <foldgrid/detail/kernel_text.hpp>
#include <foldgrid/detail/least.hpp>

#include <bit>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>

namespace foldgrid::detail {

/// What F(sources...) gives there.
template <class F, class Sources>
struct leaf_of;
template <class F, class... S>
struct leaf_of<F, std::tuple<S...>> {
  using type = std::decay_t<std::invoke_result_t<const F&, const typename S::element&...>>;
};

/// How a kernel cuts its leaves into blocks of 256 threads; equals kernels/foldgrid/{map,tree_reduce}.cuh, whose text asserts it.
struct kernel_shape {
  std::size_t in_block;  ///< leaves of a block
  std::size_t fan = 0;   ///< reductions: partials that one warp folds
};

template <class T, class... S>
constexpr std::size_t adjacent_leaves() {
  const std::size_t widest = [] {
    std::size_t found = sizeof(T);
    ((found = most(found, sizeof(typename S::element))), ...);
    return found;
  }();
  return widest <= 8 && std::has_single_bit(widest) ? 16 / widest : 1;
}
template <class S>
inline constexpr std::size_t bytes_read = 0;
template <class T>
inline constexpr std::size_t bytes_read<array_source<T>> = sizeof(T);

constexpr std::size_t rows_of(std::size_t bytes_in_lane, std::size_t most = 8) {
  std::size_t rows = most;
  while (rows > 1 && rows * bytes_in_lane > 128) rows /= 2;
  return rows;
}

template <class T, class... S>
constexpr kernel_shape map_shape() {
  return {4 * 256 * adjacent_leaves<T, S...>()};
}
template <class T, class... S>
constexpr kernel_shape reduce_shape() {
  const std::size_t adjacent = adjacent_leaves<T, S...>(), read = (std::size_t{} + ... + bytes_read<S>);
  return {8 * 32 * adjacent * rows_of(adjacent * most(sizeof(T), read), read == 0 ? 4 : 8), 32 * rows_of(sizeof(T))};
}

/// What a type is called there, and how it lies here.
struct device_type {
  void (*write)(kernel_text& text) = nullptr;
  std::size_t size = 0, alignment = 0;
};
/// All that the text of a kernel depends on.
struct kernel_facts {
  device_type function;  ///< none for the elements themselves
  device_type result, value;
  void (*operation)(kernel_text& text);  ///< null for a map
  void (*const* inputs)(kernel_text& text);
  std::size_t input_count;
  kernel_shape shape;
};
/// foldgrid_kernel(f, inputs..., base, n, to): to[i] = f(inputs[i]...). With an operation foldgrid_kernel(f, inputs..., base, n, op,
/// result, partials, tickets): the tree over f(inputs[i]...), or over the one input without a function.
FOLDGRID_API kernel_text text_of(const kernel_facts& facts);

template <class T>
constexpr device_type device_type_of() {
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return {&device_name<T>::write, sizeof(T), alignof(T)};
  }
}
template <class T, class F, class... S>
kernel_facts facts_about(void (*operation)(kernel_text&), kernel_shape shape) {
  static constexpr void (*inputs[])(kernel_text&) = {&S::write...};
  device_type value;
  if constexpr (!std::is_void_v<F>) value = device_type_of<typename leaf_of<F, std::tuple<S...>>::type>();
  return {device_type_of<F>(), device_type_of<T>(), value, operation, inputs, sizeof...(S), shape};
}

template <class T, class F, class... S>
kernel_text map_text() {
  return text_of(facts_about<T, F, S...>(nullptr, map_shape<T, S...>()));
}
template <class T, class Op, class F, class... S>
kernel_text reduce_text() {
  using operation = std::conditional_t<has_builtin<Op, T>, builtin_t<Op, T>, Op>;
  return text_of(facts_about<T, F, S...>(&device_name<operation>::write, reduce_shape<T, S...>()));
}

}  // namespace foldgrid::detail
