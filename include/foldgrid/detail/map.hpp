// SPDX-License-Identifier: MIT
// map, starmap and map_into: one loop over items, and where their results go.
#pragma once

#include <foldgrid/detail/device_calls.hpp>
#include <foldgrid/detail/items.hpp>
#include <foldgrid/detail/offload.hpp>
#include <foldgrid/detail/together.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail {

template <class... X>
constexpr bool check_inputs() {
  static_assert(sizeof...(X) > 0, "foldgrid: give at least one input after the function");
  static_assert((any_input<X> && ...), "foldgrid: every argument after the function must be a range or a lazy input");
  static_assert(sizeof...(X) == 0 || !(endless_input<X> && ...),
                "foldgrid: every input is endless; give at least one that ends, such as fg::iota(n)");
  return sizeof...(X) > 0 && (any_input<X> && ...) && !(endless_input<X> && ...);
}

template <class Items>
constexpr bool check_function() {
  static_assert(Items::how::possible,
                "foldgrid: the function cannot be called with the elements of its inputs. It is called as one shared const object (a "
                "mutable lambda does not fit), once per item, with one argument per input, or with the parts of a tuple element");
  return Items::how::possible;
}

/// The verb that runs on the CPU's workers wherever the executor is.
inline constexpr char parallel_verb[] = "parallel";

template <bool unpack, class F, class... X>
auto map_indexed(engine* where, const char* verb, const options& asked, const F& f, X&&... inputs) {
  if constexpr (check_function<items<unpack, F, X...>>()) {
    const std::size_t n = detail::common_length(verb, asked.strict, inputs...);
    call here(where, verb, asked, n);
    if (verb == parallel_verb) here.on_workers();
    const items<unpack, F, X...> item(here, f, inputs...);
    using Result = std::decay_t<decltype(item(n))>;
    if constexpr (!(maps_on_device<Result, F, X...> && takes_elements<unpack, X...>)) here.cannot_leave();
    const auto loop = [&](auto store) {
      check_views_here(verb, f);
      auto body = [&](std::size_t first, std::size_t last) { run_items(here, item, {}, first, last, store); };
      here.loop(n, cut::anywhere, 1, body);
      here.finish();
    };
    if constexpr (std::is_void_v<Result>) {
      here.moved((bytes_of<X>(n) + ...), 0);
      if constexpr (maps_on_device<void, F, X...> && takes_elements<unpack, X...>) {
        if (map_there<void>(here, f, n, nullptr, inputs...)) return here.finish();
      }
      loop([](std::size_t, auto&& compute) { compute(); });
    } else if constexpr (std::same_as<Result, bool>) {  // std::vector<bool> packs bits: neighbours cannot be written at once
      here.moved((bytes_of<X>(n) + ...), n);
      const auto results = std::make_unique_for_overwrite<bool[]>(n);
      if constexpr (maps_on_device<bool, F, X...> && takes_elements<unpack, X...>) {
        if (map_there(here, f, n, results.get(), inputs...)) {
          here.finish();
          return std::vector<bool>(results.get(), results.get() + n);
        }
      }
      loop([&](std::size_t i, auto&& compute) { results[i] = compute(); });
      return std::vector<bool>(results.get(), results.get() + n);
    } else if constexpr (std::is_trivially_copyable_v<Result> && std::is_default_constructible_v<Result> &&
                         std::is_move_assignable_v<Result>) {
      here.moved((bytes_of<X>(n) + ...), n * sizeof(Result));
      std::vector<Result> results(n);
      Result* const out = results.data();
      if constexpr (maps_on_device<Result, F, X...> && takes_elements<unpack, X...>) {
        if (map_there(here, f, n, out, inputs...)) {
          here.finish();
          return results;
        }
      }
      loop([out](std::size_t i, auto&& compute) { out[i] = compute(); });
      return results;
    } else {
      here.moved((bytes_of<X>(n) + ...), 0);
      std::vector<std::optional<Result>> slots(n);
      loop([&](std::size_t i, auto&& compute) { slots[i].emplace(compute()); });
      std::vector<Result> results;
      results.reserve(n);
      for (auto& slot : slots) results.push_back(*std::move(slot));
      return results;
    }
  }
}

template <class Out, class F, class... X>
void map_into_indexed(engine* where, const char* verb, const options& asked, Out&& out, const F& f, X&&... inputs) {
  if constexpr (check_function<items<false, F, X...>>()) {
    const std::size_t n = detail::common_length(verb, asked.strict, inputs...);
    if (detail::length_of(out) < n) throw_too_short(verb, n, detail::length_of(out));
    call here(where, verb, asked, n);
    const items<false, F, X...> item(here, f, inputs...);
    auto* const to = std::ranges::data(out);
    here.moved((bytes_of<X>(n) + ...), n * sizeof(*to));
    if constexpr (maps_on_device<std::remove_cvref_t<decltype(*to)>, F, X...>) {
      if (map_there(here, f, n, to, inputs...)) return here.finish();
    } else {
      here.cannot_leave();
    }
    check_views_here(verb, f);
    const auto store = [to](std::size_t i, auto&& compute) { to[i] = static_cast<std::remove_reference_t<decltype(to[i])>>(compute()); };
    auto body = [&](std::size_t first, std::size_t last) { run_items(here, item, {}, first, last, store); };
    here.loop(n, cut::anywhere, 1, body);
    here.finish();
  }
}

template <class Out, class F, class... X>
void map_into(engine* where, const options& asked, Out&& out, const F& f, X&&... inputs) {
  if constexpr (is_caller_range<std::remove_cvref_t<Out>>) {
    return map_into_caller_range(where, asked, out, f, inputs...);
  } else {
    constexpr bool writable = contiguous_input<Out> && std::ranges::sized_range<Out>;
    static_assert(writable, "foldgrid: map_into writes into a contiguous range with a size, such as std::vector or std::span");
    constexpr bool changeable = writable && !std::is_const_v<std::remove_reference_t<std::ranges::range_reference_t<Out>>>;
    static_assert(!writable || changeable, "foldgrid: map_into writes into elements that are not const");
    if constexpr (changeable && any_device_array<X...>) {
      map_arrays_into(where, asked, out, f, inputs...);
    } else if constexpr (changeable && check_inputs<X...>())
      with_indexed(
          "map_into", asked.strict,
          [&]<class... Y>(Y&&... each) { map_into_indexed(where, "map_into", asked, out, f, std::forward<Y>(each)...); },
          std::forward<X>(inputs)...);
  }
}

/// map_into a range of the caller's in the memory of a GPU.
template <class Out, class F, class... X>
void map_into_caller_range(engine* where, const options& asked, const Out& out, const F& f, const X&... inputs) {
  using Value = typename caller_range<Out>::value;
  constexpr bool possible = maps_there<Value, F, std::remove_cvref_t<X>...>;
  static_assert(possible,
                "foldgrid: map_into a GPU's memory needs a function that goes there and gives the type of the range's elements: one of a "
                "FOLDGRID_ macro, an extended __host__ __device__ lambda, or fg::device(f)");
  static_assert(caller_range<Out>::writable, "foldgrid: map_into a GPU's memory needs an array of elements that are not const");
  if constexpr (possible && caller_range<Out>::writable) {
    check_places("map_into", where, out, inputs...);
    const std::size_t n = detail::common_length("map_into", asked.strict, inputs...), room = std::ranges::size(out);
    if (room < n) throw_too_short("map_into", n, room);
    call here(where, "map_into", asked, n);
    const auto [to] = caller_range<Out>::sources(out);
    if (launch_map(here, f, std::tuple_cat(resident_sources(inputs, n)...), n, const_cast<Value*>(to.data), true, to.stream) == fate::left)
      throw_left_by_gpu("map_into");
    here.finish();
  }
}

/// map_into the host's memory over device_arrays.
template <class Out, class F, class... X>
void map_arrays_into(engine* where, const options& asked, Out& out, const F& f, const X&... inputs) {
  using Value = std::remove_reference_t<std::ranges::range_reference_t<Out>>;
  check_places("map_into", where, inputs...);
  const std::size_t n = detail::common_length("map_into", asked.strict, inputs...), room = detail::length_of(out);
  if (room < n) throw_too_short("map_into", n, room);
  if constexpr (maps_there<Value, F, X...>) {
    if (n != 0 && lie_on_gpu(inputs...)) {
      call here(where, "map_into", asked, n);
      const device_array<Value> results(where, n);
      if (launch_map(here, f, std::tuple_cat(resident_sources(inputs, n)...), n, results.gpu_data(), true) != fate::left) {
        here.finish();
        return results.copy_to({std::ranges::data(out), n});
      }
    }
  }
  on_host_inputs(where, [&](const auto&... each) { map_into_indexed(where, "map_into", asked, out, f, each...); }, inputs...);
}

/// map over device_arrays: the results stay where they are.
template <class F, class... X>
auto map_arrays(engine* where, const options& asked, const F& f, const X&... inputs) {
  using Result = result_over<F, X...>;
  static_assert(std::is_trivially_copyable_v<Result> || std::is_void_v<Result>,
                "foldgrid: map over a device_array needs a function that gives a flat value, or nothing");
  check_places("map", where, inputs...);
  const std::size_t n = detail::common_length("map", asked.strict, inputs...);
  if constexpr (std::is_void_v<Result>) {
    if constexpr (maps_there<void, F, X...>) {
      if (lie_on_gpu(inputs...)) {
        call here(where, "map", asked, n);
        if (launch_map<void>(here, f, std::tuple_cat(resident_sources(inputs, n)...), n, nullptr, true) != fate::left) return here.finish();
      }
    }
    on_host_inputs(where, [&](const auto&... each) { map_indexed<false>(where, "map", asked, f, each...); }, inputs...);
  } else {
    device_array<Result> out(where, n);
    if constexpr (maps_there<Result, F, X...>) {
      if (lie_on_gpu(out, inputs...)) {
        call here(where, "map", asked, n);
        if (launch_map(here, f, std::tuple_cat(resident_sources(inputs, n)...), n, out.gpu_data(), true) != fate::left) {
          here.finish();
          return out;
        }
      }
    }
    const bool there = lie_on_gpu(out);
    const room<Result> copy(there ? n : 0);
    const std::span<Result> to(there ? copy.data() : out.view().data(), n);
    on_host_inputs(where, [&](const auto&... each) { map_into_indexed(where, "map", asked, to, f, each...); }, inputs...);
    if (there) out.block()->copy_in(copy.data(), n * sizeof(Result));
    return out;
  }
}

template <bool unpack, class F, class... X>
auto map(engine* where, const char* verb, const options& asked, const F& f, X&&... inputs) {
  if constexpr (!unpack && any_device_array<X...>) {
    return map_arrays(where, asked, f, inputs...);
  } else if constexpr (check_inputs<X...>()) {
    return with_indexed(
        verb, asked.strict, [&]<class... Y>(Y&&... each) { return map_indexed<unpack>(where, verb, asked, f, std::forward<Y>(each)...); },
        std::forward<X>(inputs)...);
  }
}

}  // namespace foldgrid::detail
