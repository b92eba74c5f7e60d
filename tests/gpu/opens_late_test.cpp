// SPDX-License-Identifier: MIT
// A program opens neither the driver nor the compiler before a call that may be worth a GPU.
#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

namespace fg = foldgrid;

FOLDGRID_FUNCTION(looped, (double x), {
  for (int i = 0; i < 3; ++i) x = x * 0.5 + 1;
  return x;
})

namespace {

/// True when the library that the environment variable names is in this process.
bool is_open(const char* variable) {
  std::ifstream maps("/proc/self/maps");
  const std::string all{std::istreambuf_iterator<char>(maps), std::istreambuf_iterator<char>()};
  return all.find(std::filesystem::canonical(std::getenv(variable)).string()) != std::string::npos;
}
bool anything_is_open() { return is_open("FOLDGRID_CUDA_DRIVER") || is_open("FOLDGRID_NVRTC"); }

TEST(opening, waits_for_a_call_that_may_be_worth_it) {
  const fg::executor pool;
  const std::vector<double> few(1000, 1.5), many(1 << 20, 1.5);
  std::vector<double> to(many.size());
  pool.sum(few);
  pool.map(looped, few);
  pool.map_reduce(looped, std::plus<>{}, fg::linspace(0, 1, 1000));
  EXPECT_FALSE(anything_is_open()) << "after small calls";
  pool.sum(many);
  pool.reduce(fg::max, many);
  pool.map_into(to, [](double x) { return x * x; }, many);
  EXPECT_FALSE(anything_is_open()) << "after calls that belong on the CPU";
  {
    const fg::executor threads{{.where = fg::backend::threads}};
    threads.map(looped, many);
  }
  EXPECT_FALSE(anything_is_open()) << "after calls of an executor on threads";
  fg::run_report report;
  pool.map({.report = &report}, looped, std::vector<double>(40'000, 1.5));
  EXPECT_EQ(report.where, fg::backend::gpu) << report.reason;
  EXPECT_TRUE(is_open("FOLDGRID_CUDA_DRIVER") && is_open("FOLDGRID_NVRTC"));
}

}  // namespace
