// SPDX-License-Identifier: MIT
// Calls that can go to a GPU: which they are, and how they are handed to the core.
#pragma once

#include <foldgrid/detail/call.hpp>
#include <foldgrid/detail/device_kernels.hpp>
#include <foldgrid/detail/device_nodes.hpp>
#include <foldgrid/detail/items.hpp>
#include <foldgrid/detail/views.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail {

namespace cuda {
class device_object;
}

/// The bytes of a function's state, which say how long it takes when it has a loop.
struct state_bytes {
  const void* at = nullptr;
  std::size_t size = 0;
};
template <class F>
state_bytes state_of(const F& f) {
  if constexpr (std::is_empty_v<F>) return {};
  return {std::addressof(f), sizeof(F)};
}

/// One kernel, where it runs and what it is called with.
struct device_launch {
  kernel_source text;
  leaf_sizes sizes;
  std::size_t n;
  std::size_t bytes_in = 0;      ///< of inputs that lie in the host's memory
  std::size_t bytes_out = 0;     ///< of results that belong there
  std::size_t bytes_moved = 0;   ///< read and written by the function, wherever it runs
  bool gives_value = false;      ///< a reduction
  bool resident = false;         ///< inputs and results lie on the GPU: the call belongs there
  bool notes = false;            ///< the kernel notes failures
  bool may_be_captured = false;  ///< what it writes lies in the caller's memory on the GPU: it can be part of a CUDA graph
  state_bytes states[2] = {};    ///< of function and operator
  std::size_t leaves_of_item = 1;
  bool begun = false;   ///< part of it has been done, and may have changed what the rest reads
  view_places views{};  ///< that the function reads
  cuda::device_object* device{};
  kernel_arguments arguments{};  ///< the function and the inputs
  /// Reductions: left = op(left, right), on the host. Null when the operator calls libm, whose digits are the GPU's, or reads what is
  /// there.
  void (*combine)(call& of, const void* op, void* left, const void* right) = nullptr;
};

/// Chooses the launch's device before anything is packed; allocates nothing. False when the call stays on the CPU: the executor has no GPU,
/// or the call is not worth it; the call's report then says so. Throws backend_unavailable under backend::gpu when there is none,
/// broken_executor when it was lost. Opens no driver for a small call.
FOLDGRID_API bool goes_to_device(call& of, device_launch& launch);

/// The least number of items for which a call of map with a function of this text, null for one that has none, may be work for the engine's
/// GPU: all of backend::gpu, many of automatic, `call::unknown` for none. Opens the driver for functions that are worth it.
FOLDGRID_API std::size_t least_to_leave(engine& where, kernel_text (*text)());

/// How a call fares on a device.
enum class fate {
  left,   ///< to the CPU, under automatic: the function does not compile there, or the memory is full
  ended,  ///< stopped, out of time, or something failed, as the call knows: there is no result
  done,
};

// map_on_device, reduce_on_device, reduce_into_device, fold_segments_on_device: the call's work on the device chosen. Under backend::gpu
// they throw where the call would be left to the CPU otherwise. A lost device is broken_executor. Block.

/// Writes n elements of element_bytes to `out`: in the host's memory, or, when the call is resident, on the device. element_bytes is 0
/// for a function that returns nothing.
FOLDGRID_API fate map_on_device(call& of, device_launch& launch, void* out, std::size_t element_bytes);
/// Writes the tree's value to `result`; `op` is the operator's state. n must not be 0.
FOLDGRID_API fate reduce_on_device(call& of, device_launch& launch, const void* op, void* result, std::size_t result_bytes);

/// The same by one launch to `to` in the caller's memory on the GPU.
FOLDGRID_API fate reduce_into_device(call& of, device_launch& launch, const void* op, void* to, std::size_t result_bytes);

/// Many trees over what a launch reads: leaf k of segment s is the one with index s * apart + k * step. Equals
/// kernels/foldgrid/segments.cuh.
struct segments {
  unsigned long long count, length, apart, step;
  unsigned long long level = 0;  ///< of the nodes that one launch folds; chosen by the core
};
/// The texts beside the launch's own, which folds nodes of leaves by threads.
struct segment_texts {
  kernel_source by_warps;  ///< the same by warps, for longer segments of neighbours
  kernel_source of_nodes;  ///< folds nodes of nodes
};
/// Writes the value of each segment to `results`.
FOLDGRID_API fate fold_segments_on_device(call& of, device_launch& launch, segment_texts texts, segments over, const void* op,
                                          void* results, std::size_t result_bytes);

template <class R, class F, class Sources>
inline constexpr bool gives_on_device = false;
template <class R, class F, class... S>
  requires std::invocable<const F&, const typename S::element&...>
inline constexpr bool gives_on_device<R, F, std::tuple<S...>> =
    std::same_as<R, std::decay_t<std::invoke_result_t<const F&, const typename S::element&...>>>;

struct no_function {};

/// Functions and operators of the library, which nvcc and NVRTC know.
template <class F>
concept of_library = std::same_as<F, no_function> || (on_device<F> && !has_device_text<F> && !is_bound_front<F>);
template <class Sources>
inline constexpr bool reads_compiled = false;
template <class... S>
inline constexpr bool reads_compiled<std::tuple<S...>> = (is_compiled<S> || ...);
/// Functions and operators that nvcc compiles in the user's unit, or the library's beside a function, operator or input that it does.
template <class Sources, class... F>
concept by_nvcc = (is_compiled<F> || ... || reads_compiled<Sources>) && ((is_compiled<F> || of_library<F>) && ...);
/// None of them is known to nvcc alone.
template <class Sources, class... F>
concept by_text = !(is_compiled<F> || ... || reads_compiled<Sources>) && ((std::same_as<F, no_function> || on_device<F>) && ...);

/// f(sources...) with results of type R can be a kernel: f has a text (or is built in), or nvcc compiles it, and is called with the
/// elements themselves.
template <class R, class F, class Sources>
concept kernel_over = ((by_text<Sources, std::remove_cvref_t<F>> && (on_device<R> || std::is_void_v<R>)) ||
                       (by_nvcc<Sources, std::remove_cvref_t<F>> && (std::is_trivially_copyable_v<R> || std::is_void_v<R>))) &&
                      gives_on_device<R, F, Sources>;  // last: a generic lambda of the host may not compile with constants
/// map(f, xs...) can be one: the inputs lie flat or are computed from the index.
template <class R, class F, class... X>
concept maps_on_device = (has_sources<X> && ...) && kernel_over<R, F, all_sources_t<X...>>;
/// starmap takes only rows apart that the GPU sees as several sources: the points of a grid.
template <bool unpack, class... X>
concept takes_elements = !unpack || (std::tuple_size_v<all_sources_t<X...>> > 1);
/// The tree over leaves of type A, which F makes of the sources, can be a kernel.
template <class A, class Op, class F = no_function, class Sources = std::tuple<>>
concept reduces_on_device = (on_device<A> && (has_builtin<Op, A> || by_text<Sources, Op>) && by_text<Sources, F>) ||
                            (std::is_trivially_copyable_v<A> && by_nvcc<Sources, F, Op>);

template <class F, class... S>
kernel_arguments pack_arguments(const F& f, const std::tuple<S...>& sources) {
  kernel_arguments arguments;
  arguments.begin(alignof(F));
  if constexpr (is_compiled<F>) {
    arguments.append_as_it_lies(f);
  } else {
    arguments.append(f);
  }
  std::apply([&](const auto&... each) { ((arguments.begin(S::alignment), each.pack(arguments)), ...); }, sources);
  return arguments;
}

template <class... S>
std::size_t bytes_in(const std::tuple<S...>& sources) {
  return std::apply([](const auto&... each) { return (std::size_t{} + ... + bytes_copied(each)); }, sources);
}
/// Bytes of a result: none of a function that returns nothing.
template <class R>
inline constexpr std::size_t bytes_written = std::is_void_v<R> ? 0 : size_of<R>;

/// to[i] = f(sources[i]...) on a GPU, where `to` also is when the call is resident; after what the caller's stream `after` holds, if any.
template <class R, class F, class... S>
fate launch_map(call& of, const F& f, const std::tuple<S...>& sources, std::size_t n, R* to, bool resident = false, void* after = nullptr) {
  device_launch launch{.text = kernel_of_call<kernel_kind::map, R, void, F, S...>::made(),
                       .sizes = sizes_of<R, S...>(),
                       .n = n,
                       .bytes_in = bytes_in(sources),
                       .bytes_out = resident ? 0 : n * bytes_written<R>,
                       .bytes_moved = n * (bytes_written<R> + ... + bytes_read<S>),
                       .resident = resident,
                       .notes = can_fail<F>,
                       .states = {state_of(f)},
                       .views = places_of_views(f)};
  if (!goes_to_device(of, launch)) return fate::left;
  launch.arguments = pack_arguments(f, sources);
  if (after != nullptr) {
    launch.arguments.start_after(after);
    launch.may_be_captured = true;
  }
  if constexpr (std::is_void_v<R>) {
    return map_on_device(of, launch, nullptr, 0);
  } else {
    return map_on_device(of, launch, to, sizeof(R));
  }
}
/// True when the call's work is done, or ended, on a GPU; false when the CPU has to do it.
template <class R, class F, class... X>
bool map_there(call& of, const F& f, std::size_t n, R* to, const X&... inputs) {
  return launch_map(of, f, std::tuple_cat(sources_of(inputs, n)...), n, to) != fate::left;
}

/// What a reduction on a GPU gave: nothing when it ended before.
template <class T>
struct there {
  fate how = fate::left;
  std::optional<T> value{};
};
template <class F>
using function_or_void = std::conditional_t<std::same_as<F, no_function>, void, F>;

/// What launch_reduce and launch_segments have in common.
template <class A, class Op, class F, class... S>
device_launch fold_launch(kernel_source text, const F& f, const Op& op, const std::tuple<S...>& sources, std::size_t n, bool resident) {
  using stored = node_there_t<A, Op, function_or_void<F>>;
  return {.text = text,
          .sizes = sizes_of<stored, S...>(),
          .n = n,
          .bytes_in = bytes_in(sources),
          .bytes_moved = n * (std::size_t{} + ... + bytes_read<S>),
          .gives_value = true,
          .resident = resident,
          .notes = can_fail<F> || can_fail<Op>,
          .states = {state_of(f), state_of(op)},
          .views = places_of_views(f, op)};
}

/// The tree over f(sources[i]...), or the elements themselves when F is no_function, on a GPU.
template <class A, class Op, class F, class... S>
there<A> launch_reduce(call& of, const F& f, const Op& op, const std::tuple<S...>& sources, std::size_t n, bool resident = false) {
  using stored = node_there_t<A, Op, function_or_void<F>>;
  device_launch launch =
      fold_launch<A, Op>(kernel_of_call<kernel_kind::reduce, A, Op, function_or_void<F>, S...>::made(), f, op, sources, n, resident);
  if (n == 0 || !goes_to_device(of, launch)) return {};
  launch.arguments = pack_arguments(f, sources);
  if constexpr (has_builtin<Op, A>) {
    launch.combine = &combine_there<stored, Op>::run;
  } else if constexpr (!is_compiled<Op>) {  // whether that calls libm is not known
    if (places_of_views(op).here && !calls_libm<Op>()) launch.combine = &combine_there<stored, Op>::run;
  }
  stored result{};
  const fate how = reduce_on_device(of, launch, &op, &result, sizeof result);
  if (how != fate::done || has_failed(result)) return {how};
  return {how, value_in(result)};
}
/// The tree over the elements, to `to` on the GPU after what the caller's stream `after` holds.
template <class A, class Op, class... S>
fate launch_reduce_into(call& of, const Op& op, const std::tuple<S...>& sources, std::size_t n, A* to, void* after) {
  device_launch launch =
      fold_launch<A, Op>(kernel_of_call<kernel_kind::reduce, A, Op, void, S...>::made(), no_function{}, op, sources, n, true);
  if (!goes_to_device(of, launch)) return fate::left;
  launch.arguments = pack_arguments(no_function{}, sources);
  launch.arguments.start_after(after);
  launch.may_be_captured = true;
  return reduce_into_device(of, launch, &op, to, sizeof(A));
}
template <class A, class F, class Op, class... X>
there<A> reduce_there(call& of, const F& f, const Op& op, std::size_t n, const X&... inputs) {
  return launch_reduce<A>(of, f, op, std::tuple_cat(sources_of(inputs, n)...), n);
}

/// The trees over segments of what the source gives, on a GPU.
template <class A, class Op, class S>
there<std::vector<A>> launch_segments(call& of, const Op& op, const S& source, std::size_t n, segments over, std::size_t leaves_of_item = 1,
                                      bool resident = false) {
  using stored = node_there_t<A, Op, void>;
  const std::tuple<S> sources(source);
  device_launch launch =
      fold_launch<A, Op>(kernel_of_call<kernel_kind::threads, A, Op, void, S>::made(), no_function{}, op, sources, n, resident);
  launch.leaves_of_item = leaves_of_item;
  if (n == 0 || !goes_to_device(of, launch)) return {};
  launch.arguments = pack_arguments(no_function{}, sources);
  const segment_texts texts{kernel_of_call<kernel_kind::warps, A, Op, void, S>::made(),
                            kernel_of_call<kernel_kind::threads, stored, Op, void, array_source<stored>>::made()};
  std::vector<stored> results(static_cast<std::size_t>(over.count));
  const fate how = fold_segments_on_device(of, launch, texts, over, &op, results.data(), sizeof(stored));
  if (how != fate::done) return {how};
  if constexpr (std::same_as<stored, A>) {
    return {how, std::move(results)};
  } else {
    std::vector<A> values;
    values.reserve(results.size());
    for (const stored& each : results) values.push_back(each.value);
    return {how, std::move(values)};
  }
}

}  // namespace foldgrid::detail
