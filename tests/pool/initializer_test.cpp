// SPDX-License-Identifier: MIT
// The initializer: once per worker before its first item, then user code runs on workers only; its failure breaks the executor.
#include "../contract/one_pass.hpp"
#include "../errors/caught.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace fg = foldgrid;
using namespace std::chrono_literals;

namespace {
thread_local int initialized_here = 0;

int initialized(int i) { return initialized_here == 1 ? i : throw std::logic_error("not on an initialized worker"); }

fg::executor with_initializer(int workers) {
  return fg::executor{{.where = fg::backend::threads, .workers = workers, .initializer = [] { ++initialized_here; }}};
}
}  // namespace

class initializer : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(workers, initializer, testing::Values(1, 2, 8));

TEST_P(initializer, runs_once_on_each_worker_before_its_first_item) {
  std::mutex mutex;
  std::map<std::thread::id, int> runs;
  const fg::executor pool{{.where = fg::backend::threads, .workers = GetParam(), .initializer = [&] {
                             const std::lock_guard lock(mutex);
                             ++runs[std::this_thread::get_id()];
                           }}};
  EXPECT_TRUE(runs.empty()) << "threads are started when first needed";
  for (int round = 0; round < 10; ++round)
    pool.map(
        {.chunk_size = 1},
        [&](int) {
          std::this_thread::sleep_for(50us);
          const std::lock_guard lock(mutex);
          EXPECT_EQ(runs.count(std::this_thread::get_id()), 1u);
        },
        fg::iota(100));
  EXPECT_LE(runs.size(), static_cast<std::size_t>(GetParam()));
  EXPECT_EQ(runs.count(std::this_thread::get_id()), 0u) << "the caller is no worker";
  for (const auto& [id, count] : runs) EXPECT_EQ(count, 1);
}

TEST_P(initializer, functions_run_on_workers_only) {
  const fg::executor pool = with_initializer(GetParam());
  std::vector<int> out(50);
  EXPECT_NO_THROW(pool.map(initialized, fg::iota(50)));
  EXPECT_NO_THROW(pool.map({.chunk_size = 1}, initialized, fg::iota(50)));
  EXPECT_NO_THROW(pool.map_into(out, initialized, fg::iota(50)));
  EXPECT_NO_THROW(pool.map_reduce(initialized, std::plus<>{}, fg::iota(50)));
  EXPECT_NO_THROW(pool.map([&](int i) { return pool.sum(pool.map({.chunk_size = 1}, initialized, fg::iota(i + 1))); }, fg::iota(20)))
      << "nested";
}

TEST_P(initializer, operators_run_on_workers_only) {
  const fg::executor pool = with_initializer(GetParam());
  const auto op = [](int a, int b) { return initialized(a) ^ b; };
  const auto words = [](const std::string& a, const std::string& b) { return initialized(1) == 1 ? a + b : a; };
  const std::vector<int> xs(50, 1);
  EXPECT_NO_THROW(pool.reduce(op, xs));
  EXPECT_NO_THROW(pool.reduce({.sync = true}, op, xs));
  EXPECT_NO_THROW(pool.reduce(words, std::vector<std::string>(50, "a")));
  EXPECT_NO_THROW(pool.reduce_rows(op, xs, 5, 10));
  EXPECT_NO_THROW(pool.reduce_rows(op, xs, 50, 1));
}

TEST_P(initializer, operators_run_on_workers_only_at_the_end_of_a_reduction_too) {
  const fg::executor pool = with_initializer(GetParam());
  const auto op = [](int a, int b) { return initialized(a) ^ b; };
  const std::vector<int> xs(50, 1);
  EXPECT_NO_THROW(pool.reduce(op, xs, 1)) << "op(init, tree)";
  EXPECT_NO_THROW(pool.map_reduce([](int i) { return i; }, op, fg::init(1), xs)) << "op(init, tree)";
  EXPECT_NO_THROW(pool.reduce(op, one_pass(std::vector<int>(10000, 1)))) << "nodes of a stream";
  EXPECT_NO_THROW(pool.reduce_columns(op, std::vector<int>(20000, 1), 10000, 2)) << "second half of columns";
}

TEST_P(initializer, a_failing_one_breaks_the_executor) {
  const fg::executor pool{
      {.where = fg::backend::threads, .workers = GetParam(), .initializer = [] { throw std::out_of_range("no licence"); }}};
  for (int round = 0; round < 3; ++round) {
    const auto error = caught<fg::broken_executor>([&] { return pool.map([](int i) { return i; }, fg::iota(100)); });
    ASSERT_TRUE(error);
    EXPECT_NE(std::string(error->what()).find("initializer"), std::string::npos);
  }
  try {
    pool.map([](int i) { return i; }, fg::iota(100));
  } catch (const fg::broken_executor& e) {
    const auto cause = caught<std::out_of_range>([&] { return std::rethrow_if_nested(e), 0; });
    ASSERT_TRUE(cause);
    EXPECT_EQ(std::string(cause->what()), "no licence");
  }
}

TEST_P(initializer, one_that_fails_in_a_later_worker) {
  std::atomic<int> started = 0;
  const fg::executor pool{{.where = fg::backend::threads, .workers = GetParam(), .initializer = [&] {
                             if (++started == GetParam()) throw std::out_of_range("no licence");
                           }}};
  try {
    for (int round = 0; round < 100; ++round) pool.map({.chunk_size = 1}, [](int) { std::this_thread::sleep_for(100us); }, fg::iota(50));
  } catch (const fg::broken_executor&) {
  }
  EXPECT_LE(started, GetParam());
}

TEST(serial_initializer, runs_once_on_the_caller) {
  int runs = 0;
  const fg::executor pool{{.where = fg::backend::serial, .initializer = [&] { ++runs; }}};
  EXPECT_EQ(runs, 0);
  pool.map(
      [&](int i) {
        EXPECT_EQ(runs, 1);
        return i;
      },
      fg::iota(5));
  pool.map([](int i) { return i; }, fg::iota(5));
  EXPECT_EQ(runs, 1);
  const fg::executor bad{{.where = fg::backend::serial, .initializer = [] { throw std::out_of_range("no licence"); }}};
  const auto error = caught<fg::broken_executor>([&] { return bad.map([](int i) { return i; }, fg::iota(5)); });
  ASSERT_TRUE(error);
}

TEST(two_pools_with_initializers, may_call_each_other) {
  const fg::executor one = with_initializer(1), two = with_initializer(1);
  EXPECT_EQ(one.map([&](int i) { return two.sum(two.map([i](int k) { return k + i; }, fg::iota(3))); }, fg::iota(2)),
            (std::vector<int>{3, 6}));
}

TEST(two_pools_with_initializers, may_call_each_other_back) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto back_and_forth = [] {
    alarm(10);
    const fg::executor one = with_initializer(1), two = with_initializer(1);
    const auto innermost = [&](int k) { return one.sum(one.map([](int j) { return j; }, fg::iota(k + 1))); };
    const auto found = one.map([&](int i) { return i + two.sum(two.map(innermost, fg::iota(3))); }, fg::iota(2));
    _exit(found == std::vector<int>{4, 5} ? 0 : 1);
  };
  EXPECT_EXIT(back_and_forth(), testing::ExitedWithCode(0), "");
}
