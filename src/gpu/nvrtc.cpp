// SPDX-License-Identifier: MIT
// Finds and drives NVRTC.
#include "gpu/nvrtc.hpp"

#include "gpu/compiler_messages.hpp"
#include "gpu/driver.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace foldgrid::detail::cuda {
namespace {

constexpr int newest_major = 13, oldest_major = 12;

/// Where NVRTC may lie, best first.
std::vector<std::string> places(int driver_version) {
  if (const char* const asked = std::getenv("FOLDGRID_NVRTC"); asked && *asked != '\0') return {asked};
  std::vector<std::string> folders{""};
  for (const char* const name : {"CUDA_HOME", "CUDA_PATH"})
    if (const char* const home = std::getenv(name); home && *home != '\0')
      for (const char* const below : {"/lib64/", "/lib/"}) folders.push_back(std::string(home) + below);
  folders.insert(folders.end(), {"/usr/local/cuda/lib64/", "/usr/local/cuda/lib/"});
  std::vector<std::string> found;
  const int newest = driver_version == 0 ? newest_major : std::min(newest_major, driver_version / 1000);
  for (int major = newest; major >= oldest_major; --major)
    for (const std::string& folder : folders) found.push_back(folder + "libnvrtc.so." + std::to_string(major));
  return found;
}

/// Opens the file, when it is there; says why it cannot be used.
bool open(nvrtc& it, const std::string& file) {
  void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return false;
  it.file = file;
  it.reason.clear();
  const char* missing = nullptr;
#define FOLDGRID_DETAIL_FIND(name, parameters)                         \
  it.name = reinterpret_cast<decltype(it.name)>(dlsym(handle, #name)); \
  if (it.name == nullptr) missing = #name;
  FOLDGRID_NVRTC_CALLS(FOLDGRID_DETAIL_FIND)
#undef FOLDGRID_DETAIL_FIND
  int count = 0;
  if (missing != nullptr) {
    it.reason = it.file + " lacks " + missing;
  } else if (it.nvrtcVersion(&it.major, &it.minor) != success || it.nvrtcGetNumSupportedArchs(&count) != success || count <= 0) {
    it.reason = it.file + " does not tell its version";
  } else if (it.major < 12 || (it.major == 12 && it.minor < 8)) {
    it.reason = it.file + " is NVRTC " + std::to_string(it.major) + "." + std::to_string(it.minor) +
                ", foldgrid needs 12.8; install a newer one, or name it in FOLDGRID_NVRTC";
  } else {
    it.archs.resize(static_cast<std::size_t>(count));
    if (it.nvrtcGetSupportedArchs(it.archs.data()) != success) it.archs.clear();
    std::sort(it.archs.begin(), it.archs.end());
  }
  return true;
}

/// The first that can be used; else what is wrong with the first that is there.
void open(nvrtc& it) {
  const std::vector<std::string> candidates = places(driver::get().version);
  std::string reason;
  for (const std::string& file : candidates) {
    if (!open(it, file)) continue;
    if (it.reason.empty()) return;
    if (reason.empty()) reason = it.reason;
  }
  it.reason = !reason.empty() ? reason
                              : "no NVRTC: " + (candidates.empty() ? std::string("libnvrtc.so") : candidates.front()) +
                                    " was not found; install the CUDA toolkit's run-time compiler, or name the file in FOLDGRID_NVRTC";
}

/// The capability to compile for, and whether that gives a cubin: the device's own, else the newest the compiler knows
/// before it, as PTX that the driver compiles on.
struct target {
  int capability;
  bool cubin;
};
target target_for(const std::vector<int>& archs, int capability) {
  if (std::binary_search(archs.begin(), archs.end(), capability)) return {capability, true};
  const auto above = std::upper_bound(archs.begin(), archs.end(), capability);
  return {above == archs.begin() ? capability : *(above - 1), false};
}

struct program_owner {
  const nvrtc& compiler;
  program made = nullptr;
  ~program_owner() {
    if (made != nullptr) compiler.nvrtcDestroyProgram(&made);
  }
};

template <class Size, class Read>
std::string read(program from, Size size, Read read_to) {
  std::size_t bytes = 0;
  if (size(from, &bytes) != success || bytes == 0) return {};
  std::string text(bytes, '\0');
  if (read_to(from, text.data()) != success) return {};
  return text;
}

}  // namespace

const nvrtc& nvrtc::get() {
  static const nvrtc* const opened = [] {
    auto* const it = new nvrtc;
    open(*it);
    return it;
  }();
  return *opened;
}

compiled compile(const std::string& text, int capability) {
  const nvrtc& compiler = nvrtc::get();
  if (!compiler.reason.empty()) throw backend_unavailable(compiler.reason);
  const auto start = std::chrono::steady_clock::now();
  program_owner of{compiler};
  if (compiler.nvrtcCreateProgram(&of.made, text.c_str(), "foldgrid", 0, nullptr, nullptr) != success)
    throw compile_error("NVRTC cannot take the text");
  const target to = target_for(compiler.archs, capability);
  const std::string architecture = std::string("--gpu-architecture=") + (to.cubin ? "sm_" : "compute_") + std::to_string(to.capability);
  std::vector<const char*> option_texts(std::begin(fixed_options), std::end(fixed_options));
  option_texts.push_back(architecture.c_str());
  if (compiler.nvrtcCompileProgram(of.made, static_cast<int>(option_texts.size()), option_texts.data()) != success) {
    std::string log = read(of.made, compiler.nvrtcGetProgramLogSize, compiler.nvrtcGetProgramLog);
    while (!log.empty() && (log.back() == '\0' || log.back() == '\n')) log.pop_back();
    throw compile_error(log.empty() ? "NVRTC failed without a message" : translated(log));
  }
  compiled result;
  result.code = to.cubin ? read(of.made, compiler.nvrtcGetCUBINSize, compiler.nvrtcGetCUBIN)
                         : read(of.made, compiler.nvrtcGetPTXSize, compiler.nvrtcGetPTX);
  if (result.code.empty()) throw compile_error("NVRTC gave no code");
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace foldgrid::detail::cuda
