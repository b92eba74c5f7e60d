// SPDX-License-Identifier: MIT
// Compiles a function for the newest GPU that NVRTC knows, and keeps nothing of it.
#include "gpu/kernel_library.hpp"
#include "gpu/nvrtc.hpp"

#include <foldgrid/check.hpp>

namespace foldgrid::detail {

std::optional<std::string> check_text(const char* name, kernel_text (*make_text)()) {
  const cuda::nvrtc& compiler = cuda::nvrtc::get();
  if (!compiler.reason.empty()) return std::string(name) + ": not checked; " + compiler.reason;
  try {
    cuda::compile(cuda::with_library(make_text().whole()), compiler.archs.empty() ? 90 : compiler.archs.back());
    return std::nullopt;
  } catch (const cuda::compile_error& e) {
    return std::string(name) + ": does not compile for the GPU; " + e.what();
  }
}

std::string type_unknown_there(const char* name, std::size_t parameter, std::size_t parameters) {
  const std::string what = parameter == parameters ? "its result" : "its parameter number " + std::to_string(parameter + 1);
  return std::string(name) + ": cannot go to the GPU; " + what + " is neither a number nor declared by FOLDGRID_STRUCT";
}

}  // namespace foldgrid::detail
