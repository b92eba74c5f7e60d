// SPDX-License-Identifier: MIT
// Calls that can go to a GPU: which they are, and how they are handed to the core.
#pragma once

#include <foldgrid/detail/call.hpp>
#include <foldgrid/detail/device_kernels.hpp>
#include <foldgrid/detail/items.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace foldgrid::detail {

namespace cuda {
class device_object;
}

/// One kernel, where it runs and what it is called with.
struct device_launch {
  kernel_text (*text)();  ///< makes its text; the same function for the same kernel
  kernel_shape shape;
  std::size_t n;
  bool copies_in = false;     ///< some inputs lie in the host's memory
  bool results_stay = false;  ///< so little comes back that copying it costs nothing
  bool resident = false;      ///< inputs and results lie on the GPU: the call belongs there
  bool holds_view = false;    ///< so does a call whose function reads a device_array
  cuda::device_object* device{};
  kernel_arguments arguments{};  ///< the function and the inputs
  /// Reductions: left = op(left, right), on the host. Null when the operator calls libm, whose digits are the GPU's.
  void (*combine)(const void* op, void* left, const void* right) = nullptr;
};

/// Chooses the launch's device before anything is packed; allocates nothing. False when the call stays on the CPU: the executor has no GPU,
/// or the call is not worth it; the call's report then says so. Throws backend_unavailable under backend::gpu when there is none. Opens no
/// driver for a small call.
FOLDGRID_API bool goes_to_device(call& of, device_launch& launch);

// map_on_device, reduce_on_device: the call's work on the device chosen. False when the function does not compile for it under
// automatic, which leaves the call to the CPU; under backend::gpu they throw instead. Block.

/// Writes n elements of element_bytes to `out`: in the host's memory, or, when the call is resident, on the device.
FOLDGRID_API bool map_on_device(call& of, device_launch& launch, void* out, std::size_t element_bytes);
/// Writes the tree's value to `result`; `op` is the operator's state. n must not be 0.
FOLDGRID_API bool reduce_on_device(call& of, device_launch& launch, const void* op, void* result, std::size_t result_bytes);

/// True for functions whose state holds a view: of a device_array, so the call belongs where that lies.
template <class F>
inline constexpr bool holds_view = false;
template <has_device_text F>
inline constexpr bool holds_view<F> = std::string_view(F::foldgrid_text.state).find("view<") != std::string_view::npos;
template <class F, class First>
inline constexpr bool holds_view<bound_front<F, First>> = holds_view<F> || holds_view<First>;

template <class R, class F, class Sources>
inline constexpr bool gives_on_device = false;
template <class R, class F, class... S>
  requires std::invocable<const F&, const typename S::element&...>
inline constexpr bool gives_on_device<R, F, std::tuple<S...>> =
    std::same_as<R, std::decay_t<std::invoke_result_t<const F&, const typename S::element&...>>>;

/// f(sources...) with results of type R can be a kernel: f has a text (or is built in) and is called with the elements themselves.
template <class R, class F, class Sources>
concept kernel_over = on_device<std::remove_cvref_t<F>> && on_device<R> && gives_on_device<R, F, Sources>;
/// map(f, xs...) can be one: the inputs lie flat or are computed from the index.
template <class R, class F, class... X>
concept maps_on_device = (has_sources<X> && ...) && kernel_over<R, F, all_sources_t<X...>>;
/// starmap takes only rows apart that the GPU sees as several sources: the points of a grid.
template <bool unpack, class... X>
concept takes_elements = !unpack || (std::tuple_size_v<all_sources_t<X...>> > 1);
/// The tree over leaves of type A can be a kernel.
template <class A, class Op>
concept reduces_on_device = on_device<A> && (has_builtin<Op, A> || on_device<Op>);

template <class F, class... S>
kernel_arguments pack_arguments(const F& f, const std::tuple<S...>& sources) {
  kernel_arguments arguments;
  arguments.begin(alignof(F));
  arguments.append(f);
  std::apply([&](const auto&... each) { ((arguments.begin(S::alignment), each.pack(arguments)), ...); }, sources);
  return arguments;
}

/// to[i] = f(sources[i]...) on a GPU, where `to` also is when the call is resident; false when the CPU has to do it.
template <class R, class F, class... S>
bool launch_map(call& of, const F& f, const std::tuple<S...>& sources, std::size_t n, R* to, bool resident = false) {
  device_launch launch{.text = &map_text<R, F, S...>,
                       .shape = map_shape<R, S...>(),
                       .n = n,
                       .copies_in = (is_copied<S> || ...),
                       .resident = resident,
                       .holds_view = holds_view<F>};
  if (!goes_to_device(of, launch)) return false;
  launch.arguments = pack_arguments(f, sources);
  return map_on_device(of, launch, to, sizeof(R));
}
template <class R, class F, class... X>
bool try_map_on_device(call& of, const F& f, std::size_t n, R* to, const X&... inputs) {
  return launch_map(of, f, std::tuple_cat(sources_of(inputs, n)...), n, to);
}

template <class A, class Op>
void combine_values(const void* op, void* left, const void* right) {
  A both[2];
  __builtin_memcpy(&both[0], left, sizeof(A));
  __builtin_memcpy(&both[1], right, sizeof(A));
  A value = [&] {
    if constexpr (has_builtin<Op, A>) {
      return fold(builtin_t<Op, A>{}, static_cast<const A*>(both), 2);
    } else {
      return static_cast<A>((*static_cast<const Op*>(op))(std::as_const(both[0]), std::as_const(both[1])));
    }
  }();
  __builtin_memcpy(left, &value, sizeof(A));
}
template <class Op>
bool calls_libm() {
  kernel_text text;
  device_name<Op>::write(text);
  return text.calls_libm();
}

struct no_function {};
/// The tree over f(sources[i]...), or the elements themselves when F is no_function, on a GPU; nothing when the CPU has to do it.
template <class A, class Op, class F, class... S>
std::optional<A> launch_reduce(call& of, const F& f, const Op& op, const std::tuple<S...>& sources, std::size_t n, bool resident = false) {
  using named_function = std::conditional_t<std::same_as<F, no_function>, void, F>;
  device_launch launch{.text = &reduce_text<A, Op, named_function, S...>,
                       .shape = reduce_shape<A, S...>(),
                       .n = n,
                       .copies_in = (is_copied<S> || ...),
                       .results_stay = true,
                       .resident = resident,
                       .holds_view = holds_view<F>};
  if (n == 0 || !goes_to_device(of, launch)) return std::nullopt;
  launch.arguments = pack_arguments(f, sources);
  if constexpr (has_builtin<Op, A>) {
    launch.combine = &combine_values<A, Op>;
  } else if (!calls_libm<Op>()) {
    launch.combine = &combine_values<A, Op>;
  }
  alignas(A) unsigned char result[sizeof(A)];
  if (!reduce_on_device(of, launch, &op, result, sizeof(A))) return std::nullopt;
  A value;
  __builtin_memcpy(&value, result, sizeof(A));
  return value;
}
template <class A, class F, class Op, class... X>
std::optional<A> try_reduce_on_device(call& of, const F& f, const Op& op, std::size_t n, const X&... inputs) {
  return launch_reduce<A>(of, f, op, std::tuple_cat(sources_of(inputs, n)...), n);
}

}  // namespace foldgrid::detail
