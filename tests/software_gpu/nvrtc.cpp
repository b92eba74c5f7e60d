// SPDX-License-Identifier: MIT
// A stand-in for libnvrtc: it hands kernel text to the compiler that built the tests, and gives back a shared object.
#include <gpu/cuda_api.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace {

using foldgrid::detail::cuda::result;
constexpr result success = 0, compilation_failed = 6;

std::string read(const std::filesystem::path& file) {
  std::ifstream from(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(from), std::istreambuf_iterator<char>()};
}

struct source {
  std::string text, code, log;
};

}  // namespace

#define SOFTWARE_NVRTC extern "C" [[gnu::visibility("default")]] result

SOFTWARE_NVRTC nvrtcVersion(int* major, int* minor) {
  const char* const version = std::getenv("SOFTWARE_NVRTC_MINOR");
  *major = 12;
  *minor = version ? std::atoi(version) : 9;
  return success;
}
SOFTWARE_NVRTC nvrtcGetNumSupportedArchs(int* count) {
  *count = 2;
  return success;
}
SOFTWARE_NVRTC nvrtcGetSupportedArchs(int* archs) {
  archs[0] = 80;
  archs[1] = 90;
  return success;
}
SOFTWARE_NVRTC nvrtcCreateProgram(source** made, const char* text, const char*, int, const char* const*, const char* const*) {
  *made = new source{text, {}, {}};
  return success;
}
SOFTWARE_NVRTC nvrtcDestroyProgram(source** of) {
  delete *of;
  *of = nullptr;
  return success;
}
SOFTWARE_NVRTC nvrtcCompileProgram(source* of, int, const char* const*) {
  namespace fs = std::filesystem;
  std::string pattern = (fs::temp_directory_path() / "software-nvrtc-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return compilation_failed;
  const fs::path folder = pattern;
  std::ofstream(folder / "text.cpp") << "#include <software_gpu/module.hpp>\n" << of->text << "\nSOFTWARE_GPU_KERNEL(foldgrid_kernel)\n";
  const std::string command = std::string(SOFTWARE_NVRTC_COMMAND) + " " + (folder / "text.cpp").string() + " -o " +
                              (folder / "text.so").string() + " " SOFTWARE_NVRTC_LIBRARY " 2> " + (folder / "log").string();
  const int status = std::system(command.c_str());
  of->log = read(folder / "log");
  of->code = read(folder / "text.so");
  fs::remove_all(folder);
  return status == 0 ? success : compilation_failed;
}
SOFTWARE_NVRTC nvrtcGetCUBINSize(source* of, std::size_t* bytes) {
  *bytes = of->code.size();
  return success;
}
SOFTWARE_NVRTC nvrtcGetCUBIN(source* of, char* to) {
  std::memcpy(to, of->code.data(), of->code.size());
  return success;
}
SOFTWARE_NVRTC nvrtcGetPTXSize(source* of, std::size_t* bytes) { return nvrtcGetCUBINSize(of, bytes); }
SOFTWARE_NVRTC nvrtcGetPTX(source* of, char* to) { return nvrtcGetCUBIN(of, to); }
SOFTWARE_NVRTC nvrtcGetProgramLogSize(source* of, std::size_t* bytes) {
  *bytes = of->log.size();
  return success;
}
SOFTWARE_NVRTC nvrtcGetProgramLog(source* of, char* to) {
  std::memcpy(to, of->log.data(), of->log.size());
  return success;
}
