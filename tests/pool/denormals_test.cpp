// SPDX-License-Identifier: MIT
// A caller that flushes denormals to zero still gets exact results, and keeps its setting.
#include "../contract/one_pass.hpp"
#include "../contract/reference.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

#if defined(__SSE__)
#include <xmmintrin.h>

namespace fg = foldgrid;

namespace {

constexpr unsigned flush_and_zero = 0x8040;
constexpr double tiny = std::numeric_limits<double>::denorm_min();

/// Flushes denormals on this thread while it lives; checks at the end that the flags are still set.
struct flushing {
  unsigned before = _mm_getcsr();
  flushing() { _mm_setcsr(before | flush_and_zero); }
  ~flushing() {
    EXPECT_EQ(_mm_getcsr() & flush_and_zero, flush_and_zero) << "the caller's flags were not restored";
    _mm_setcsr(before);
  }
};

/// What `run` gives with denormals flushed by the caller.
template <class F>
auto flushed(F&& run) {
  const flushing here;
  return run();
}

FOLDGRID_FUNCTION(add, (double a, double b), { return a + b; })
FOLDGRID_FUNCTION(half, (double x), { return x * 0.5; })

}  // namespace

class denormals : public testing::TestWithParam<int> {
 protected:
  const fg::executor pool{GetParam() == 0 ? fg::executor_options{.where = fg::backend::serial}
                                          : fg::executor_options{.where = fg::backend::threads, .workers = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(workers, denormals, testing::Values(0, 1, 2, 8));

TEST_P(denormals, sums_are_exact) {
  for (const std::size_t n : {2, 31, 1000, 100000}) {
    const std::vector<double> xs(n, tiny);
    const double sum = static_cast<double>(n) * tiny, halves = static_cast<double>(n) * 8 * tiny;
    EXPECT_TRUE(same_bits(flushed([&] { return pool.sum(xs); }), sum)) << n;
    EXPECT_TRUE(same_bits(flushed([&] { return pool.reduce({.chunk_size = 100}, std::plus<>{}, xs); }), sum)) << n;
    EXPECT_TRUE(same_bits(flushed([&] { return pool.reduce(add, xs); }), sum)) << n;
    EXPECT_TRUE(same_bits(flushed([&] { return pool.reduce({.sync = true}, add, xs); }), sum)) << n;
    EXPECT_TRUE(same_bits(flushed([&] { return pool.map_reduce(half, add, std::vector<double>(n, 16 * tiny)); }), halves)) << n;
  }
}

TEST_P(denormals, the_last_steps_of_a_reduction_are_exact_too) {
  const std::vector<double> xs(10000, tiny);
  EXPECT_TRUE(same_bits(flushed([&] { return pool.reduce(std::plus<>{}, xs, tiny); }), 10001 * tiny)) << "op(init, tree)";
  EXPECT_TRUE(same_bits(flushed([&] { return pool.reduce(add, xs, tiny); }), 10001 * tiny)) << "op(init, tree)";
  EXPECT_TRUE(same_bits(flushed([&] { return pool.sum(one_pass(xs)); }), 10000 * tiny)) << "nodes of a stream";
  EXPECT_TRUE(same_bits(flushed([&] { return pool.reduce_columns(std::plus<>{}, xs, 5000, 2); }), std::vector<double>(2, 5000 * tiny)));
  EXPECT_TRUE(same_bits(flushed([&] { return pool.reduce_rows(std::plus<>{}, xs, 2, 5000); }), std::vector<double>(2, 5000 * tiny)));
}

TEST_P(denormals, searches_see_them) {
  std::vector<double> xs(1000, 0.0);
  xs[600] = -tiny;
  xs[700] = tiny;
  EXPECT_EQ(flushed([&] { return pool.argmin(xs); }), 600u);
  EXPECT_EQ(flushed([&] { return pool.argmax(xs); }), 700u);
  EXPECT_TRUE(same_bits(flushed([&] { return pool.reduce(fg::min, xs); }), -tiny));
  EXPECT_TRUE(same_bits(flushed([&] { return pool.minmax(xs).max; }), tiny));
}

TEST_P(denormals, flags_are_restored_after_an_error) {
  EXPECT_THROW(flushed([&] { return pool.map([](int) -> int { throw 1; }, fg::iota(5)); }), fg::task_error);
  EXPECT_THROW(flushed([&] { return pool.sum(std::vector<double>{}); }), std::invalid_argument);
}

TEST_P(denormals, a_thread_made_by_a_flushing_caller_is_exact) {
  const std::vector<double> xs(1000, 16 * tiny);
  const flushing here;
  const fg::executor fresh{{.where = fg::backend::threads, .workers = 4}};
  const auto halves = fresh.map({.chunk_size = 1}, half, xs);
  for (const double x : halves) ASSERT_TRUE(same_bits(x, 8 * tiny));
}

#else
TEST(denormals, need_sse) { GTEST_SKIP() << "this processor has no SSE control register"; }
#endif
