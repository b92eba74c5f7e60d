// SPDX-License-Identifier: MIT
// reduce and map_reduce: which way a reduction goes.
#pragma once

#include <foldgrid/detail/fold.hpp>
#include <foldgrid/detail/fold_source.hpp>
#include <foldgrid/detail/map.hpp>
#include <foldgrid/detail/matrix.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

namespace foldgrid::detail {

template <class A, class X>
using accumulator_t = std::conditional_t<std::is_void_v<A>, std::remove_cvref_t<X>, A>;

template <class A, class X>
constexpr bool check_leaves() {
  constexpr bool converts = std::constructible_from<A, owned_t<X>>;
  static_assert(converts,
                "foldgrid: the elements of the range cannot become accumulators. Elements of an lvalue range are copied: give the "
                "range as an rvalue, by std::move, when they can only be moved");
  return converts;
}

/// Reductions of built-in pairs up to this many bytes run at once on the calling thread.
inline constexpr std::size_t small_bytes = 131072;

template <class A, class Op, class X, class... Init>
A reduce_indexed(engine* where, const char* verb, const options& asked, const Op& op, X&& range, Init&&... init) {
  const auto n = static_cast<std::size_t>(std::ranges::size(range));
  call here(where, verb, asked, n);
  here.moved(bytes_of<X>(n), 0);
  if constexpr (requires { op.op; } && std::same_as<A, element_value_t<X>>) {
    if constexpr (is_flat_array<A, decltype(op.op)> && std::same_as<Op, elementwise<decltype(op.op)>> && is_array_of<X, A>) {
      if (n != 0)
        if (auto found = fold_arrays(here, op.op, range, n); found.how != fate::left)
          return finish_fold<A>(here, op, n, std::move(found.value), std::forward<Init>(init)...);
    }
  }
  if constexpr (has_builtin<Op, A> && is_array_of<X, A>) {
    maybe<A> result;
    if (A value; n != 0 && reduce_array(here, builtin_t<Op, A>{}, std::ranges::data(range), n, value)) result = value;
    return finish_fold<A>(here, op, n, std::move(result), std::forward<Init>(init)...);
  } else {
    if constexpr (reduces_on_device<A, Op> && has_sources<X>) {
      if constexpr (std::tuple_size_v<sources_t<X>> == 1)
        if (there<A> found = reduce_there<A>(here, no_function{}, op, n, range); found.how != fate::left)
          return finish_fold<A>(here, op, n, std::move(found.value), std::forward<Init>(init)...);
    }
    if constexpr (!(reduces_on_device<A, Op> && has_sources<X>)) here.cannot_leave();
    check_views_here(verb, op);
    const auto leaves = leaves_of<X>(range);
    return fold_all<A>(here, leaves, op, n, std::forward<Init>(init)...);
  }
}

template <class Asked, class Op, class X, class... Init>
auto reduce(engine* where, const char* verb, const options* asked, const Op& op, X&& range, Init&&... init);

/// reduce of a device_array.
template <class Asked, class Op, class X, class... Init>
auto reduce_array_there(engine* where, const char* verb, const options& asked, const Op& op, const X& array, Init&&... init) {
  using A = accumulator_t<Asked, input_value_t<X>>;
  check_places(verb, where, array);
  if (lie_on_gpu(array)) {
    call here(where, verb, asked, array.size());
    if (there<A> found = reduce_arrays<A>(here, no_function{}, op, array.size(), array); found.how != fate::left)
      return finish_fold<A>(here, op, array.size(), std::move(found.value), std::forward<Init>(init)...);
  }
  return on_host_inputs(
      where, [&](auto range) { return reduce<Asked>(where, verb, &asked, op, range, std::forward<Init>(init)...); }, array);
}

template <class Asked, class Op, class X, class... Init>
  requires any_device_array<X>
auto reduce(engine* where, const char* verb, const options* asked, const Op& op, X&& array, Init&&... init) {
  const options none;
  return reduce_array_there<Asked>(where, verb, asked ? *asked : none, op, array, std::forward<Init>(init)...);
}

template <class Asked, class Op, class X, class... Init>
auto reduce(engine* where, const char* verb, const options* asked, const Op& op, X&& range, Init&&... init) {
  static_assert(any_input<X>, "foldgrid: reduce takes a range or a lazy input after the operator");
  static_assert(!endless_input<X>, "foldgrid: reduce of an endless input would never end");
  using A = accumulator_t<Asked, element_value_t<X>>;
  if constexpr (!endless_input<X> && check_leaves<A, X>() && check_operator<A, Op>()) {
    if constexpr (has_builtin<Op, A> && is_array_of<X, A> && sizeof...(Init) == 0) {
      const auto n = static_cast<std::size_t>(std::ranges::size(range));
      if (!asked && n != 0 && n <= small_bytes / sizeof(A) && check_quiet(where)) {
        const exact_arithmetic exact;
        return fold(builtin_t<Op, A>{}, static_cast<const A*>(std::ranges::data(range)), n);
      }
    }
    const options none;
    const options& told = asked ? *asked : none;
    if constexpr (indexed_input<X> || std::ranges::sized_range<X>) {
      return reduce_indexed<A>(where, verb, told, op, detail::indexed(std::forward<X>(range)), std::forward<Init>(init)...);
    } else {
      call here(where, verb, told, call::unknown);
      return fold_source<A>(here, told, op, op, std::forward<X>(range), std::forward<Init>(init)...);
    }
  }
}

/// reduce_into the caller's memory on a GPU.
template <class Out, class Op, class X>
void reduce_into_caller_range(engine* where, const options& asked, const Out& out, const Op& op, const X& input) {
  using A = input_value_t<X>;
  constexpr bool same = std::same_as<A, typename caller_range<Out>::value>, possible = gives_leaves_there<A, no_function, X>();
  static_assert(same, "foldgrid: reduce_into a GPU's memory needs room of the elements' own type");
  static_assert(!can_fail<Op>, "foldgrid: reduce_into a GPU's memory takes no operator that calls fail: nobody would be told");
  static_assert(caller_range<Out>::writable, "foldgrid: reduce_into a GPU's memory needs an array of elements that are not const");
  if constexpr (same && possible && !can_fail<Op> && caller_range<Out>::writable) {
    using sources = decltype(std::tuple_cat(std::declval<resident_sources_t<X>>()));
    constexpr bool known = reduces_on_device<A, Op, no_function, sources>;
    static_assert(known,
                  "foldgrid: reduce_into a GPU's memory needs an operator that goes there: one of the library's, of a FOLDGRID_ macro, an "
                  "extended __host__ __device__ lambda, or fg::device(op)");
    if constexpr (known) {
      check_places("reduce_into", where, out, input);
      const std::size_t n = input.size();
      if (n == 0) throw_empty("reduce_into");
      if (std::ranges::size(out) == 0) throw_too_short("reduce_into", 1, 0);
      call here(where, "reduce_into", asked, n);
      const auto [to] = caller_range<Out>::sources(out);
      if (launch_reduce_into<A>(here, op, std::tuple_cat(resident_sources(input, n)), n, const_cast<A*>(to.data), to.stream) == fate::left)
        throw_left_by_gpu("reduce_into");
      here.finish();
    }
  }
}

template <class Out, class Op, class X>
void reduce_into(engine* where, const options& asked, Out&& out, const Op& op, X&& range) {
  if constexpr (is_caller_range<std::remove_cvref_t<Out>>) {
    reduce_into_caller_range(where, asked, out, op, range);
  } else {
    constexpr bool writable = std::ranges::contiguous_range<Out> && std::ranges::sized_range<Out>;
    static_assert(writable, "foldgrid: reduce_into writes the first element of a contiguous range with a size, such as a std::span");
    if constexpr (writable) {
      if (std::ranges::size(out) == 0) throw_too_short("reduce_into", 1, 0);
      *std::ranges::data(out) = reduce<void>(where, "reduce_into", &asked, op, std::forward<X>(range));
    }
  }
}

template <class Asked, class F, class Op, class Init, class... X>
auto map_reduce_indexed(engine* where, const options& asked, const F& f, const Op& op, Init&& init, X&&... inputs) {
  if constexpr (check_function<items<false, F, X...>>()) {
    using A = accumulator_t<Asked, item_result<false, F, X...>>;
    static_assert(!std::is_void_v<A>, "foldgrid: map_reduce needs a function that returns a value");
    if constexpr (!std::is_void_v<A> && check_operator<A, Op>()) {
      const std::size_t n = detail::common_length("map_reduce", asked.strict, inputs...);
      call here(where, "map_reduce", asked, n);
      here.moved((bytes_of<X>(n) + ...), 0);
      if constexpr (reduces_on_device<A, Op, F> && maps_on_device<item_result<false, F, X...>, F, X...>) {
        if (there<A> found = reduce_there<A>(here, f, op, n, inputs...); found.how != fate::left)
          return finish_fold<A>(here, op, n, std::move(found.value), std::forward<Init>(init));
      } else {
        here.cannot_leave();
      }
      check_views_here("map_reduce", f, op);
      const items<false, F, X...> item(here, f, inputs...);
      return fold_all<A>(here, item, op, n, std::forward<Init>(init));
    }
  }
}

template <class Asked, class F, class Op, class Init, class... X>
  requires any_device_array<X...>
auto map_reduce(engine* where, const options& asked, const F& f, const Op& op, Init&& init, X&&... inputs) {
  using A = accumulator_t<Asked, result_over<F, std::remove_cvref_t<X>...>>;
  check_places("map_reduce", where, inputs...);
  const std::size_t n = detail::common_length("map_reduce", asked.strict, inputs...);
  if (lie_on_gpu(inputs...)) {
    call here(where, "map_reduce", asked, n);
    if (there<A> found = reduce_arrays<A>(here, f, op, n, inputs...); found.how != fate::left)
      return finish_fold<A>(here, op, n, std::move(found.value), std::forward<Init>(init));
  }
  return on_host_inputs(
      where, [&](const auto&... each) { return map_reduce_indexed<Asked>(where, asked, f, op, std::forward<Init>(init), each...); },
      inputs...);
}

template <class Asked, class F, class Op, class Init, class... X>
auto map_reduce(engine* where, const options& asked, const F& f, const Op& op, Init&& init, X&&... inputs) {
  if constexpr (check_inputs<X...>())
    return with_indexed(
        "map_reduce", asked.strict,
        [&]<class... Y>(Y&&... each) {
          return map_reduce_indexed<Asked>(where, asked, f, op, std::forward<Init>(init), std::forward<Y>(each)...);
        },
        std::forward<X>(inputs)...);
}

}  // namespace foldgrid::detail
