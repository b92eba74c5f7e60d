// SPDX-License-Identifier: MIT
// A compiled kernel of the software GPU as its shared object describes it.
#pragma once

#include <cstddef>
#include <utility>

namespace software_gpu {

struct kernel_entry {
  const char* name;
  void (*run)(void** parameters);  ///< one thread of the kernel
  const std::size_t* parameter_sizes;
  std::size_t parameter_count;
};

template <class... P>
struct parameters_of {
  static constexpr std::size_t sizes[] = {sizeof(P)...};
  template <void (*kernel)(P...), std::size_t... K>
  static void call(void** parameters, std::index_sequence<K...>) {
    kernel(*static_cast<P*>(parameters[K])...);
  }
  template <void (*kernel)(P...)>
  static kernel_entry entry(const char* name) {
    return {name, [](void** parameters) { call<kernel>(parameters, std::index_sequence_for<P...>{}); }, sizes, sizeof...(P)};
  }
};
template <class... P>
parameters_of<P...> parameters(void (*)(P...)) {
  return {};
}

/// A kernel in a table of them.
#define SOFTWARE_GPU_ENTRY(kernel) decltype(::software_gpu::parameters(&kernel))::entry<&kernel>(#kernel),

/// The last line of a text with one kernel: the table that cuLibraryGetKernel reads, up to an entry without a name.
#define SOFTWARE_GPU_KERNEL(kernel)                                                                               \
  extern "C" __attribute__((visibility("default"))) const ::software_gpu::kernel_entry* software_gpu_kernels() {  \
    static const ::software_gpu::kernel_entry all[] = {SOFTWARE_GPU_ENTRY(kernel){nullptr, nullptr, nullptr, 0}}; \
    return all;                                                                                                   \
  }

}  // namespace software_gpu
