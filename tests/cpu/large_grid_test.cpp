// SPDX-License-Identifier: MIT
// Grids far larger than memory: their points are decoded rightly at both ends, and reducing over them takes no memory.
#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <string>
#include <tuple>

namespace fg = foldgrid;

namespace {

TEST(large_grid, the_first_and_the_last_points_of_1e11) {
  const auto points =
      fg::grid(fg::iota(std::size_t{10'007}), fg::iota(std::size_t{3}), fg::iota(std::size_t{1'000'003}), fg::iota(std::size_t{4}));
  const std::size_t n = points.size();
  ASSERT_EQ(n, 10'007ull * 3 * 1'000'003 * 4);
  ASSERT_GT(n, 100'000'000'000u);
  const auto check = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const auto [a, b, c, d] = points[i];
      ASSERT_EQ(((a * 3 + b) * 1'000'003 + c) * 4 + d, i);
      ASSERT_TRUE(a < 10'007 && b < 3 && c < 1'000'003 && d < 4) << i;
    }
  };
  check(0, std::size_t{1} << 20);
  check(n - (std::size_t{1} << 20), n);
}

/// Peak of this process's resident memory in KiB.
std::size_t peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmHWM:", 0) == 0) return std::stoul(line.substr(6));
  return 0;
}

TEST(large_grid, reducing_over_1e9_points_takes_no_memory) {
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const std::uint64_t side = 1000;
#else
  const std::uint64_t side = 100;
#endif
  const fg::executor pool{{.where = fg::backend::threads, .workers = 2}};
  const auto f = [](std::uint64_t x, std::uint64_t y, std::uint64_t z) { return x * y + z; };
  const auto over = [&](std::uint64_t k) { return pool.map_reduce(f, std::plus<>{}, fg::grid(fg::iota(k), fg::iota(k), fg::iota(k))); };
  over(50);
  const std::size_t before = peak_kib();
  const std::uint64_t once = side * (side - 1) / 2;
  EXPECT_EQ(over(side), side * once * once + side * side * once);
  EXPECT_LT(peak_kib(), before + 4096) << "KiB";
}

}  // namespace
