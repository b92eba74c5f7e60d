// SPDX-License-Identifier: MIT
// What only the software GPU can tell: how often the driver and the compiler were asked, and what a call leaves behind.
#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <dlfcn.h>

#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

namespace fg = foldgrid;

FOLDGRID_FUNCTOR(state, (double a; int b;), (double x), { return a * x + b; })
static const double host_only = 3;
FOLDGRID_FUNCTION(does_not_compile, (double x), { return x + host_only; })

namespace {

std::size_t count(const char* call) {
  static const auto asked = [] {
    void* const driver = dlopen(std::getenv("FOLDGRID_CUDA_DRIVER"), RTLD_NOW | RTLD_NOLOAD);
    return driver ? reinterpret_cast<std::size_t (*)(const char*)>(dlsym(driver, "software_cuda_count")) : nullptr;
  }();
  return asked ? asked(call) : 0;
}

const fg::executor& gpu() {
  static const fg::executor made{{.where = fg::backend::gpu}};
  return made;
}
const fg::executor& serial() {
  static const fg::executor made{{.where = fg::backend::serial}};
  return made;
}

TEST(software_gpu, a_thousand_states_compile_once) {
  const std::vector<double> xs(10, 2.0);
  gpu().map(state{0, 0}, xs);
  const std::size_t loaded = count("cuLibraryLoadData"), launched = count("cuLaunchKernel");
  for (int k = 0; k < 1000; ++k) EXPECT_EQ(gpu().map(state{k * 0.5, k}, xs)[9], k * 0.5 * 2 + k);
  EXPECT_EQ(count("cuLibraryLoadData"), loaded);
  EXPECT_EQ(count("cuLaunchKernel"), launched + 1000);
}

TEST(software_gpu, a_reduction_is_one_launch) {
  const std::vector<double> xs(100'000, 0.1);
  gpu().sum(xs);
  const std::size_t launched = count("cuLaunchKernel");
  EXPECT_EQ(gpu().sum(xs), serial().sum(xs));
  EXPECT_EQ(count("cuLaunchKernel"), launched + 1);
}

TEST(software_gpu, nothing_is_left_allocated_and_every_context_is_popped) {
  const std::vector<double> xs(1000, 0.1);
  gpu().map(state{1, 2}, xs);
  const std::size_t taken = count("cuMemAllocFromPoolAsync") - count("cuMemFreeAsync");
  for (int k = 0; k < 10; ++k) {
    gpu().map(state{1, k}, xs);
    gpu().map_reduce(state{1, k}, std::plus<>{}, xs);
    EXPECT_THROW(gpu().map(does_not_compile, xs), std::invalid_argument);
  }
  EXPECT_EQ(count("cuMemAllocFromPoolAsync") - count("cuMemFreeAsync"), taken);
  EXPECT_EQ(count("cuCtxPushCurrent"), count("cuCtxPopCurrent"));
}

TEST(software_gpu, a_body_that_does_not_compile_there_is_said_to_and_where) {
  try {
    gpu().map(does_not_compile, std::vector<double>(10));
    ADD_FAILURE() << "it compiles";
  } catch (const std::invalid_argument& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("software_test.cpp"), std::string::npos) << text;
    EXPECT_NE(text.find("host_only"), std::string::npos) << text;
  }
}

TEST(software_gpu, many_threads_share_it) {
  const std::vector<double> xs(20'000, 0.1);
  const double expected = serial().sum(xs);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int k = 0; k < 5; ++k) EXPECT_EQ(gpu().sum(xs), expected);
    });
}

}  // namespace
