// SPDX-License-Identifier: MIT
// Writes what nvcc compiles with the library, prebuilt.cu, and the list of it, prebuilt_kernels.inc, into a folder:
// foldgrid_prebuild FOLDER. Part of the build.
#include "gpu/kernel_library.hpp"
#include "gpu/prebuilt.hpp"

#include <foldgrid/detail/device_kernels.hpp>
#include <foldgrid/operators.hpp>

#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <string>

namespace {

using namespace foldgrid::detail;

/// Each kernel's text by its name.
std::map<std::string, std::string> kernels;

void add(const kernel_text& text) {
  const std::string whole = text.whole();
  kernels.emplace(cuda::prebuilt_name(whole), whole);
}

template <class Op, class T>
void add_operator() {
  using array = array_source<T>;
  add(reduce_text<T, Op, void, array>());
  add(map_text<T, Op, array, array>());
}

template <class T>
void add_type() {
  add_operator<std::plus<>, T>();
  add_operator<std::multiplies<>, T>();
  add_operator<foldgrid::minimum, T>();
  add_operator<foldgrid::maximum, T>();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: foldgrid_prebuild FOLDER\n");
    return 2;
  }
  add_type<int>();
  add_type<long>();
  add_type<long long>();
  add_type<float>();
  add_type<double>();
  const std::string folder = argv[1];
  std::ofstream code(folder + "/prebuilt.cu"), names(folder + "/prebuilt_kernels.inc");
  code << cuda::kernel_library;
  for (const auto& [name, text] : kernels) {
    // every text calls its types and its kernel the same
    code << "#define foldgrid_kernel " << name << "\nnamespace " << name << "_types {\n"
         << text << "}\n#undef foldgrid_kernel\nusing " << name << "_types::" << name << ";\n";
    names << "FOLDGRID_PREBUILT(" << name << ")\n";
  }
  code.close();
  names.close();
  if (!code || !names) std::fprintf(stderr, "foldgrid_prebuild: cannot write to %s\n", folder.c_str());
  return code && names ? 0 : 1;
}
