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

namespace detail::nvcc {

/// The pointer behind an iterator over a plain array: of Thrust's pointers, of its vectors' iterators.
template <class Iterator>
auto plain(Iterator it) {
  if constexpr (requires { requires std::is_pointer_v<decltype(it.get())>; }) {
    return it.get();
  } else if constexpr (requires { requires std::is_pointer_v<decltype(it.base().get())>; }) {
    return it.base().get();
  } else {
    return it;
  }
}

/// A pointer to elements of a type that nvcc alone knows: in units of other compilers such arrays do not go to a GPU.
template <class T>
struct pointer_there {
  using value_type = std::remove_const_t<T>;
  T* at;
};

}  // namespace detail::nvcc

/// fg::device_range of a pointer for elements of any other type that is trivially copyable.
template <class T>
  requires(!detail::on_device<std::remove_const_t<T>>)
auto device_range(T* first, count n, void* stream = nullptr) {
  return device_range_of<detail::nvcc::pointer_there<T>>{{first}, detail::checked_size(n, "device_range"), detail::named_stream(stream)};
}
template <class T>
  requires(!detail::on_device<std::remove_const_t<T>>)
auto device_range(T* first, T* last, void* stream = nullptr) {
  return device_range(first, last - first, stream);
}
/// The same for any other random-access iterator that may be read on the GPU, such as Thrust's zip, counting and transform iterators. From
/// a pointer of Thrust's, or an iterator of its vectors, it is that of an array, which may be written to.
template <class Iterator>
  requires(!std::is_pointer_v<Iterator>)
auto device_range(Iterator first, count n, cudaStream_t stream = nullptr) {
  const auto from = detail::nvcc::plain(first);
  if constexpr (std::is_pointer_v<std::remove_const_t<decltype(from)>>) {
    return device_range(from, n, stream);
  } else {
    return device_range_of<Iterator>{first, detail::checked_size(n, "device_range"), detail::named_stream(stream)};
  }
}
/// The elements of [first, last).
template <class Iterator>
  requires(!std::is_pointer_v<Iterator> && !std::integral<Iterator>)
auto device_range(Iterator first, Iterator last, cudaStream_t stream = nullptr) {
  return device_range(first, last - first, stream);
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

template <class T>
  requires(!on_device<T>)
inline constexpr bool is_compiled<caller_source<T>> = true;

/// What an iterator gives, on the GPU.
template <class Iterator>
struct iterator_source {
  using element = typename std::iterator_traits<Iterator>::value_type;
  static constexpr std::size_t alignment = alignof(Iterator);
  Iterator first;
  void* stream;
  void pack(kernel_arguments& to) const {
    to.append_as_it_lies(first);
    to.start_after(stream);
  }
};
template <class Iterator>
inline constexpr bool is_compiled<iterator_source<Iterator>> = true;

template <class Iterator>
  requires(!std::is_pointer_v<Iterator>)
struct caller_range<device_range_of<Iterator>> {
  using value = typename device_range_of<Iterator>::value_type;
  static constexpr bool writable = false;

  static auto sources(const device_range_of<Iterator>& range) { return std::tuple(iterator_source<Iterator>{range.first, range.stream}); }
  static void copy(engine*, const device_range_of<Iterator>&, value*) {
    throw std::invalid_argument(
        "foldgrid: given a fg::device_range of iterators, which only a GPU can read, to a call that cannot run there, as its report says; "
        "use functions that go there, such as extended lambdas, or copy the elements to the host");
  }
};

template <class T>
struct caller_range<device_range_of<nvcc::pointer_there<T>>> {
  using value = std::remove_const_t<T>;
  static constexpr bool writable = !std::is_const_v<T>;
  static auto sources(const device_range_of<nvcc::pointer_there<T>>& range) {
    return std::tuple(caller_source<value>{range.first.at, range.stream});
  }
  static void copy(engine* where, const device_range_of<nvcc::pointer_there<T>>& range, value* to) {
    copy_from_gpu(where, range.first.at, to, range.count * sizeof(T), range.stream);
  }
};

/// Thrust's device vectors, and whatever else keeps its elements behind a fancy pointer with get().
template <class V>
  requires requires(const V& v) {
    { v.size() } -> std::convertible_to<std::size_t>;
    requires std::is_pointer_v<decltype(v.data().get())>;
  }
struct caller_range<V> {
  using value = typename V::value_type;
  static constexpr bool writable = true;
  static auto range(const V& v) { return device_range(const_cast<value*>(v.data().get()), v.size()); }
  using as_range = decltype(range(std::declval<const V&>()));
  static auto sources(const V& v) { return caller_range<as_range>::sources(range(v)); }
  static void copy(engine* where, const V& v, value* to) { caller_range<as_range>::copy(where, range(v), to); }
};

}  // namespace detail
}  // namespace foldgrid
