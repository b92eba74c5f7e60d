// SPDX-License-Identifier: MIT
// device_range: an array of the caller's in the memory of a GPU, as an input of the verbs or as what they write to.
#pragma once

#include <foldgrid/detail/device_calls.hpp>
#include <foldgrid/inputs.hpp>
#include <foldgrid/options.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <tuple>
#include <type_traits>

namespace foldgrid {

/// Elements in a GPU's memory that a verb may read and, where they are an array, write: what fg::device_range gives.
template <class Iterator>
struct device_range_of {
  using value_type = std::iter_value_t<Iterator>;

  Iterator first;
  std::size_t count;
  void* stream;  ///< calls start after what it holds when they are made

  std::size_t size() const noexcept { return count; }
  bool empty() const noexcept { return count == 0; }
};

namespace detail {
/// The legacy default stream where none is named; it waits for all others of the device but those made non-blocking.
inline void* named_stream(void* stream) noexcept { return stream == nullptr ? reinterpret_cast<void*>(std::uintptr_t{1}) : stream; }
}  // namespace detail

/// n elements from `first` on in a GPU's memory, such as cudaMalloc gives: an input of the verbs, or what map_into and reduce_into write
/// to. A call starts after what `stream`, a cudaStream_t or CUstream, holds when the call is made: the legacy default stream, and with it
/// every blocking stream, unless another one is given. map over a device_range gives a device_array. For executors with a GPU; no other
/// input may lie in the host's memory. Where a call of an automatic executor stays on the CPU the elements are copied to the host's memory
/// first; otherwise nothing is copied. The memory and the stream must be of the primary context of the executor's GPU, in which the CUDA
/// runtime works, and outlive the calls. Throws std::invalid_argument for a negative n. Elements are numbers or of a FOLDGRID_STRUCT; in
/// units compiled by nvcc, which include <foldgrid/cuda.cuh>, of any trivially copyable type.
template <class T>
device_range_of<T*> device_range(T* first, count n, void* stream = nullptr) {
  static_assert(detail::on_device<std::remove_const_t<T>>,
                "foldgrid: a device_range holds numbers or a FOLDGRID_STRUCT; for other types include <foldgrid/cuda.cuh> in a unit "
                "compiled by nvcc");
  return {first, detail::checked_size(n, "device_range"), detail::named_stream(stream)};
}
/// The elements of [first, last).
template <class T>
device_range_of<T*> device_range(T* first, T* last, void* stream = nullptr) {
  return device_range(first, last - first, stream);
}

namespace detail {

/// An array of the caller's as the source of a kernel.
template <class T>
struct caller_source {
  using element = T;
  static constexpr std::size_t alignment = alignof(void*);
  const T* data;
  void* stream;
  static void write(kernel_text& text) { array_source<T>::write(text); }
  void pack(kernel_arguments& to) const {
    to.append(data);
    to.start_after(stream);
  }
};
template <class T>
inline constexpr std::size_t bytes_read<caller_source<T>> = sizeof(T);

template <class T>
struct caller_range<device_range_of<T*>> {
  using value = std::remove_const_t<T>;
  static constexpr bool writable = !std::is_const_v<T>;
  static auto sources(const device_range_of<T*>& range) { return std::tuple(caller_source<value>{range.first, range.stream}); }
  static void copy(engine* where, const device_range_of<T*>& range, value* to) {
    copy_from_gpu(where, range.first, to, range.count * sizeof(T), range.stream);
  }
};

}  // namespace detail
}  // namespace foldgrid
