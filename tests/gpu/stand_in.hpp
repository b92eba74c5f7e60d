// SPDX-License-Identifier: MIT
// What the stand-in driver tells of the calls it was asked for.
#pragma once

#include <dlfcn.h>

#include <cstddef>
#include <cstdlib>
#include <string>

/// A function of the stand-in driver; null before it is opened.
template <class F>
F of_driver(const char* name) {
  void* const driver = dlopen(std::getenv("FOLDGRID_CUDA_DRIVER"), RTLD_NOW | RTLD_NOLOAD);
  return driver ? reinterpret_cast<F>(dlsym(driver, name)) : nullptr;
}
inline std::size_t count(const char* call) {
  static const auto asked = of_driver<std::size_t (*)(const char*)>("software_cuda_count");
  return asked ? asked(call) : 0;
}
/// The calls of the driver since this was asked last, a name a line.
inline std::string calls() { return of_driver<const char* (*)()>("software_cuda_calls")(); }
inline std::size_t blocks_launched() { return of_driver<std::size_t (*)()>("software_cuda_blocks_launched")(); }
inline std::size_t bytes_in() { return of_driver<std::size_t (*)()>("software_cuda_bytes_in")(); }
inline std::size_t bytes_out() { return of_driver<std::size_t (*)()>("software_cuda_bytes_out")(); }
