// SPDX-License-Identifier: MIT
// The kernels of the verbs: their text, and the sizes that their grids depend on.
#pragma once

#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/detail/device_sources.hpp>
#include <foldgrid/detail/kernel_text.hpp>
#include <foldgrid/detail/least.hpp>

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

/// Bytes that tuning depends on (kernels/foldgrid/tuning.cuh): of the largest thing an element, a leaf or a result is; of the largest
/// element that is read; read for a leaf; of a node of a reduction.
struct leaf_sizes {
  std::size_t widest, element, read, node;
};

/// A node of a reduction in which a call of fail() must keep the operator from what is above: equals kernels/foldgrid/failures.cuh.
template <class T>
struct checked_node {
  T value;
  unsigned long long first;  ///< its first leaf
  unsigned failed;
};
template <class T>
inline constexpr bool is_checked = false;
template <class T>
inline constexpr bool is_checked<checked_node<T>> = true;
template <on_device T>
struct device_name<checked_node<T>> {
  static void write(kernel_text& text) {
    text << "foldgrid::gpu::checked<";
    device_name<T>::write(text);
    text << ">";
  }
};

/// True for functions and operators that may call foldgrid::fail.
template <class F>
inline constexpr bool can_fail = false;
template <class... P>
constexpr bool one_can_fail(std::tuple<P...>*) {
  return (false || ... || can_fail<P>);
}
template <class F>
constexpr bool text_can_fail() {
  if constexpr (F::foldgrid_text.kind == device_text_kind::structure) {
    return false;
  } else {
    return mentions(F::foldgrid_text, "fail") || one_can_fail(static_cast<parameters_t<F>*>(nullptr));
  }
}
template <has_device_text F>
inline constexpr bool can_fail<F> = text_can_fail<F>();
template <class F, class First>
inline constexpr bool can_fail<bound_front<F, First>> = can_fail<F> || can_fail<First>;
/// What a node of type T is on the device in a reduction by Op over what F gives, which may be such nodes already.
template <class T, class Op, class F>
struct node_there {  // built-in operators may be applied to what a function gave that failed: nobody will see it
  using type = std::conditional_t<can_fail<Op> || (can_fail<F> && !has_builtin<Op, T>), checked_node<T>, T>;
};
template <class T, class Op>
struct node_there<checked_node<T>, Op, void> {
  using type = checked_node<T>;
};
template <class T, class Op, class F>
using node_there_t = typename node_there<T, Op, F>::type;

/// A function that returns nothing makes results of one byte, which go nowhere.
template <class T>
inline constexpr std::size_t size_of = sizeof(T);
template <>
inline constexpr std::size_t size_of<void> = 1;

template <class S>
inline constexpr std::size_t bytes_read = 0;
template <class T>
inline constexpr std::size_t bytes_read<array_source<T>> = sizeof(T);
template <class T>
inline constexpr std::size_t bytes_read<arrays_source<T>> = sizeof(T);

/// The sizes of a kernel that makes results, or nodes, of type T from the sources.
template <class T, class... S>
constexpr leaf_sizes sizes_of() {
  std::size_t widest = size_of<T>, element = 0;
  ((widest = most(widest, sizeof(typename S::element)), element = most(element, bytes_read<S>)), ...);
  return {widest, element, (std::size_t{} + ... + bytes_read<S>), size_of<T>};
}

/// What a type is called there, and how it lies here.
struct device_type {
  void (*write)(kernel_text& text) = nullptr;
  std::size_t size = 0, alignment = 0;
};
/// What a kernel does with its leaves.
enum class kernel_kind {
  map,
  reduce,
  threads,  ///< folds nodes of many segments, each by a thread
  warps,    ///< the same, each by a warp
};
/// All that the text of a kernel depends on.
struct kernel_facts {
  kernel_kind kind;
  device_type function;                  ///< none for the elements themselves
  device_type result;                    ///< of a leaf and a node
  device_type value;                     ///< what the function gives, which becomes a leaf
  void (*operation)(kernel_text& text);  ///< null for a map
  void (*const* inputs)(kernel_text& text);
  std::size_t input_count;
  bool notes = false;   ///< failures: then a last parameter, status, is where they go
  device_type stored;   ///< a node in the device's memory: the result, or checked<result>
  bool checks = false;  ///< nodes are checked<>, with or without a function that makes them
};
/// foldgrid_kernel(f, inputs..., base, n, more..., [status]) with, after base and n,
/// map: to; to[i] = f(inputs[i]...)
/// reduce: op, result, partials, tickets; the tree over f(inputs[i]...), or over the one input without a function
/// threads, warps: op, segments, to; nodes of the trees over segments.
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
kernel_facts facts_about(kernel_kind kind) {
  static constexpr void (*inputs[sizeof...(S) + 1])(kernel_text&) = {&S::write...};  // there may be none
  device_type value;
  if constexpr (!std::is_void_v<F>) value = device_type_of<typename leaf_of<F, std::tuple<S...>>::type>();
  return {kind, device_type_of<F>(), device_type_of<T>(), value, nullptr, inputs, sizeof...(S), can_fail<F>, device_type_of<T>()};
}

template <class T, class F, class... S>
kernel_text map_text() {
  return text_of(facts_about<T, F, S...>(kernel_kind::map));
}
template <kernel_kind kind, class T, class Op, class F, class... S>
kernel_text fold_text() {
  using operation = typename operator_on<Op, T>::type;
  using stored = node_there_t<T, Op, F>;
  kernel_facts facts = facts_about<T, F, S...>(kind);
  facts.operation = &device_name<operation>::write;
  facts.notes = can_fail<F> || can_fail<Op>;
  facts.stored = device_type_of<stored>();
  facts.checks = is_checked<stored>;
  return text_of(facts);
}
template <class T, class Op, class F, class... S>
kernel_text reduce_text() {
  return fold_text<kernel_kind::reduce, T, Op, F, S...>();
}

/// The kernel of a call: from its text, unless <foldgrid/cuda.cuh> knows that nvcc compiles it.
template <kernel_kind kind, class T, class Op, class F, class... S>
struct kernel_of_call {
  static constexpr kernel_source made() {
    if constexpr (kind == kernel_kind::map) {
      return {&map_text<T, F, S...>};
    } else {
      return {&fold_text<kind, T, Op, F, S...>};
    }
  }
};

}  // namespace foldgrid::detail
