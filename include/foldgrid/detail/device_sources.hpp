// SPDX-License-Identifier: MIT
// Inputs as the GPU sees them: each becomes one or more sources, which are named in the kernel's text and passed as its arguments.
#pragma once

#include <foldgrid/detail/kernel_text.hpp>
#include <foldgrid/detail/ranges.hpp>
#include <foldgrid/inputs.hpp>

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail {

/// The arguments of a kernel as bytes, laid out one after another as the parameters' types want it.
class FOLDGRID_API kernel_arguments {
 public:
  /// Arrays in the host's memory, one after another on the device, whose address there belongs at `offset`.
  struct host_arrays {
    std::size_t offset;
    std::vector<const void*> parts;
    std::size_t bytes;          ///< of each
    std::size_t element_bytes;  ///< when leaf i reads element i and nothing else; 0 when any leaf may read anything
  };

  /// Begins the next parameter.
  void begin(std::size_t alignment);
  /// Appends a value to it.
  template <class T>
  void append(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    append_bytes(&value, sizeof(T), alignof(T));
  }
  /// The same for what nvcc passes to kernels as it lies without being trivially copyable: extended lambdas, iterators. The value must
  /// outlive the call.
  template <class T>
  void append_as_it_lies(const T& value) {
    append_bytes(&value, sizeof(T), alignof(T));
  }
  /// Appends the address of a copy of host arrays of so many bytes each.
  void append_arrays(std::vector<const void*> parts, std::size_t bytes, std::size_t element_bytes);
  /// What follows is read by any leaf, not by the one with the same index: an axis of a grid.
  void reads_anywhere(bool anywhere) noexcept { anywhere_ = anywhere; }

  /// The call starts after what this stream of the caller's holds now.
  void start_after(void* stream) { streams_.push_back(stream); }

  const std::vector<void*>& streams() const noexcept { return streams_; }
  std::vector<unsigned char>& bytes() noexcept { return bytes_; }
  /// Where each parameter is: what a launch takes.
  std::vector<void*> pointers();
  /// Bytes of each parameter, without what aligns the next.
  std::vector<std::size_t> sizes() const;
  const std::vector<host_arrays>& arrays() const noexcept { return arrays_; }

 private:
  void append_bytes(const void* value, std::size_t size, std::size_t alignment);
  void pad(std::size_t alignment);

  std::vector<unsigned char> bytes_;
  std::vector<std::size_t> offsets_, ends_;
  std::vector<host_arrays> arrays_;
  std::vector<void*> streams_;
  bool anywhere_ = false;
};

/// Starts a lazy source's name: foldgrid::gpu::KIND<T>.
template <class T>
void write_source(kernel_text& text, const char* kind) {
  text << "foldgrid::gpu::" << kind << "<";
  device_name<T>::write(text);
  text << ">";
}

template <on_device T>
struct array_source {
  using element = T;
  static constexpr std::size_t alignment = alignof(void*);
  const T* data;
  std::size_t count;
  static void write(kernel_text& text) { write_source<T>(text, "array_input"); }
  void pack(kernel_arguments& to) const { to.append_arrays({data}, count * sizeof(T), sizeof(T)); }
};
/// Arrays of equal length, one after another: the rows of a matrix.
template <on_device T>
struct arrays_source {
  using element = T;
  static constexpr std::size_t alignment = alignof(void*);
  const std::vector<const void*>& rows;
  std::size_t columns;
  static void write(kernel_text& text) { array_source<T>::write(text); }
  void pack(kernel_arguments& to) const { to.append_arrays(rows, columns * sizeof(T), 0); }
};
template <on_device T>
struct iota_source {
  using element = T;
  static constexpr std::size_t alignment = alignof(T);
  T first;
  static void write(kernel_text& text) { write_source<T>(text, "iota_input"); }
  void pack(kernel_arguments& to) const { to.append(first); }
};
template <on_device T>
struct linspace_source {
  using element = T;
  static constexpr std::size_t alignment = alignof(std::size_t);
  T first, last;
  std::size_t count;
  static void write(kernel_text& text) { write_source<T>(text, "linspace_input"); }
  void pack(kernel_arguments& to) const {
    to.append(first);
    to.append(last);
    to.append(count);
  }
};
template <on_device T>
struct repeat_source {
  using element = T;
  static constexpr std::size_t alignment = alignof(T);
  T value;
  static void write(kernel_text& text) { write_source<T>(text, "repeat_input"); }
  void pack(kernel_arguments& to) const { to.append(value); }
};
/// An axis of a grid.
template <class Source>
struct axis_source {
  using element = typename Source::element;
  static constexpr std::size_t alignment = alignof(std::size_t);
  Source axis;
  std::size_t count, stride;
  static void write(kernel_text& text) {
    text << "foldgrid::gpu::axis_input<";
    Source::write(text);
    text << ">";
  }
  void pack(kernel_arguments& to) const {
    to.reads_anywhere(true);
    axis.pack(to);
    to.reads_anywhere(false);
    to.append(count);
    to.append(stride);
  }
};

/// Bytes of a source that are copied to the GPU for the call.
template <class S>
std::size_t bytes_copied(const S&) {
  return 0;
}
template <class T>
std::size_t bytes_copied(const array_source<T>& of) {
  return of.count * sizeof(T);
}
template <class T>
std::size_t bytes_copied(const arrays_source<T>& of) {
  return of.rows.size() * of.columns * sizeof(T);
}
template <class Source>
std::size_t bytes_copied(const axis_source<Source>& of) {
  return bytes_copied(of.axis);
}

// sources_of(input, n): what of the first n elements of an input goes to the GPU, as a tuple; a grid gives one source for each axis.

template <class T>
auto sources_of(const linspace_input<T>& input, std::size_t) {
  const std::size_t n = input.size();
  return std::tuple(linspace_source<T>{n == 0 ? T{} : input[0], n == 0 ? T{} : input[n - 1], n});
}
template <class T>
auto sources_of(const iota_input<T>& input, std::size_t) {
  return std::tuple(iota_source<T>{input[0]});
}
template <on_device T>
auto sources_of(const repeat_input<T>& input, std::size_t) {
  return std::tuple(repeat_source<T>{input[0]});
}
template <contiguous_input X>
  requires(std::ranges::sized_range<const X> && on_device<std::remove_cv_t<std::ranges::range_value_t<X>>>)
auto sources_of(const X& input, std::size_t n) {
  return std::tuple(array_source<std::remove_cv_t<std::ranges::range_value_t<X>>>{std::ranges::data(input), n});
}
template <class... Axes>
  requires((std::tuple_size_v<decltype(sources_of(std::declval<const Axes&>(), std::size_t{}))> == 1) && ...)
auto sources_of(const grid_input<Axes...>& input, std::size_t) {
  const auto& shape = input.shape();
  std::size_t stride[sizeof...(Axes)];
  for (std::size_t k = sizeof...(Axes), product = 1; k-- > 0; product *= shape[k]) stride[k] = product;
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    const auto of_axis = [&](std::size_t k, const auto& axis) {
      const auto source = std::get<0>(sources_of(axis, shape[k]));
      return axis_source<std::remove_const_t<decltype(source)>>{source, shape[k], stride[k]};
    };
    return std::tuple(of_axis(K, std::get<K>(input.axes()))...);
  }(std::index_sequence_for<Axes...>{});
}

template <class X>
using sources_t = decltype(sources_of(std::declval<const std::remove_reference_t<X>&>(), std::size_t{}));
template <class X>
concept has_sources = requires { typename sources_t<X>; };
/// The sources of all inputs of a call.
template <class... X>
using all_sources_t = decltype(std::tuple_cat(std::declval<sources_t<X>>()...));

}  // namespace foldgrid::detail
