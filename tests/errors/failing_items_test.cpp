// SPDX-License-Identifier: MIT
// A function that throws: the error of the smallest failing index, whatever the timing, and every other item still runs.
#include "caught.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

namespace fg = foldgrid;
using namespace std::chrono_literals;

class failing_items : public testing::TestWithParam<int> {
 protected:
  const fg::executor pool{GetParam() == 0 ? fg::executor_options{.where = fg::backend::serial}
                                          : fg::executor_options{.where = fg::backend::threads, .workers = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(workers, failing_items, testing::Values(0, 1, 2, 8));

static int fails_at_40_and_70(int i) {
  if (i == 40) std::this_thread::sleep_for(20ms);  // the larger index fails first
  if (i == 40 || i == 70 || i == 99) throw std::out_of_range("bad item " + std::to_string(i));
  return i;
}

TEST_P(failing_items, every_verb_names_the_smallest_failing_index) {
  std::vector<int> out(100);
  const std::vector<int> matrix(100, 1);
  for (const int chunk : {0, 1, 7, 1000}) {
    const fg::options asked{.chunk_size = chunk};
    EXPECT_EQ(failing_index([&] { return pool.map(asked, fails_at_40_and_70, fg::iota(100)); }), 40u) << chunk;
    EXPECT_EQ(failing_index([&] { return pool.map(asked, [](int i) { return std::to_string(fails_at_40_and_70(i)); }, fg::iota(100)); }),
              40u);
    EXPECT_EQ(failing_index([&] { return pool.map(asked, [](int i) { return fails_at_40_and_70(i) > 3; }, fg::iota(100)); }), 40u);
    EXPECT_EQ(failing_index([&] { return pool.map(asked, [](int i) { fails_at_40_and_70(i); }, fg::iota(100)), 0; }), 40u);
    EXPECT_EQ(failing_index([&] {
                return pool.starmap(
                    asked, [](int a, int b) { return fails_at_40_and_70(10 * a + b); }, fg::grid(fg::iota(10), fg::iota(10)));
              }),
              40u);
    EXPECT_EQ(failing_index([&] { return pool.map_into(asked, out, fails_at_40_and_70, fg::iota(100)), 0; }), 40u);
    EXPECT_EQ(failing_index([&] { return pool.map_reduce(asked, fails_at_40_and_70, std::plus<>{}, fg::iota(100)); }), 40u);
    EXPECT_EQ(failing_index([&] { return pool.map_reduce(asked, fails_at_40_and_70, [](int a, int b) { return a ^ b; }, fg::iota(100)); }),
              40u);
    EXPECT_EQ(failing_index([&] { return pool.map_reduce(asked, fails_at_40_and_70, std::plus<>{}, fg::init(3), fg::iota(100)); }), 40u);
    EXPECT_EQ(failing_index([&] {
                return pool.map_reduce(asked, [](int i) { return std::to_string(fails_at_40_and_70(i)); }, std::plus<>{}, fg::iota(100));
              }),
              40u);
    const fg::options by_level{.chunk_size = chunk, .sync = true};
    EXPECT_EQ(
        failing_index([&] { return pool.map_reduce(by_level, fails_at_40_and_70, [](int a, int b) { return a ^ b; }, fg::iota(100)); }),
        40u);
  }
}

TEST_P(failing_items, all_other_items_still_run) {
  for (const int chunk : {0, 1, 9}) {
    std::vector<std::atomic<int>> runs(1000);
    EXPECT_EQ(failing_index([&] {
                return pool.map(
                    {.chunk_size = chunk},
                    [&](int i) {
                      ++runs[static_cast<std::size_t>(i)];
                      if (i % 100 == 7) throw std::runtime_error("no");
                      return i;
                    },
                    fg::iota(1000));
              }),
              7u);
    for (std::size_t i = 0; i < runs.size(); ++i) ASSERT_EQ(runs[i], 1) << i;
    EXPECT_EQ(failing_index([&] {
                return pool.map_reduce(
                    {.chunk_size = chunk},
                    [&](int i) -> std::string {
                      ++runs[static_cast<std::size_t>(i)];
                      if (i % 100 == 7) throw std::runtime_error("no");
                      return "x";
                    },
                    std::plus<>{}, fg::iota(1000));
              }),
              7u);
    for (std::size_t i = 0; i < runs.size(); ++i) ASSERT_EQ(runs[i], 2) << i;
  }
}

/// The item that fails waits until a larger one has failed; with one thread nothing waits.
template <class Result>
static void fail_fast_in(const fg::executor& pool, bool waits, const std::function<void(const std::function<Result(int)>&)>& run) {
  std::vector<std::atomic<int>> runs(4096);
  std::atomic<bool> later_failed = false;
  const std::function<Result(int)> item = [&](int i) -> Result {
    ++runs[static_cast<std::size_t>(i)];
    if (i == 10 && waits) {
      for (int k = 0; k < 2000 && !later_failed; ++k) std::this_thread::sleep_for(1ms);
      std::this_thread::sleep_for(5ms);
    }
    if (i == 64) later_failed = true;
    if (i == 30 || i == 64) throw std::runtime_error("no");
    return Result{};
  };
  static_cast<void>(pool);
  EXPECT_EQ(failing_index([&] { return run(item), 0; }), 30u);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(runs[static_cast<std::size_t>(i)], 1) << "item " << i << " is below the failing one";
  int started = 0;
  for (const auto& each : runs) started += each;
  EXPECT_LT(started, 4096) << "nothing new starts after a failure";
}

TEST_P(failing_items, fail_fast_runs_the_items_below_the_failing_one) {
  const fg::options asked{.chunk_size = 32, .fail_fast = true};
  const bool waits = GetParam() > 1;
  fail_fast_in<int>(pool, waits, [&](const auto& f) { pool.map(asked, f, fg::iota(4096)); });
  fail_fast_in<std::string>(pool, waits, [&](const auto& f) { pool.map(asked, f, fg::iota(4096)); });
  fail_fast_in<int>(pool, waits, [&](const auto& f) { pool.map_reduce(asked, f, std::plus<>{}, fg::iota(4096)); });
  fail_fast_in<int>(pool, waits, [&](const auto& f) { pool.map_reduce(asked, f, [](int a, int b) { return a | b; }, fg::iota(4096)); });
  fail_fast_in<std::string>(pool, waits, [&](const auto& f) { pool.map_reduce(asked, f, std::plus<>{}, fg::iota(4096)); });
}

TEST_P(failing_items, fail_fast_runs_all_that_is_below_a_late_item) {
  for (const int chunk : {0, 1, 16}) {
    for (const int bad : {300, 555, 999}) {
      std::vector<std::atomic<int>> runs(1000);
      const auto f = [&](int i) -> int {
        ++runs[static_cast<std::size_t>(i)];
        if (i == bad) throw std::runtime_error("no");
        if (i % 64 == 0) std::this_thread::sleep_for(100us);
        return i;
      };
      const fg::options asked{.chunk_size = chunk, .fail_fast = true};
      EXPECT_EQ(failing_index([&] { return pool.map(asked, f, fg::iota(1000)); }), static_cast<std::size_t>(bad));
      for (int i = 0; i <= bad; ++i) ASSERT_EQ(runs[static_cast<std::size_t>(i)], 1) << i << " of " << bad << ", chunk " << chunk;
      EXPECT_EQ(failing_index([&] { return pool.map_reduce(asked, f, [](int a, int b) { return a ^ b; }, fg::iota(1000)); }),
                static_cast<std::size_t>(bad));
      for (int i = 0; i <= bad; ++i) ASSERT_EQ(runs[static_cast<std::size_t>(i)], 2) << i << " of " << bad << ", chunk " << chunk;
    }
  }
}

TEST_P(failing_items, the_original_is_nested_and_the_message_names_verb_and_item) {
  const auto error = caught<fg::task_error>([&] { return pool.map(fails_at_40_and_70, fg::iota(100)); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), 0);
  EXPECT_EQ(std::string(error->what()), "map: item 40 failed: bad item 40");
  const auto original = caught<std::out_of_range>([&] { return std::rethrow_if_nested(*error), 0; });
  ASSERT_TRUE(original);
  EXPECT_EQ(std::string(original->what()), "bad item 40");
}

FOLDGRID_FUNCTION(refuses_negative, (double x), {
  if (x < 0) return foldgrid::fail(static_cast<int>(-x)), 0.0;
  return sqrt(x);
})

TEST_P(failing_items, fail_carries_its_code) {
  const auto error = caught<fg::task_error>([&] { return pool.map(refuses_negative, std::vector<double>{4, 1, -42, -7}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->index(), 2u);
  EXPECT_EQ(error->code(), 42);
  const auto original = caught<fg::failure>([&] { return error->rethrow_nested(), 0; });
  ASSERT_TRUE(original);
  EXPECT_EQ(original->code(), 42);
  const auto folded = caught<fg::task_error>([&] { return pool.map_reduce(refuses_negative, std::plus<>{}, fg::linspace(3, -4, 8)); });
  ASSERT_TRUE(folded);
  EXPECT_EQ(folded->index(), 4u);
  EXPECT_EQ(folded->code(), 1);
}

TEST_P(failing_items, anything_may_be_thrown) {
  const auto error = caught<fg::task_error>([&] { return pool.map([](int) -> int { throw 17; }, fg::iota(3)); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->index(), 0u);
  EXPECT_EQ(error->code(), 0);
  EXPECT_NE(std::string(error->what()).find("no std::exception"), std::string::npos);
  try {
    error->rethrow_nested();
  } catch (const int thrown) {
    EXPECT_EQ(thrown, 17);
  }
}

TEST_P(failing_items, the_pool_stays_usable_and_map_into_keeps_the_other_results) {
  std::vector<int> out(100, -1);
  EXPECT_THROW(pool.map_into(out, fails_at_40_and_70, fg::iota(100)), fg::task_error);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(out[static_cast<std::size_t>(i)], i == 40 || i == 70 || i == 99 ? -1 : i);
  EXPECT_EQ(pool.map_reduce([](int i) { return i; }, std::plus<>{}, fg::iota(28)), 378);
}

TEST_P(failing_items, a_nested_call_that_fails_is_the_items_failure) {
  const auto error = caught<fg::task_error>([&] {
    return pool.map(
        [&](int i) { return pool.map([i](int k) { return i == 3 && k == 5 ? throw std::out_of_range("inner") : k; }, fg::iota(8)).size(); },
        fg::iota(6));
  });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->index(), 3u);
  const auto inner = caught<fg::task_error>([&] { return error->rethrow_nested(), 0; });
  ASSERT_TRUE(inner);
  EXPECT_EQ(inner->index(), 5u);
}
