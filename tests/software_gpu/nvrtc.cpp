// SPDX-License-Identifier: MIT
// A stand-in for libnvrtc: it hands kernel text to the compiler that built the tests, and gives back a shared object. Where the toolkit
// is there, the real NVRTC has to take every text too: an ordinary compiler takes more.
#include "trouble.hpp"

#include <gpu/cuda_api.hpp>
#include <gpu/nvrtc.hpp>

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using foldgrid::detail::cuda::result;
constexpr result success = 0, invalid_option = 5, compilation_failed = 6;

std::string read(const std::filesystem::path& file) {
  std::ifstream from(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(from), std::istreambuf_iterator<char>()};
}

struct source {
  std::string text, code, log;
};

/// The messages of g++ or clang the way NVRTC writes them.
std::string as_of_nvrtc(const std::string& log) {
  static const std::regex error("(.*):([0-9]+):[0-9]+: error: (.*)"), excerpt(" *[0-9]* \\| ?(.*)"),
      undeclared("'([^']*)' (?:was not declared in this scope|has not been declared).*|use of undeclared identifier '([^']*)'.*"),
      no_member("'([^']*)' is not a member of 'std'.*|no member named '([^']*)' in namespace 'std'.*"),
      failed("static assertion failed(?: due to requirement '.*')?: (.*)");
  std::string text;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (std::regex_match(line, found, error)) {
      std::string what = found[3];
      what = std::regex_replace(what, undeclared, "identifier \"$1$2\" is undefined");
      what = std::regex_replace(what, no_member, "namespace \"std\" has no member \"$1$2\"");
      what = std::regex_replace(what, failed, "static assertion failed with \"$1\"");
      text += found[1].str() + "(" + found[2].str() + "): error: " + what + "\n";
    } else if (std::regex_match(line, found, excerpt)) {
      text += "  " + found[1].str() + "\n";
    }
  }
  return text;
}

std::mutex mutex;
/// Takes note of a call; gives the error that it fails with, by SOFTWARE_NVRTC_FAILS as SOFTWARE_CUDA_FAILS for the driver.
result planted(const char* name) {
  static software_gpu::trouble all("SOFTWARE_NVRTC");
  const std::lock_guard lock(mutex);
  return all.before(name);
}

#ifdef SOFTWARE_NVRTC_REAL
/// What the real NVRTC has against a text that compiles here; empty for nothing.
std::string real_objections(const std::string& text) {
  foldgrid::detail::cuda::nvrtc_calls real;
  static void* const handle = dlopen(SOFTWARE_NVRTC_REAL, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return std::string("the real NVRTC cannot be loaded: ") + dlerror();
#define FOLDGRID_DETAIL_FIND(name, parameters) real.name = reinterpret_cast<decltype(real.name)>(dlsym(handle, #name));
  FOLDGRID_NVRTC_CALLS(FOLDGRID_DETAIL_FIND)
#undef FOLDGRID_DETAIL_FIND
  const std::lock_guard lock(mutex);
  foldgrid::detail::cuda::program made = nullptr;
  if (real.nvrtcCreateProgram(&made, text.c_str(), "foldgrid", 0, nullptr, nullptr) != success)
    return "the real NVRTC does not take the text";
  std::vector<const char*> options(std::begin(foldgrid::detail::cuda::fixed_options), std::end(foldgrid::detail::cuda::fixed_options));
  options.push_back("--gpu-architecture=compute_90");  // what assembles PTX objects to nothing
  std::string log;
  if (real.nvrtcCompileProgram(made, static_cast<int>(options.size()), options.data()) != success) {
    std::size_t bytes = 0;
    real.nvrtcGetProgramLogSize(made, &bytes);
    log.resize(bytes);
    real.nvrtcGetProgramLog(made, log.data());
    log = "the software GPU takes it, the real NVRTC does not: " + log;
  }
  real.nvrtcDestroyProgram(&made);
  return log;
}
#endif

}  // namespace

#define SOFTWARE_NVRTC extern "C" [[gnu::visibility("default")]] result

SOFTWARE_NVRTC nvrtcVersion(int* major, int* minor) {
  if (const result code = planted("nvrtcVersion"); code != success) return code;
  const char* const version = std::getenv("SOFTWARE_NVRTC_MINOR");
  *major = 12;
  *minor = version ? std::atoi(version) : 9;
  return success;
}
SOFTWARE_NVRTC nvrtcGetNumSupportedArchs(int* count) {
  if (const result code = planted("nvrtcGetNumSupportedArchs"); code != success) return code;
  *count = 3;
  return success;
}
SOFTWARE_NVRTC nvrtcGetSupportedArchs(int* archs) {
  if (const result code = planted("nvrtcGetSupportedArchs"); code != success) return code;
  archs[0] = 75;
  archs[1] = 80;
  archs[2] = 90;
  return success;
}
SOFTWARE_NVRTC nvrtcCreateProgram(source** made, const char* text, const char*, int, const char* const*, const char* const*) {
  if (const result code = planted("nvrtcCreateProgram"); code != success) return code;
  *made = new source{text, {}, {}};
  return success;
}
SOFTWARE_NVRTC nvrtcDestroyProgram(source** of) {
  const result code = planted("nvrtcDestroyProgram");
  delete *of;  // also where that is told as a failure: nobody could do it again
  *of = nullptr;
  return code;
}
SOFTWARE_NVRTC nvrtcCompileProgram(source* of, int count, const char* const* options) {
  if (const result code = planted("nvrtcCompileProgram"); code != success) return code;
  std::string capability = "90";
  for (int k = 0; k < count; ++k) {
    const std::string_view option = options[k], name = "--gpu-architecture=";
    if (!option.starts_with(name)) continue;
    capability = option.substr(option.size() - 2);
    if (capability != "75" && capability != "80" && capability != "90") {
      of->log = "nvrtc: error: invalid value for --gpu-architecture (-arch)\n";
      return invalid_option;
    }
  }
  namespace fs = std::filesystem;
  std::string pattern = (fs::temp_directory_path() / "software-nvrtc-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return compilation_failed;
  const fs::path folder = pattern;
  std::ofstream(folder / "text.cpp") << "#include <software_gpu/module.hpp>\n" << of->text << "\nSOFTWARE_GPU_KERNEL(foldgrid_kernel)\n";
  const std::string command = std::string("LC_ALL=C " SOFTWARE_NVRTC_COMMAND) + " -DFOLDGRID_CAPABILITY=" + capability + " " +
                              (folder / "text.cpp").string() + " -o " + (folder / "text.so").string() + " " SOFTWARE_NVRTC_LIBRARY " 2> " +
                              (folder / "log").string();
  const int status = std::system(command.c_str());
  of->log = as_of_nvrtc(read(folder / "log"));
  of->code = read(folder / "text.so");
  fs::remove_all(folder);
#ifdef SOFTWARE_NVRTC_REAL
  if (status == 0) {
    of->log = real_objections(of->text);
    if (!of->log.empty()) return compilation_failed;
  }
#endif
  return status == 0 ? success : compilation_failed;
}
SOFTWARE_NVRTC nvrtcGetCUBINSize(source* of, std::size_t* bytes) {
  if (const result code = planted("nvrtcGetCUBINSize"); code != success) return code;
  *bytes = of->code.size();
  return success;
}
SOFTWARE_NVRTC nvrtcGetCUBIN(source* of, char* to) {
  if (const result code = planted("nvrtcGetCUBIN"); code != success) return code;
  std::memcpy(to, of->code.data(), of->code.size());
  return success;
}
SOFTWARE_NVRTC nvrtcGetPTXSize(source* of, std::size_t* bytes) {
  if (const result code = planted("nvrtcGetPTXSize"); code != success) return code;
  return nvrtcGetCUBINSize(of, bytes);
}
SOFTWARE_NVRTC nvrtcGetPTX(source* of, char* to) {
  if (const result code = planted("nvrtcGetPTX"); code != success) return code;
  return nvrtcGetCUBIN(of, to);
}
SOFTWARE_NVRTC nvrtcGetProgramLogSize(source* of, std::size_t* bytes) {
  if (const result code = planted("nvrtcGetProgramLogSize"); code != success) return code;
  *bytes = of->log.size();
  return success;
}
SOFTWARE_NVRTC nvrtcGetProgramLog(source* of, char* to) {
  if (const result code = planted("nvrtcGetProgramLog"); code != success) return code;
  std::memcpy(to, of->log.data(), of->log.size());
  return success;
}
