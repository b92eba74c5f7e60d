// SPDX-License-Identifier: MIT
// Writes what nvcc compiles with the library, prebuilt.cu, the list of it, prebuilt_kernels.inc, and, for a test, the bytes of each
// kernel's parameters, prebuilt_entries.txt, into a folder: foldgrid_prebuild FOLDER. Part of the build.
#include "gpu/kernel_library.hpp"
#include "gpu/prebuilt.hpp"

#include <foldgrid/detail/device_kernels.hpp>
#include <foldgrid/detail/offload.hpp>
#include <foldgrid/detail/search.hpp>
#include <foldgrid/operators.hpp>

#include <concepts>
#include <cstdio>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace {

using namespace foldgrid::detail;

/// A kernel: its text, and the bytes of the parameters that launches pass.
struct kernel_entry {
  std::string text;
  std::vector<std::size_t> parameters;
};
std::map<std::string, kernel_entry> kernels;

/// `more` are the bytes of what follows the function, the inputs, base and n.
template <class F, class... S>
void add_kernel(const kernel_text& text, std::initializer_list<std::size_t> more) {
  std::vector<std::size_t> parameters = pack_arguments(F{}, std::tuple<S...>(S{}...)).sizes();
  parameters.insert(parameters.end(), {8, 8});
  parameters.insert(parameters.end(), more);
  const std::string whole = text.whole();
  kernels.emplace(cuda::prebuilt_name(whole), kernel_entry{whole, parameters});
}
template <class A, class Op, class F, class... S>
void add_reduction() {
  add_kernel<F, S...>(reduce_text<A, Op, function_or_void<F>, S...>(), {sizeof(Op), 8, 8, 8});
}

template <class Op, class T>
void add_operator() {
  using array = array_source<T>;
  add_reduction<T, Op, no_function, array>();
  add_kernel<Op, array, array>(map_text<T, Op, array, array>(), {8});
}

template <class Found, class Leaf, class Op, class T>
void add_search() {
  if constexpr (std::invocable<const Leaf&, const T&>) {
    add_reduction<Found, Op, Leaf, array_source<T>>();
  } else {
    add_reduction<Found, Op, Leaf, array_source<T>, iota_source<unsigned long long>>();
  }
}

template <class T>
void add_type() {
  add_operator<std::plus<>, T>();
  add_operator<std::multiplies<>, T>();
  add_operator<foldgrid::minimum, T>();
  add_operator<foldgrid::maximum, T>();
  add_operator<std::logical_and<>, T>();
  add_operator<std::logical_or<>, T>();
  if constexpr (std::integral<T>) {
    add_operator<std::bit_and<>, T>();
    add_operator<std::bit_or<>, T>();
    add_operator<std::bit_xor<>, T>();
  } else {
    add_search<unsigned long long, nonfinite_place, foldgrid::minimum, T>();
  }
  add_search<foldgrid::minmax_result<promoted_t<T>>, both, both_extremes, T>();
  add_search<placed<T>, place, first_least, T>();
  add_search<placed<T>, place, first_greatest, T>();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: foldgrid_prebuild FOLDER\n");
    return 2;
  }
#define FOLDGRID_DETAIL_ADD(T) add_type<T>();
  FOLDGRID_DETAIL_NUMBERS(FOLDGRID_DETAIL_ADD)
#undef FOLDGRID_DETAIL_ADD
  add_operator<std::logical_and<>, bool>();
  add_operator<std::logical_or<>, bool>();
  add_reduction<double, std::plus<>, no_function, array_source<float>>();
  const std::string folder = argv[1];
  std::ofstream code(folder + "/prebuilt.cu"), names(folder + "/prebuilt_kernels.inc"), entries(folder + "/prebuilt_entries.txt");
  code << cuda::kernel_library;
  for (const auto& [name, kernel] : kernels) {
    // every text calls its types and its kernel the same
    code << "#define foldgrid_kernel " << name << "\nnamespace " << name << "_types {\n"
         << kernel.text << "}\n#undef foldgrid_kernel\nusing " << name << "_types::" << name << ";\n";
    names << "FOLDGRID_PREBUILT(" << name << ")\n";
    entries << name;
    for (const std::size_t bytes : kernel.parameters) entries << ' ' << bytes;
    entries << '\n';
  }
  code.close();
  names.close();
  entries.close();
  if (!code || !names || !entries) std::fprintf(stderr, "foldgrid_prebuild: cannot write to %s\n", folder.c_str());
  return code && names && entries ? 0 : 1;
}
