// SPDX-License-Identifier: MIT
// What nvcc's users hand to the verbs: functions that it compiles, and ranges in a GPU's memory.
#pragma once

namespace foldgrid {

/// A function whose `__host__ __device__` operator() nvcc compiles; what fg::device gives.
template <class F>
struct device_function {
  F function;
  template <class... X>
    requires std::invocable<const F&, const X&...>
  __host__ __device__ auto operator()(const X&... x) const {
    return function(x...);
  }
};

/// f for every backend, compiled for the GPU in this unit: `pool.map(fg::device(scale{3}), xs)`. f is an object whose operator() is
/// `__host__ __device__` and const, and trivially copyable. Extended `__host__ __device__` lambdas need no mark. Costs nothing.
template <class F>
auto device(F f) {
  static_assert(
      std::is_class_v<F>,
      "foldgrid: fg::device takes an object with a __host__ __device__ operator(), not a pointer to a function, whose address on the "
      "host means nothing on a GPU");
  if constexpr (std::is_class_v<F>) {
    static_assert(std::is_trivially_copyable_v<F>,
                  "foldgrid: fg::device takes a trivially copyable function: it is copied to the GPU as it lies");
    return device_function<F>{f};
  }
}

/// Elements in a GPU's memory that a verb may read and, where they are a plain array, map_into may write: what fg::device_range gives.
template <class Iterator>
struct device_range_of {
  using value_type = typename std::iterator_traits<Iterator>::value_type;

  Iterator first;
  std::size_t count;
  cudaStream_t stream;  ///< calls start after what it holds when they are made

  std::size_t size() const noexcept { return count; }
  bool empty() const noexcept { return count == 0; }
};

namespace detail::nvcc {

/// The pointer behind an iterator over a plain array: of a pointer, of Thrust's pointers, of its vectors' iterators.
template <class Iterator>
auto plain(Iterator it) {
  if constexpr (std::is_pointer_v<Iterator>) {
    return it;
  } else if constexpr (requires { requires std::is_pointer_v<decltype(it.get())>; }) {
    return it.get();
  } else if constexpr (requires { requires std::is_pointer_v<decltype(it.base().get())>; }) {
    return it.base().get();
  } else {
    return it;
  }
}
/// Copies what the stream has made of a plain array. Blocks.
template <class T>
void copy_to_host(const T* from, T* to, std::size_t bytes, cudaStream_t stream) {
  cudaError_t code = cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream);
  if (code == cudaSuccess) code = cudaStreamSynchronize(stream);
  if (code != cudaSuccess)
    throw error(std::string("foldgrid: a range in a GPU's memory cannot be copied to the host: ") + cudaGetErrorString(code));
}
/// The legacy default stream waits for all others of the device but those made non-blocking.
inline cudaStream_t named(cudaStream_t stream) { return stream == nullptr ? cudaStreamLegacy : stream; }

}  // namespace detail::nvcc

/// `count` elements from `first` on in a GPU's memory, as an input of the verbs, or as what map_into writes to. `first` is a pointer, or
/// any random-access iterator that may be read on the GPU, such as Thrust's zip, counting and transform iterators. A call that reads the
/// range starts after what `stream` holds when the call is made: the legacy default stream, and with it every blocking stream, unless
/// another one is given. Copies nothing; the memory must outlive the calls.
template <class Iterator>
auto device_range(Iterator first, std::size_t count, cudaStream_t stream = nullptr) {
  const auto from = detail::nvcc::plain(first);
  return device_range_of<std::remove_const_t<decltype(from)>>{from, count, detail::nvcc::named(stream)};
}
/// The elements of [first, last).
template <class Iterator>
  requires(!std::convertible_to<Iterator, std::size_t>)
auto device_range(Iterator first, Iterator last, cudaStream_t stream = nullptr) {
  return device_range(first, static_cast<std::size_t>(last - first), stream);
}

namespace detail {

template <class F>
inline constexpr bool is_compiled<device_function<F>> = true;
template <class F>
constexpr bool check_lambda() {
  static_assert(FOLDGRID_IS_EXTENDED_LAMBDA(F),
                "foldgrid: a lambda must be __host__ __device__, not __device__ alone: executors may run it on either side");
  return true;
}
template <class F>
  requires(FOLDGRID_IS_EXTENDED_LAMBDA(F) || FOLDGRID_IS_DEVICE_LAMBDA(F))
inline constexpr bool is_compiled<F> = check_lambda<F>();

/// A plain array of the caller's as the source of a kernel.
template <class T>
struct caller_source {
  using element = T;
  static constexpr std::size_t alignment = alignof(void*);
  const T* data;
  cudaStream_t stream;
  static void write(kernel_text& text) { array_source<T>::write(text); }
  void pack(kernel_arguments& to) const {
    to.append(data);
    to.start_after(stream);
  }
};
template <class T>
inline constexpr std::size_t bytes_read<caller_source<T>> = sizeof(T);
template <class T>
  requires(!on_device<T>)
inline constexpr bool is_compiled<caller_source<T>> = true;

/// What an iterator gives, on the GPU.
template <class Iterator>
struct iterator_source {
  using element = typename std::iterator_traits<Iterator>::value_type;
  static constexpr std::size_t alignment = alignof(Iterator);
  Iterator first;
  cudaStream_t stream;
  void pack(kernel_arguments& to) const {
    to.append_as_it_lies(first);
    to.start_after(stream);
  }
};
template <class Iterator>
inline constexpr bool is_compiled<iterator_source<Iterator>> = true;

template <class Iterator>
struct caller_range<device_range_of<Iterator>> {
  using value = typename device_range_of<Iterator>::value_type;
  static constexpr bool is_array = std::is_pointer_v<Iterator>;

  static auto sources(const device_range_of<Iterator>& range) {
    if constexpr (is_array) {
      return std::tuple(caller_source<value>{range.first, range.stream});
    } else {
      return std::tuple(iterator_source<Iterator>{range.first, range.stream});
    }
  }
  static void copy(const device_range_of<Iterator>& range, value* to) {
    if constexpr (is_array) {
      nvcc::copy_to_host(range.first, to, range.count * sizeof(value), range.stream);
    } else {
      throw std::invalid_argument(
          "foldgrid: given a fg::device_range of iterators, which only a GPU can read, to a call that cannot run there, as its report "
          "says; "
          "use functions that go there, such as extended lambdas, or copy the elements to the host");
    }
  }
};

/// Thrust's device vectors, and whatever else keeps its elements behind a fancy pointer with get().
template <class V>
  requires requires(const V& v) {
    { v.size() } -> std::convertible_to<std::size_t>;
    requires std::is_pointer_v<decltype(v.data().get())>;
  }
struct caller_range<V> {
  using pointer = std::add_pointer_t<const typename V::value_type>;
  using value = typename V::value_type;
  static auto range(const V& v) { return device_range(static_cast<pointer>(v.data().get()), v.size()); }
  static auto sources(const V& v) { return caller_range<device_range_of<pointer>>::sources(range(v)); }
  static void copy(const V& v, value* to) { caller_range<device_range_of<pointer>>::copy(range(v), to); }
};

}  // namespace detail
}  // namespace foldgrid
