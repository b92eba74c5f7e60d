// SPDX-License-Identifier: MIT
// The kernels of the verbs: their text, and the shape of their grids, which the text checks.
#pragma once

#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/detail/device_sources.hpp>
#include <foldgrid/detail/kernel_text.hpp>

#include <algorithm>
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
  const std::size_t widest = std::max({sizeof(T), sizeof(typename S::element)...});
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
  return {8 * 32 * adjacent * rows_of(adjacent * std::max(sizeof(T), read), read == 0 ? 4 : 8), 32 * rows_of(sizeof(T))};
}

/// The types of a call and `leaf`, which they make, under fixed names.
template <class T, class F, class... S>
void write_types(kernel_text& text) {
  text << "using foldgrid_function = ";
  if constexpr (std::is_void_v<F>) {
    text << "foldgrid::gpu::identity";
  } else {
    device_name<F>::write(text);
  }
  text << ";\nusing foldgrid_result = ";
  device_name<T>::write(text);
  text << ";\n";
  std::size_t k = 0;
  ((text << "using foldgrid_input_" << k++ << " = ", S::write(text), text << ";\n"), ...);
  if constexpr (!std::is_void_v<F>) {
    text << "static_assert(sizeof(foldgrid_function) == " << sizeof(F) << " && alignof(foldgrid_function) == " << alignof(F)
         << ", \"the function's state is laid out differently on the GPU\");\n";
    if (text.is_large()) text << "template <>\nconstexpr bool foldgrid::gpu::is_large<foldgrid_function> = true;\n";
  }
  text << "static_assert(sizeof(foldgrid_result) == " << sizeof(T) << " && alignof(foldgrid_result) == " << alignof(T)
       << ", \"the result is laid out differently on the GPU\");\n"
       << "using foldgrid_leaves = foldgrid::gpu::leaves<foldgrid_result, foldgrid_function";
  for (k = 0; k < sizeof...(S); ++k) text << ", foldgrid_input_" << k;
  text << ">;\n";
  if constexpr (!std::is_void_v<F>) {
    text << "using foldgrid_value = ";
    device_name<typename leaf_of<F, std::tuple<S...>>::type>::write(text);
    text << ";\nstatic_assert(foldgrid::gpu::is_same<foldgrid_value, decltype(foldgrid::gpu::decayed(foldgrid_function{}(";
    for (k = 0; k < sizeof...(S); ++k) text << (k == 0 ? "" : ", ") << "foldgrid::gpu::element_of<foldgrid_input_" << k << ">()";
    text << ")))>, \"the function gives another type on the GPU than on the host\");\n";
  }
}

template <class... S>
void write_parameters(kernel_text& text) {
  text << "extern \"C\" __global__ void __launch_bounds__(256) foldgrid_kernel(foldgrid_function f";
  for (std::size_t k = 0; k < sizeof...(S); ++k) text << ", foldgrid_input_" << k << " x" << k;
  text << ", foldgrid::gpu::size base, foldgrid::gpu::size n";
}
template <class... S>
void write_leaves(kernel_text& text) {
  text << "foldgrid_leaves{f, {";
  for (std::size_t k = 0; k < sizeof...(S); ++k) text << "x" << k << ", {";
  for (std::size_t k = 0; k < sizeof...(S); ++k) text << "}";
  text << "}}";
}

/// foldgrid_kernel(f, inputs..., base, n, to): to[i] = f(inputs[i]...).
template <class T, class F, class... S>
kernel_text map_text() {
  kernel_text text;
  write_types<T, F, S...>(text);
  text << "static_assert(foldgrid::gpu::map_shape<foldgrid_leaves>::in_block == " << map_shape<T, S...>().in_block << ");\n";
  write_parameters<S...>(text);
  text << ", foldgrid_result* to) {\n  foldgrid::gpu::map(";
  write_leaves<S...>(text);
  text << ", base, n, to);\n}\n";
  return text;
}

/// foldgrid_kernel(f, inputs..., base, n, op, result, partials, tickets): the tree over f(inputs[i]...), or over the one input when F
/// is void.
template <class T, class Op, class F, class... S>
kernel_text reduce_text() {
  kernel_text text;
  write_types<T, F, S...>(text);
  text << "using foldgrid_operator = ";
  if constexpr (has_builtin<Op, T>) {
    device_name<builtin_t<Op, T>>::write(text);
  } else {
    device_name<Op>::write(text);
  }
  constexpr kernel_shape shape = reduce_shape<T, S...>();
  text << ";\nstatic_assert(foldgrid::gpu::reduce_shape<foldgrid_leaves>::in_block == " << shape.in_block
       << " && foldgrid::gpu::reduce_shape<foldgrid_leaves>::fan == " << shape.fan << ");\n";
  write_parameters<S...>(text);
  text << ", foldgrid_operator op, foldgrid_result* result, foldgrid_result* partials, unsigned* tickets) {\n  foldgrid::gpu::reduce(";
  write_leaves<S...>(text);
  text << ", op, base, n, result, partials, tickets);\n}\n";
  return text;
}

}  // namespace foldgrid::detail
