// SPDX-License-Identifier: MIT
// What only the software GPU can tell: how often the driver and the compiler were asked, and what a call leaves behind.
#include "executors.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <dlfcn.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

namespace fg = foldgrid;

FOLDGRID_FUNCTOR(state, (double a; int b;), (double x), { return a * x + b; })
FOLDGRID_FUNCTION(rounds, (std::uint64_t x), {
  for (int i = 0; i < 3; ++i) x = x * 6364136223846793005u + 1442695040888963407u;
  return x;
})
// Affine maps of the integers mod 2^32, packed in one word: composing them depends on the order.
FOLDGRID_FUNCTION(ordered, (std::uint64_t f, std::uint64_t g), {
  const std::uint32_t a = static_cast<std::uint32_t>(f >> 32), b = static_cast<std::uint32_t>(f);
  const std::uint32_t c = static_cast<std::uint32_t>(g >> 32), d = static_cast<std::uint32_t>(g);
  return static_cast<std::uint64_t>(a * c) << 32 | static_cast<std::uint32_t>(a * d + b);
})
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

// A function with a loop is launched in pieces, the first of 2^18 leaves.
constexpr std::size_t in_pieces = 3 * (std::size_t{1} << 18) + 12345;

TEST(software_gpu, a_long_call_is_cut_into_nodes_of_the_tree) {
  const fg::executor threads{{.where = fg::backend::threads}};
  const std::size_t launched = count("cuLaunchKernel");
  const std::uint64_t found = gpu().map_reduce(rounds, ordered, fg::iota<std::uint64_t>(in_pieces));
  EXPECT_GE(count("cuLaunchKernel"), launched + 3);
  EXPECT_EQ(found, threads.map_reduce(rounds, ordered, fg::iota<std::uint64_t>(in_pieces)));
  EXPECT_EQ(gpu().map(rounds, fg::iota<std::uint64_t>(in_pieces)), threads.map(rounds, fg::iota<std::uint64_t>(in_pieces)));
}

TEST(software_gpu, a_long_call_tells_its_progress_and_can_be_stopped) {
  std::vector<std::size_t> told;
  gpu().map({.progress = [&](std::size_t done, std::size_t) { told.push_back(done); }}, rounds, fg::iota<std::uint64_t>(in_pieces));
  EXPECT_GE(told.size(), 3u);
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  EXPECT_EQ(told.back(), in_pieces);

  std::stop_source stop;
  const auto stop_at_once = [&](std::size_t, std::size_t) { stop.request_stop(); };
  const std::size_t launched = count("cuLaunchKernel");
  const fg::options asked{.progress = stop_at_once, .stop = stop.get_token()};
  EXPECT_THROW(gpu().map(asked, rounds, fg::iota<std::uint64_t>(in_pieces)), fg::cancelled_error);
  EXPECT_EQ(count("cuLaunchKernel"), launched + 1);
  EXPECT_THROW(gpu().map_reduce(asked, rounds, ordered, fg::iota<std::uint64_t>(in_pieces)), fg::cancelled_error);
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
