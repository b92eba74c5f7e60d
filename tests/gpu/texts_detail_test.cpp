// SPDX-License-Identifier: MIT
// Kernel texts compiled by the real NVRTC, and what the code it makes must and must not contain. Skipped where there is none.
#include "../../examples/duffing/oscillator.hpp"
#include "../contract/strand.hpp"

#include <gpu/kernel_library.hpp>
#include <gpu/nvrtc.hpp>

#include <foldgrid/detail/device_kernels.hpp>
#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace fg = foldgrid;
using namespace foldgrid::detail;

FOLDGRID_FUNCTION(paraboloid, (double a, double x, double y), { return a * (x * x + y * y); })
FOLDGRID_FUNCTOR(damped, (double k; double w;), (double t), { return exp(-k * t) * cos(w * t); })
FOLDGRID_FUNCTOR(commas, (double k, w; int m[2];), (double t), {
  double a = 1, b = 2;
  return min(a, b) + k * t + w + m[0];
})
FOLDGRID_STRUCT(point, (double x; double y;))
FOLDGRID_FUNCTION(norm, (point p), { return sqrt(p.x * p.x + p.y * p.y) * M_PI; })
FOLDGRID_FUNCTION_USING((norm, point), along, (double x), {
  point p{x, 2 * x};
  return norm(p);
})
FOLDGRID_FUNCTOR_USING((along), weighted, (double c;), (double x), { return c * along(x); })
FOLDGRID_FUNCTION(names, (float x), {
  const std::int64_t wide = std::int64_t{1} << 40;
  return std::sqrt(abs(x)) + std::exp(min(x, 1.0f)) + static_cast<float>(wide) * (x > 0 ? 1.0f : INFINITY) +
         fma(x, x, static_cast<float>(NAN));
})
FOLDGRID_FUNCTION(plain_sum, (double a, double b), { return a + b; })

namespace {

class gpu_texts : public testing::Test {
 protected:
  void SetUp() override {
    if (!cuda::nvrtc::get().reason.empty()) GTEST_SKIP() << "left out: " << cuda::nvrtc::get().reason;
  }
  /// PTX: for a device that is newer than the compiler.
  static std::string ptx(const kernel_text& text) {
    const int newest = cuda::nvrtc::get().archs.back();
    return cuda::compile(cuda::with_library(text.whole()), newest + 1).code;
  }
};

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

using doubles = array_source<double>;
using axis = axis_source<linspace_source<double>>;

TEST_F(gpu_texts, maps_compile) {
  EXPECT_NO_THROW(ptx(map_text<double, paraboloid_function, repeat_source<double>, doubles, doubles>()));
  EXPECT_NO_THROW(ptx(map_text<double, damped, doubles>()));
  EXPECT_NO_THROW(ptx(map_text<double, commas, iota_source<long>>()));
  EXPECT_NO_THROW(ptx(map_text<double, weighted, doubles>()));
  EXPECT_NO_THROW(ptx(map_text<double, norm_function, array_source<point>>()));
  EXPECT_NO_THROW(ptx(map_text<float, names_function, array_source<float>>()));
  EXPECT_NO_THROW(ptx(map_text<double, fg::bound_front<paraboloid_function, double>, axis, axis>()));
  EXPECT_NO_THROW(ptx(map_text<strand, strand_at_function, iota_source<unsigned long>>()));
}

TEST_F(gpu_texts, a_parameter_study_compiles) {
  EXPECT_NO_THROW(ptx(map_text<response, long_time_response, axis, axis>()));
  EXPECT_NO_THROW(ptx(reduce_text<summary, merge_function, summary_of_function, array_source<response>>()));
}

TEST_F(gpu_texts, reductions_compile_to_what_they_should) {
  const std::string sum = ptx(reduce_text<float, std::plus<>, void, array_source<float>>());
  EXPECT_GE(count(sum, "ld.global.v4"), 8u) << "eight rows of 16 bytes";
  const std::string wide = ptx(reduce_text<double, std::plus<>, damped, doubles>());
  EXPECT_GE(count(wide, "ld.global.v2.f64"), 8u);
  const std::string dot = ptx(reduce_text<double, std::plus<>, std::multiplies<>, doubles, doubles>());
  const std::string own = ptx(reduce_text<double, plain_sum_function, void, doubles>());
  const std::string strands = ptx(reduce_text<strand, join_function, void, array_source<strand>>());
  for (const std::string& each : {sum, dot, own, strands}) {
    EXPECT_EQ(count(each, "atom.add.acq_rel.gpu"), 1u) << "the ticket";
    EXPECT_EQ(count(each, "ld.global.nc"), 0u) << "partials are other blocks' stores";
    EXPECT_GE(count(each, "ld.global.cg"), 1u);
    EXPECT_EQ(count(each, "fma.rn"), 0u) << "contracted";
    EXPECT_EQ(count(each, ".local"), 0u) << "registers in memory";
  }
}

TEST_F(gpu_texts, grids_compile) {
  EXPECT_NO_THROW(ptx(reduce_text<double, fg::maximum, fg::bound_front<paraboloid_function, double>, axis, axis>()));
}

TEST_F(gpu_texts, a_different_layout_is_noticed) {
  const std::string text = map_text<double, damped, doubles>().whole();
  const std::size_t at = text.find("sizeof(foldgrid_function) == 16");
  ASSERT_NE(at, std::string::npos);
  std::string broken = text;
  broken.replace(at, 31, "sizeof(foldgrid_function) == 24");
  EXPECT_THROW(cuda::compile(cuda::kernel_library + broken, 90), cuda::compile_error);
}

TEST(kernel_texts, tell_libm_from_what_rounds_alike) {
  EXPECT_TRUE((map_text<double, damped, doubles>().calls_libm()));
  EXPECT_TRUE((map_text<float, names_function, array_source<float>>().calls_libm()));
  EXPECT_FALSE((map_text<double, weighted, doubles>().calls_libm()));
  EXPECT_FALSE((map_text<double, paraboloid_function, repeat_source<double>, doubles, doubles>().calls_libm()));
}

}  // namespace
