// SPDX-License-Identifier: MIT
// Verbs over device_arrays: the work goes where the arrays are, and results stay there.
#pragma once

#include <foldgrid/detail/offload.hpp>
#include <foldgrid/device_array.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

namespace foldgrid::detail {

template <class X>
inline constexpr bool is_device_array = false;
template <class T>
inline constexpr bool is_device_array<device_array<T>> = true;

/// Ranges of the caller's in the memory of a GPU; device_range.hpp and <foldgrid/cuda.cuh> say which those are. Their caller_range has
/// `value`, the element type, `writable`, sources(range), and copy(where, range, to), which copies them to the host's memory.
template <class X>
struct caller_range {};
template <class X>
concept is_caller_range = requires { typename caller_range<X>::value; };

/// Inputs that lie where the executor works.
template <class... X>
concept any_device_array = ((is_device_array<std::remove_cvref_t<X>> || is_caller_range<std::remove_cvref_t<X>>) || ...);

/// What an input holds.
template <class X>
struct input_value {
  using type = std::remove_cv_t<element_value_t<X>>;
};
template <class T>
struct input_value<device_array<T>> {
  using type = T;
};
template <is_caller_range X>
struct input_value<X> {
  using type = typename caller_range<X>::value;
};
template <class X>
using input_value_t = typename input_value<std::remove_cvref_t<X>>::type;

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
    return std::tuple(resident_source<typename X::value_type>{input.gpu_data()});
  } else if constexpr (is_caller_range<X>) {
    return caller_range<X>::sources(input);
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
    } else if constexpr (is_caller_range<Y>) {
      check_works_on_gpu(verb, where);
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
  host_input(engine*, const X& input) : input_(input) {}
  const X& get() const { return input_; }

 private:
  const X& input_;
};
template <class T>
class host_input<device_array<T>> {
 public:
  host_input(engine*, const device_array<T>& array) : array_(array) {
    if (array.block() == nullptr || array.block()->gpu() == nullptr) return;
    copy_.emplace(array.size());
    array.copy_to({copy_->data(), array.size()});
  }
  std::span<const T> get() const { return {copy_ ? copy_->data() : array_.view().data(), array_.size()}; }

 private:
  const device_array<T>& array_;
  std::optional<room<T>> copy_;
};

template <is_caller_range X>
class host_input<X> {
 public:
  using value = typename caller_range<X>::value;
  host_input(engine* where, const X& range) : size_(std::ranges::size(range)), copy_(size_) {
    caller_range<X>::copy(where, range, copy_.data());
  }
  std::span<const value> get() const { return {copy_.data(), size_}; }

 private:
  std::size_t size_;
  room<value> copy_;
};

/// True for inputs that kernels over device_arrays may have.
template <class X>
inline constexpr bool is_known_there = has_sources<X>;
template <is_caller_range X>
inline constexpr bool is_known_there<X> = true;
template <class T>
inline constexpr bool is_known_there<device_array<T>> = on_device<T>;
/// f(inputs...) with results of type R can be a kernel over device_arrays.
template <class R, class F, class... X>
inline constexpr bool maps_there = false;
template <class R, class F, class... X>
  requires(is_known_there<std::remove_cvref_t<X>> && ...)
inline constexpr bool maps_there<R, F, X...> = kernel_over<R, F, decltype(std::tuple_cat(std::declval<resident_sources_t<X>>()...))>;

/// What a call over these inputs is handed to the CPU with.
template <class Run, class... X>
auto on_host_inputs(engine* where, Run&& run, const X&... inputs) {
  return [&](const host_input<X>&... each) { return run(each.get()...); }(host_input<X>(where, inputs)...);
}
template <class F, class... X>
using result_over = item_result<false, F, decltype(std::declval<const host_input<X>&>().get())...>;

/// True when all device_arrays among the inputs that are not empty lie on a GPU, and there is one.
template <class... X>
bool lie_on_gpu(const X&... inputs) {
  std::size_t there = 0, here = 0;
  const auto look = [&]<class Y>(const Y& input) {
    if constexpr (is_device_array<Y>)
      if (input.block() != nullptr) ++(input.block()->gpu() != nullptr ? there : here);
    if constexpr (is_caller_range<Y>) ++there;
  };
  (look(inputs), ...);
  return there != 0 && here == 0;
}

template <class A, class F, class... X>
constexpr bool gives_leaves_there() {
  if constexpr (std::same_as<F, no_function>) {
    return (is_known_there<std::remove_cvref_t<X>> && ...);
  } else {
    return maps_there<A, F, X...>;
  }
}
/// The tree over f(inputs[i]...), or over the one input when F is no_function, where device_arrays lie on a GPU.
template <class A, class F, class Op, class... X>
there<A> reduce_arrays(call& of, const F& f, const Op& op, std::size_t n, const X&... inputs) {
  if constexpr (gives_leaves_there<A, F, X...>()) {
    using sources = decltype(std::tuple_cat(std::declval<resident_sources_t<X>>()...));
    if constexpr (reduces_on_device<A, Op, F, sources>)
      if (lie_on_gpu(inputs...)) return launch_reduce<A>(of, f, op, std::tuple_cat(resident_sources(inputs, n)...), n, true);
  }
  return {};
}

}  // namespace foldgrid::detail
