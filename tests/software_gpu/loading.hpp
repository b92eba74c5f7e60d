// SPDX-License-Identifier: MIT
// What the stand-in driver is given as code, and how it becomes a shared object in this process.
#pragma once

#include <dlfcn.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace software_gpu {

inline bool is_shared_object(const void* code) { return std::memcmp(code, "\177ELF", 4) == 0; }
inline bool is_fatbin(const void* code) {
  constexpr std::uint32_t magic = 0xba55ed50;
  return std::memcmp(code, &magic, sizeof magic) == 0;
}

inline void* load_file(const char* file) {
  void* const handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) std::fprintf(stderr, "software GPU: %s\n", dlerror());
  return handle;
}

/// A shared object in memory, as long as its own ELF header says.
inline void* load_shared_object(const void* code) {
  const auto* const bytes = static_cast<const unsigned char*>(code);
  std::uint64_t sections_at;
  std::uint16_t section_size, section_count;
  std::memcpy(&sections_at, bytes + 40, 8);
  std::memcpy(&section_size, bytes + 58, 2);
  std::memcpy(&section_count, bytes + 60, 2);
  const std::size_t size = sections_at + std::size_t{section_size} * section_count;
  char file[] = "/tmp/software-gpu-XXXXXX";
  const int descriptor = mkstemp(file);
  if (descriptor < 0) return nullptr;
  const bool written = write(descriptor, code, size) == static_cast<ssize_t>(size);
  close(descriptor);
  void* const handle = written ? load_file(file) : nullptr;
  unlink(file);
  return handle;
}

/// The library's prebuilt kernels: made by the tests' build from what nvcc makes the fatbin from.
inline void* load_prebuilt() {
  Dl_info self;
  if (std::getenv("SOFTWARE_CUDA_REFUSES_FATBIN") || dladdr(reinterpret_cast<void*>(&load_file), &self) == 0) return nullptr;
  const std::string here = self.dli_fname;
  return load_file((here.substr(0, here.rfind('/') + 1) + "libsoftware_prebuilt.so").c_str());
}

/// Null for code that this device does not run.
inline void* load_code(const void* code) {
  if (is_fatbin(code)) return load_prebuilt();
  return is_shared_object(code) ? load_shared_object(code) : nullptr;
}

}  // namespace software_gpu
