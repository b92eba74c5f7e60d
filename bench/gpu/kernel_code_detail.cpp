// SPDX-License-Identifier: MIT
// Compiles the hot part of reductions, one warp's tile, for a device, and writes the code for a disassembler: kernel_code FOLDER
// CAPABILITY. For each a line NAME FILE ELEMENTS BYTES: the elements that each thread folds, and the bytes read for one. Needs NVRTC, no
// GPU.
#include "operations.hpp"

#include <gpu/grids.hpp>
#include <gpu/kernel_library.hpp>
#include <gpu/nvrtc.hpp>

#include <foldgrid/detail/device_kernels.hpp>
#include <foldgrid/detail/search.hpp>
#include <foldgrid/foldgrid.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

namespace fg = foldgrid;
using namespace foldgrid::detail;

FOLDGRID_FUNCTION(own_plus_f32, (float a, float b), { return a + b; })
FOLDGRID_FUNCTION(own_plus_f64, (double a, double b), { return a + b; })
FOLDGRID_FUNCTION(own_plus_i32, (int a, int b), { return a + b; })
FOLDGRID_FUNCTION(own_plus_i64, (long a, long b), { return a + b; })
FOLDGRID_FUNCTION(own_max_f64, (double a, double b), { return a != a ? a : b != b ? b : a < b ? b : a; })
FOLDGRID_FUNCTION(checked_plus, (double a, double b), {
  if (a > 1e300) fg::fail(1);
  return a + b;
})
FOLDGRID_FUNCTION(square, (double x), { return x * x; })
FOLDGRID_FUNCTION(square_or_fail, (double x), {
  if (x > 1e150) return fg::fail(1), 0.0;
  return x * x;
})
namespace {

std::string folder;
int capability = 90;

template <class A, class Op, class F, class... S>
void write(const char* name) {
  using stored = node_there_t<A, Op, F>;
  constexpr leaf_sizes sizes = sizes_of<stored, S...>();
  const fg::gpu::tile_shape tile = fg::gpu::tile_of(capability, cuda::bytes_of(sizes));
  std::string text = cuda::with_library(reduce_text<A, Op, F, S...>().whole());
  text +=
      "extern \"C\" __global__ void __launch_bounds__(256) tile(foldgrid_leaves leaf, foldgrid_operator op, foldgrid::gpu::size* status, "
      "foldgrid_stored* to) {\n"
      "  const unsigned long long warp = blockIdx.x * 8 + threadIdx.x / 32;\n"
      "  const foldgrid_stored node = foldgrid::gpu::fold_warp(leaf, ";
  text += is_checked<stored> ? "foldgrid::gpu::checked_operator<foldgrid_operator>{op, status}" : "op";
  text +=
      ", warp * foldgrid::gpu::reduce_shape<foldgrid_leaves>::in_warp, true, foldgrid::gpu::everything{});\n"
      "  if (threadIdx.x % 32 == 0) to[warp] = node;\n}\n";
  const std::string file = folder + "/" + name + ".cubin";
  std::ofstream(file, std::ios::binary) << cuda::compile(text, capability).code;
  std::printf("%s %s %d %zu\n", name, file.c_str(), tile.items * tile.rows, sizes.read);
}

template <class T>
using array = array_source<T>;

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: kernel_code FOLDER CAPABILITY\n");
    return 2;
  }
  folder = argv[1];
  capability = std::atoi(argv[2]);
  try {
    write<float, std::plus<>, void, array<float>>("plus_f32");
    write<float, own_plus_f32_function, void, array<float>>("own_plus_f32");
    write<double, std::plus<>, void, array<double>>("plus_f64");
    write<double, own_plus_f64_function, void, array<double>>("own_plus_f64");
    write<int, std::plus<>, void, array<int>>("plus_i32");
    write<int, own_plus_i32_function, void, array<int>>("own_plus_i32");
    write<long, std::plus<>, void, array<long>>("plus_i64");
    write<long, own_plus_i64_function, void, array<long>>("own_plus_i64");
    write<double, fg::maximum, void, array<double>>("max_f64");
    write<double, own_max_f64_function, void, array<double>>("own_max_f64");
    write<double, checked_plus_function, void, array<double>>("plus_f64_that_may_fail");
    write<double, std::plus<>, square_function, array<double>>("squares_f64");
    write<double, std::plus<>, square_or_fail_function, array<double>>("squares_f64_that_may_fail");
    write<double, std::plus<>, void, array<float>>("plus_f32_to_f64");
    write<placed<double>, first_least, place, array<double>, iota_source<unsigned long long>>("argmin_f64");
    write<placed<float>, first_least, place, array<float>, iota_source<unsigned long long>>("argmin_f32");
    write<fg::minmax_result<double>, both_extremes, both, array<double>>("minmax_f64");
    write<fg::minmax_result<float>, both_extremes, both, array<float>>("minmax_f32");
    write<signed char, std::plus<>, void, array<signed char>>("plus_i8");
    write<gpu_check::matrix, gpu_check::matrix_product_function, void, array<gpu_check::matrix>>("matrix_product");
    write<gpu_check::struct_24, gpu_check::join_24_function, void, array<gpu_check::struct_24>>("struct_24");
    write<gpu_check::struct_64, gpu_check::join_64_function, void, array<gpu_check::struct_64>>("struct_64");
  } catch (const std::exception& e) {
    std::fprintf(stderr, "kernel_code: %s\n", e.what());
    return 1;
  }
}
