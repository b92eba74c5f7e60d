// SPDX-License-Identifier: MIT
// Verbs over device_arrays: the work goes where the arrays are, and results stay there.
#pragma once

#include <foldgrid/detail/offload.hpp>
#include <foldgrid/device_array.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail {

template <class X>
inline constexpr bool is_device_array = false;
template <class T>
inline constexpr bool is_device_array<device_array<T>> = true;
template <class... X>
concept any_device_array = (is_device_array<std::remove_cvref_t<X>> || ...);

/// A device_array on a GPU as the source of a kernel.
template <on_device T>
struct resident_source {
  using element = T;
  static constexpr std::size_t alignment = alignof(void*);
  const T* data;
  static void write(kernel_text& text) { array_source<T>::write(text); }
  void pack(kernel_arguments& to) const { to.append(data); }
};
template <class T>
inline constexpr std::size_t bytes_read<resident_source<T>> = sizeof(T);

template <class X>
auto resident_sources(const X& input, std::size_t n) {
  if constexpr (is_device_array<X>) {
    return std::tuple(resident_source<typename X::value_type>{input.view().data()});
  } else {
    return sources_of(input, n);
  }
}
template <class X>
using resident_sources_t = decltype(resident_sources(std::declval<const std::remove_cvref_t<X>&>(), std::size_t{}));

/// Checks that the device_arrays of a call lie where the executor works, and that no host range lies beside them.
template <class... X>
void check_places(const char* verb, engine* where, const X&... inputs) {
  const auto look = [&]<class Y>(const Y& input) {
    if constexpr (is_device_array<Y>) {
      if (input.block() != nullptr) check_place(verb, where, *input.block());
    } else if constexpr (!requires { typename Y::foldgrid_lazy; }) {
      throw_host_range_beside(verb);
    }
  };
  (look(inputs), ...);
}

/// An input for the CPU: a span of a device_array in the host's memory, or of the copy of one that is not.
template <class X>
class host_input {
 public:
  host_input(const X& input) : input_(input) {}  // implicit: made in place in a tuple
  const X& get() const { return input_; }

 private:
  const X& input_;
};
template <class T>
class host_input<device_array<T>> {
 public:
  host_input(const device_array<T>& array) : array_(array) {
    if (array.block() != nullptr && array.block()->gpu() != nullptr) copy_ = array.to_vector();
  }
  std::span<const T> get() const {
    return copy_.empty() ? std::span<const T>(array_.view().data(), array_.size()) : std::span<const T>(copy_);
  }

 private:
  const device_array<T>& array_;
  std::vector<T> copy_;
};

template <class... X>
using all_resident_sources_t = decltype(std::tuple_cat(std::declval<resident_sources_t<X>>()...));

/// What a call over these inputs is handed to the CPU with.
template <class Run, class... X>
auto on_host_inputs(Run&& run, const X&... inputs) {
  const std::tuple<host_input<X>...> all(inputs...);
  return std::apply([&](const auto&... each) { return run(each.get()...); }, all);
}
template <class F, class... X>
using result_over = item_result<false, F, decltype(std::declval<const host_input<X>&>().get())...>;

template <class... X>
bool lie_on_gpu(const X&... inputs) {
  const auto resident = []<class Y>(const Y& input) {
    if constexpr (is_device_array<Y>) return input.block() != nullptr && input.block()->gpu() != nullptr;
    return false;
  };
  return (resident(inputs) || ...);
}

/// map over device_arrays; `on_host(to, ranges...)` does the same from host ranges to a span.
template <class F, class OnHost, class... X>
auto map_arrays(engine* where, const options& asked, const F& f, OnHost&& on_host, const X&... inputs) {
  using Result = result_over<F, X...>;
  static_assert(std::is_trivially_copyable_v<Result> && !std::is_void_v<Result>,
                "foldgrid: map over a device_array needs a function that gives a flat value");
  check_places("map", where, inputs...);
  const std::size_t n = common_length("map", asked.strict, inputs...);
  device_array<Result> out(where, n);
  const bool resident = lie_on_gpu(out);
  if constexpr (kernel_over<Result, F, all_resident_sources_t<X...>>) {
    if (resident) {
      call here(where, "map", asked, n);
      if (launch_map(here, f, std::tuple_cat(resident_sources(inputs, n)...), n, out.view().data(), true)) {
        here.finish();
        return out;
      }
    }
  }
  std::vector<Result> copy(resident ? n : 0);
  const std::span<Result> to = resident ? std::span<Result>(copy) : std::span<Result>(out.view().data(), n);
  on_host_inputs([&](const auto&... each) { on_host(to, each...); }, inputs...);
  if (resident) out.block()->copy_in(copy.data(), n * sizeof(Result));
  return out;
}

/// The tree over f(inputs[i]...), or over the one input when F is no_function, where device_arrays lie on a GPU; nothing when the
/// CPU has to do it.
template <class A, class F, class Op, class... X>
std::optional<A> try_reduce_arrays(call& of, const F& f, const Op& op, std::size_t n, const X&... inputs) {
  if constexpr (reduces_on_device<A, Op> && (std::same_as<F, no_function> || kernel_over<A, F, all_resident_sources_t<X...>>)) {
    if (lie_on_gpu(inputs...)) return launch_reduce<A>(of, f, op, std::tuple_cat(resident_sources(inputs, n)...), n, true);
  }
  return std::nullopt;
}

}  // namespace foldgrid::detail
