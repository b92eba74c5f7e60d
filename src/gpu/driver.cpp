// SPDX-License-Identifier: MIT
// Opens the driver, asks it for its functions, and says why there is no device.
#include "gpu/driver.hpp"

#include <dlfcn.h>

#include <cstdlib>

namespace foldgrid::detail::cuda {
namespace {

using get_proc_address = result (*)(const char* symbol, void** found, int version, unsigned long long flags, int* status);

std::string name_of(const driver& from, result code) {
  const char* name = nullptr;
  if (from.cuGetErrorName == nullptr || from.cuGetErrorName(code, &name) != success || name == nullptr)
    return "error " + std::to_string(code);
  return name;
}

/// Why cuInit failed, in words.
std::string no_device_reason(const driver& from, result code) {
  switch (code) {
    case no_device:
      return "the NVIDIA driver is installed but finds no device (CUDA_VISIBLE_DEVICES hides them, or there is none)";
    case stub_library:
      return "the CUDA toolkit's stub was found instead of the NVIDIA driver; take its folder out of the library path";
    case driver_mismatch:
      return "the NVIDIA driver's library and its kernel module are of different versions; reboot after an update";
    default:
      return "the NVIDIA driver cannot start (" + name_of(from, code) + ")";
  }
}

void open(driver& it) {
  const char* const asked = std::getenv("FOLDGRID_CUDA_DRIVER");
  const std::string file = asked && *asked != '\0' ? asked : "libcuda.so.1";
  void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    it.reason = "no NVIDIA driver: " + file + " was not found";
    return;
  }
  const auto find = reinterpret_cast<get_proc_address>(dlsym(handle, "cuGetProcAddress_v2"));
  const auto version_of = reinterpret_cast<result (*)(int*)>(dlsym(handle, "cuDriverGetVersion"));
  if (version_of != nullptr && version_of(&it.version) == stub_library) {
    it.reason = no_device_reason(it, stub_library);
    return;
  }
  if (find == nullptr || it.version < interface_version) {
    it.reason = "the NVIDIA driver is too old: it has CUDA " + (it.version == 0 ? std::string("before 12.0") : version_text(it.version)) +
                ", foldgrid needs 12.0 (driver 525); update it";
    return;
  }
  const char* missing = nullptr;
#define FOLDGRID_DETAIL_FIND(name, parameters)                                                              \
  {                                                                                                         \
    void* found = nullptr;                                                                                  \
    int status = 0;                                                                                         \
    if (find(#name, &found, interface_version, 0, &status) != success || found == nullptr) missing = #name; \
    it.name = reinterpret_cast<decltype(it.name)>(found);                                                   \
  }
  FOLDGRID_DRIVER_CALLS(FOLDGRID_DETAIL_FIND)
#undef FOLDGRID_DETAIL_FIND
  if (missing != nullptr) {
    it.reason = std::string("the NVIDIA driver lacks ") + missing + "; install it anew";
    return;
  }
  int count = 0;
  result code = it.cuInit(0);
  if (code == success) code = it.cuDeviceGetCount(&count);
  if (code == success && count == 0) code = no_device;
  if (code != success) {
    it.reason = no_device_reason(it, code);
    return;
  }
  it.device_count = count;
}

std::string failure_text(const char* call, result code) {
  const driver& from = driver::get();
  const char* text = nullptr;
  if (from.cuGetErrorString != nullptr) from.cuGetErrorString(code, &text);
  return std::string("CUDA: ") + call + " failed with " + name_of(from, code) + (text == nullptr ? "" : std::string(": ") + text);
}

}  // namespace

const driver& driver::get() {
  static const driver* const opened = [] {
    auto* const it = new driver;  // outlives everything: other static objects may still hold device memory
    open(*it);
    return it;
  }();
  return *opened;
}

std::string version_text(int version) { return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10); }

driver_error::driver_error(const char* call, result code) : error(failure_text(call, code)), code_(code) {}

bool is_fatal(result code) noexcept {
  switch (code) {
    case deinitialized:
    case invalid_context:
    case uncorrectable_memory_error:
    case illegal_address:
    case launch_timeout:
    case context_is_destroyed:
    case assertion_failed:
    case unknown_error:
      return true;
    default:
      return first_of_launch_failures <= code && code <= last_of_launch_failures;
  }
}

void check(result code, const char* call) {
  if (code != success) throw driver_error(call, code);
}

}  // namespace foldgrid::detail::cuda
