// SPDX-License-Identifier: MIT
// The kernels that nvcc instantiates for a call, with the parameters that the library's own have, and how the library gets hold of them.
#pragma once

namespace foldgrid::gpu {

/// What an iterator of the caller's gives.
template <class Iterator, class T>
struct iterator_input : computed_input<iterator_input<Iterator, T>, T> {
  Iterator first;
  FOLDGRID_DEVICE T at(size i) const { return static_cast<T>(*(first + static_cast<long long>(i))); }
};

/// The inputs of a kernel's leaves.
FOLDGRID_DEVICE input_list<> listed() { return {}; }
template <class First, class... Rest>
FOLDGRID_DEVICE input_list<First, Rest...> listed(const First& first, const Rest&... rest) {
  return {first, listed(rest...)};
}

template <class T, class F, class... Inputs>
__global__ void __launch_bounds__(threads_in_block) compiled_map(F f, Inputs... x, size base, size n, T* to) {
  map(leaves<T, F, Inputs...>{f, listed(x...)}, base, n, to);
}
template <class T, class Op, class F, class... Inputs>
__global__ void __launch_bounds__(threads_in_block)
    compiled_reduce(F f, Inputs... x, size base, size n, Op op, T* result, T* partials, unsigned* tickets) {
  reduce(leaves<T, F, Inputs...>{f, listed(x...)}, op, base, n, result, partials, tickets);
}
template <class T, class Op, class F, class... Inputs>
__global__ void __launch_bounds__(threads_in_block) compiled_by_threads(F f, Inputs... x, size base, size n, Op op, segments of, T* to) {
  fold_by_threads(leaves<T, F, Inputs...>{f, listed(x...)}, op, of, base, n, to);
}
template <class T, class Op, class F, class... Inputs>
__global__ void __launch_bounds__(threads_in_block) compiled_by_warps(F f, Inputs... x, size base, size n, Op op, segments of, T* to) {
  fold_by_warps(leaves<T, F, Inputs...>{f, listed(x...)}, op, of, base, n, to);
}

}  // namespace foldgrid::gpu

namespace foldgrid::detail {
namespace nvcc {

/// What a type of the host is called in the kernel text: itself, unless it is one of the library's.
template <class T>
struct there {
  using type = T;
};
#define FOLDGRID_DETAIL_THERE(here, name_there) \
  template <>                                   \
  struct there<here> {                          \
    using type = gpu::name_there;               \
  };
FOLDGRID_DETAIL_THERE(std::plus<>, plus)
FOLDGRID_DETAIL_THERE(std::multiplies<>, multiplies)
FOLDGRID_DETAIL_THERE(minimum, minimum)
FOLDGRID_DETAIL_THERE(maximum, maximum)
FOLDGRID_DETAIL_THERE(std::bit_and<>, bit_and)
FOLDGRID_DETAIL_THERE(std::bit_or<>, bit_or)
FOLDGRID_DETAIL_THERE(std::bit_xor<>, bit_xor)
FOLDGRID_DETAIL_THERE(std::logical_and<>, logical_and)
FOLDGRID_DETAIL_THERE(std::logical_or<>, logical_or)
FOLDGRID_DETAIL_THERE(place, place)
FOLDGRID_DETAIL_THERE(first_least, first_least)
FOLDGRID_DETAIL_THERE(first_greatest, first_greatest)
FOLDGRID_DETAIL_THERE(both, both)
FOLDGRID_DETAIL_THERE(both_extremes, extremes)
FOLDGRID_DETAIL_THERE(nonfinite_place, nonfinite_place)
FOLDGRID_DETAIL_THERE(no_function, identity)
#undef FOLDGRID_DETAIL_THERE
template <>
struct there<void> {
  using type = void;
};
#define FOLDGRID_DETAIL_THERE(here, name_there) \
  template <class T>                            \
  struct there<here<T>> {                       \
    using type = gpu::name_there;               \
  };
FOLDGRID_DETAIL_THERE(placed, placed<T>)
FOLDGRID_DETAIL_THERE(minmax_result, minmax_result<T>)
FOLDGRID_DETAIL_THERE(array_source, array_input<T>)
FOLDGRID_DETAIL_THERE(arrays_source, array_input<T>)
FOLDGRID_DETAIL_THERE(resident_source, array_input<T>)
FOLDGRID_DETAIL_THERE(caller_source, array_input<T>)
FOLDGRID_DETAIL_THERE(iota_source, iota_input<T>)
FOLDGRID_DETAIL_THERE(linspace_source, linspace_input<T>)
FOLDGRID_DETAIL_THERE(repeat_source, repeat_input<T>)
#undef FOLDGRID_DETAIL_THERE
#define FOLDGRID_DETAIL_THERE(name)        \
  template <class T>                       \
  struct there<std::name<T>> {             \
    using type = gpu::typed<gpu::name, T>; \
  };
FOLDGRID_DETAIL_THERE(plus)
FOLDGRID_DETAIL_THERE(multiplies)
FOLDGRID_DETAIL_THERE(bit_and)
FOLDGRID_DETAIL_THERE(bit_or)
FOLDGRID_DETAIL_THERE(bit_xor)
#undef FOLDGRID_DETAIL_THERE
template <class Axis>
struct there<axis_source<Axis>> {
  using type = gpu::axis_input<typename there<Axis>::type>;
};
template <class Iterator>
struct there<iterator_source<Iterator>> {
  using type = gpu::iterator_input<Iterator, typename iterator_source<Iterator>::element>;
};
template <class T>
using there_t = typename there<T>::type;
template <class F>
using function_there = std::conditional_t<std::is_void_v<F>, gpu::identity, there_t<F>>;

/// Asks the runtime of the user's unit for the driver's handle.
template <class Which, class Kernel>
void* handle_of(Kernel* kernel, const char** trouble) {
  cudaFunction_t found = nullptr;
  const cudaError_t code = FOLDGRID_KERNEL_HANDLE(&found, Which, kernel);
  if (code == cudaSuccess) return const_cast<void*>(static_cast<const void*>(found));
  *trouble = cudaGetErrorString(code);
  return nullptr;
}

template <kernel_kind kind, class T, class Op, class F, class... In>
struct kernel {
  static void* handle(const char** trouble) {
    using gpu::size;
    if constexpr (kind == kernel_kind::map) {
      return handle_of<kernel, void(F, In..., size, size, T*)>(&gpu::compiled_map<T, F, In...>, trouble);
    } else if constexpr (kind == kernel_kind::reduce) {
      return handle_of<kernel, void(F, In..., size, size, Op, T*, T*, unsigned*)>(&gpu::compiled_reduce<T, Op, F, In...>, trouble);
    } else if constexpr (kind == kernel_kind::threads) {
      return handle_of<kernel, void(F, In..., size, size, Op, gpu::segments, T*)>(&gpu::compiled_by_threads<T, Op, F, In...>, trouble);
    } else {
      return handle_of<kernel, void(F, In..., size, size, Op, gpu::segments, T*)>(&gpu::compiled_by_warps<T, Op, F, In...>, trouble);
    }
  }
};

}  // namespace nvcc

template <kernel_kind kind, class T, class Op, class F, class... S>
  requires(is_compiled<F> || is_compiled<Op> || (is_compiled<S> || ...))
struct kernel_of_call<kind, T, Op, F, S...> {
  static constexpr kernel_source made() {
    static_assert(std::is_void_v<T> || gpu::size_of<nvcc::there_t<T>> == size_of<T>);
    return {nullptr, &nvcc::kernel<kind, nvcc::there_t<T>, nvcc::there_t<Op>, nvcc::function_there<F>, nvcc::there_t<S>...>::handle};
  }
};

}  // namespace foldgrid::detail
