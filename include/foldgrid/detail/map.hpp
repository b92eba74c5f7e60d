// SPDX-License-Identifier: MIT
// map, starmap and map_into: one loop over items, and where their results go.
#pragma once

#include <foldgrid/detail/device_calls.hpp>
#include <foldgrid/detail/items.hpp>
#include <foldgrid/detail/offload.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
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

template <bool unpack, class F, class... X>
auto map_indexed(engine* where, const char* verb, const options& asked, const F& f, X&&... inputs) {
  if constexpr (check_function<items<unpack, F, X...>>()) {
    const std::size_t n = common_length(verb, asked.strict, inputs...);
    call here(where, verb, asked, n);
    const items<unpack, F, X...> item(here, f, inputs...);
    using Result = std::decay_t<decltype(item(n))>;
    const auto loop = [&](auto store) {
      auto body = [&](std::size_t first, std::size_t last) { run_items(here, item, {}, first, last, store); };
      here.loop(n, cut::anywhere, 1, body);
      here.finish();
    };
    if constexpr (std::is_void_v<Result>) {
      here.moved((bytes_of<X>(n) + ...), 0);
      loop([](std::size_t, auto&& compute) { compute(); });
    } else if constexpr (std::same_as<Result, bool>) {  // std::vector<bool> packs bits: neighbours cannot be written at once
      here.moved((bytes_of<X>(n) + ...), n);
      const auto results = std::make_unique_for_overwrite<bool[]>(n);
      if constexpr (maps_on_device<bool, F, X...> && takes_elements<unpack, X...>) {
        if (try_map_on_device(here, f, n, results.get(), inputs...)) {
          here.finish();
          return std::vector<bool>(results.get(), results.get() + n);
        }
      }
      loop([&](std::size_t i, auto&& compute) { results[i] = compute(); });
      return std::vector<bool>(results.get(), results.get() + n);
    } else if constexpr (std::is_trivially_copyable_v<Result> && std::is_trivially_default_constructible_v<Result>) {
      here.moved((bytes_of<X>(n) + ...), n * sizeof(Result));
      std::vector<Result> results(n);
      Result* const out = results.data();
      if constexpr (maps_on_device<Result, F, X...> && takes_elements<unpack, X...>) {
        if (try_map_on_device(here, f, n, out, inputs...)) {
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
void map_into_indexed(engine* where, const options& asked, Out&& out, const F& f, X&&... inputs) {
  if constexpr (check_function<items<false, F, X...>>()) {
    const std::size_t n = common_length("map_into", asked.strict, inputs...);
    if (std::ranges::size(out) < n) throw_too_short(n, std::ranges::size(out));
    call here(where, "map_into", asked, n);
    const items<false, F, X...> item(here, f, inputs...);
    auto* const to = std::ranges::data(out);
    here.moved((bytes_of<X>(n) + ...), n * sizeof(*to));
    if constexpr (maps_on_device<std::remove_cvref_t<decltype(*to)>, F, X...>) {
      if (try_map_on_device(here, f, n, to, inputs...)) return here.finish();
    }
    const auto store = [to](std::size_t i, auto&& compute) { to[i] = static_cast<std::remove_reference_t<decltype(to[i])>>(compute()); };
    auto body = [&](std::size_t first, std::size_t last) { run_items(here, item, {}, first, last, store); };
    here.loop(n, cut::anywhere, 1, body);
    here.finish();
  }
}

template <class Out, class F, class... X>
void map_into(engine* where, const options& asked, Out&& out, const F& f, X&&... inputs) {
  constexpr bool writable = std::ranges::contiguous_range<Out> && std::ranges::sized_range<Out>;
  static_assert(writable, "foldgrid: map_into writes into a contiguous range with a size, such as std::vector or std::span");
  if constexpr (writable && check_inputs<X...>()) map_into_indexed(where, asked, out, f, indexed(std::forward<X>(inputs))...);
}

template <bool unpack, class F, class... X>
auto map(engine* where, const char* verb, const options& asked, const F& f, X&&... inputs) {
  if constexpr (!unpack && any_device_array<X...>) {
    return map_arrays(where, asked, f, [&](auto to, const auto&... each) { map_into(where, asked, to, f, each...); }, inputs...);
  } else if constexpr (check_inputs<X...>()) {
    return map_indexed<unpack>(where, verb, asked, f, indexed(std::forward<X>(inputs))...);
  }
}

}  // namespace foldgrid::detail
