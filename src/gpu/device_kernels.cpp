// SPDX-License-Identifier: MIT
// Where a kernel comes from: the library itself, the cache on disk, or the compiler.
#include "gpu/device.hpp"
#include "gpu/kernel_cache.hpp"
#include "gpu/kernel_library.hpp"
#include "gpu/nvrtc.hpp"
#include "gpu/prebuilt.hpp"

namespace foldgrid::detail::cuda {
namespace {

/// Code that is damaged, or for another device or a newer driver; there is other code to try then.
bool is_refused(result code) { return code != success && code != out_of_memory && !is_fatal(code); }

result load(library& loaded, const char* code) {
  return driver::get().cuLibraryLoadData(&loaded, code, nullptr, nullptr, 0u, nullptr, nullptr, 0u);
}

/// The driver may load the code only here.
result find(function& found, library in, const char* name) {
  kernel named;
  const result code = driver::get().cuLibraryGetKernel(&named, in, name);
  return code != success ? code : driver::get().cuKernelGetFunction(&found, named);
}

result load_kernel(function& found, const char* code) {
  library loaded;
  const result how = load(loaded, code);
  return how != success ? how : find(found, loaded, "foldgrid_kernel");
}

}  // namespace

function device_object::kernel_of(kernel_source of) {
  const std::lock_guard lock(kernels_mutex_);
  if (of.compiled != nullptr) {
    function& found = compiled_kernels_[of.compiled];
    const char* trouble = "no kernel";
    if (found == nullptr) found = static_cast<function>(of.compiled(&trouble));
    if (found == nullptr)
      throw backend_unavailable("the kernel that nvcc compiled in your program cannot be used on " + name_ + " (" + trouble +
                                "); compile that unit for its architecture: -gencode arch=compute_" + std::to_string(capability_) +
                                ",code=sm_" + std::to_string(capability_));
    return found;
  }
  kernel_text (*const make_text)() = of.text;
  function& known = kernels_[make_text];
  if (known != nullptr) return known;
  const std::string text = make_text().whole();
  function& of_text = functions_[text];
  if (of_text == nullptr) of_text = prebuilt_kernel(text);
  if (of_text == nullptr) of_text = compiled_kernel(text);
  return known = of_text;
}

/// Null when the text is not among those compiled with the library.
function device_object::prebuilt_kernel(const std::string& text) {
  if (prebuilt_kernels.empty()) return nullptr;
  const std::string name = prebuilt_name(text);
  if (!is_prebuilt(name)) return nullptr;
  if (!prebuilt_sought_) {
    prebuilt_sought_ = true;
    const result code = load(prebuilt_, prebuilt_code);
    if (is_refused(code)) {
      prebuilt_ = nullptr;
    } else {
      check(code, "cuLibraryLoadData");
    }
  }
  if (prebuilt_ == nullptr) return nullptr;
  function found = nullptr;
  const result code = find(found, prebuilt_, name.c_str());
  if (is_refused(code)) return nullptr;
  check(code, "cuKernelGetFunction");
  return found;
}

function device_object::compiled_kernel(const std::string& text) {
  const kernel_cache& cache = kernel_cache::get();
  const std::string all = with_library(text), key = kernel_cache::key_of(all, capability_);
  function found = nullptr;
  if (const std::optional<std::string> kept = cache.find(key)) {
    const result code = load_kernel(found, kept->data());
    if (code == success) return found;
    if (!is_refused(code)) check(code, "cuLibraryLoadData");
    cache.remove(key);
  }
  if (const auto failed = failed_texts_.find(key); failed != failed_texts_.end()) throw compile_error(failed->second);
  const compiled made = [&] {
    try {
      return compile(all, capability_);
    } catch (const compile_error& e) {
      failed_texts_.emplace(key, e.what());
      throw;
    }
  }();
  if (const result code = load_kernel(found, made.code.data()); is_refused(code)) {
    const nvrtc& compiler = nvrtc::get();
    throw backend_unavailable("the driver, of CUDA " + version_text(driver::get().version) + ", refuses the code that NVRTC " +
                              std::to_string(compiler.major) + "." + std::to_string(compiler.minor) + " makes (" +
                              driver_error("cuLibraryLoadData", code).what() +
                              "); update the driver, or name an older NVRTC in FOLDGRID_NVRTC");
  } else {
    check(code, "cuLibraryLoadData");
  }
  cache.keep(key, made.code);
  return found;
}

}  // namespace foldgrid::detail::cuda
