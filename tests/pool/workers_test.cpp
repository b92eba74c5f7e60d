// SPDX-License-Identifier: MIT
// The pool really works with as many threads as asked for, at once, nested, and from many callers.
#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace fg = foldgrid;
using namespace std::chrono_literals;

class workers : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(counts, workers, testing::Values(1, 2, 8, 64));

TEST_P(workers, they_work_at_the_same_time) {
  const int n = GetParam();
  const fg::executor pool{{.where = fg::backend::threads, .workers = n}};
  for (int run = 0; run < 20; ++run) {
    std::barrier together(n);
    pool.map([&](int) { together.arrive_and_wait(); }, fg::iota(n));
    pool.map_reduce({.chunk_size = 1}, [&](int i) { return together.arrive_and_wait(), std::to_string(i); }, std::plus<>{}, fg::iota(n));
  }
}

TEST_P(workers, no_more_of_them_than_asked_for) {
  const fg::executor pool{{.where = fg::backend::threads, .workers = GetParam()}};
  std::mutex mutex;
  std::set<std::thread::id> seen;
  std::atomic<int> running = 0, most = 0;
  for (int run = 0; run < 3; ++run)
    pool.map(
        {.chunk_size = 1},
        [&](int) {
          const int now = ++running;
          for (int before = most; before < now && !most.compare_exchange_weak(before, now);) {
          }
          std::this_thread::sleep_for(100us);
          {
            const std::lock_guard lock(mutex);
            seen.insert(std::this_thread::get_id());
          }
          --running;
        },
        fg::iota(500));
  EXPECT_LE(most, GetParam());
  EXPECT_LE(seen.size(), static_cast<std::size_t>(GetParam()));
}

TEST_P(workers, calls_nest) {
  const fg::executor pool{{.where = fg::backend::threads, .workers = GetParam()}};
  for (const int chunk : {0, 1}) {
    const fg::options asked{.chunk_size = chunk};
    const auto innermost = [](int i, int j, int k) { return i * 100 + j * 10 + k; };
    const auto inner = [&](int i, int j) {
      return pool.map_reduce(asked, innermost, [](int a, int b) { return a + b; }, fg::repeat(i), fg::repeat(j), fg::iota(9));
    };
    const auto outer = [&](int i) { return pool.sum(pool.map(asked, inner, fg::repeat(i), fg::iota(7))); };
    const auto found = pool.map(asked, outer, fg::iota(20));
    for (int i = 0; i < 20; ++i) {
      int expected = 0;
      for (int j = 0; j < 7; ++j)
        for (int k = 0; k < 9; ++k) expected += innermost(i, j, k);
      EXPECT_EQ(found[static_cast<std::size_t>(i)], expected);
    }
  }
}

TEST_P(workers, many_threads_share_one_executor) {
  const fg::executor pool{{.where = fg::backend::threads, .workers = GetParam()}};
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 8; ++caller)
      callers.emplace_back([&, caller] {
        for (int run = 0; run < 50; ++run) {
          const int n = 1 + (run * 37 + caller) % 300;
          const auto found = pool.map({.chunk_size = run % 3}, [caller](int i) { return i + caller; }, fg::iota(n));
          for (int i = 0; i < n; ++i) wrong += found[static_cast<std::size_t>(i)] != i + caller;
          wrong += pool.map_reduce([](int i) { return std::to_string(i % 10); }, std::plus<>{}, fg::iota(10)) != "0123456789";
        }
      });
  }
  EXPECT_EQ(wrong, 0);
}

TEST_P(workers, an_executor_may_be_destroyed_right_after_use) {
  const int rounds = GetParam() > 8 ? 50 : 1000;
  for (int round = 0; round < rounds; ++round) {
    const fg::executor pool{{.where = fg::backend::threads, .workers = GetParam()}};
    if (round % 3 != 0) {
      ASSERT_EQ(pool.map({.chunk_size = 1}, [](int i) { return i; }, fg::iota(4)).size(), 4u);
    }
  }
}

TEST_P(workers, idle_they_use_no_time) {
  const fg::executor pool{{.where = fg::backend::threads, .workers = GetParam()}};
  pool.map({.chunk_size = 1}, [](int) { std::this_thread::sleep_for(1ms); }, fg::iota(200));
  std::this_thread::sleep_for(20ms);
  const auto cpu_seconds = [] {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
  };
  const double before = cpu_seconds();
  std::this_thread::sleep_for(200ms);
  EXPECT_LT(cpu_seconds() - before, 0.02);
}

TEST_P(workers, bool_results_are_written_without_a_race) {
  const fg::executor pool{{.where = fg::backend::threads, .workers = GetParam()}};
  for (int run = 0; run < 20; ++run) {
    const auto found = pool.map({.chunk_size = 1}, [](int i) { return i % 3 == 0; }, fg::iota(999));
    for (int i = 0; i < 999; ++i) ASSERT_EQ(found[static_cast<std::size_t>(i)], i % 3 == 0);
  }
}

TEST_P(workers, short_calls_one_after_another_never_hang) {
  const fg::executor pool{{.where = fg::backend::threads, .workers = GetParam()}};
  for (int run = 0; run < 3000; ++run)
    ASSERT_EQ(pool.map_reduce({.chunk_size = 1}, [](int i) { return i; }, std::plus<>{}, fg::iota(3)), 3);
}

TEST(two_pools, may_call_each_other) {
  const fg::executor one{{.workers = 2}}, two{{.workers = 2}};
  const auto inner = [&](int i) { return one.sum(one.map([i](int k) { return k + i; }, fg::iota(5))); };
  const auto middle = [&](int i) { return two.sum(two.map({.chunk_size = 1}, inner, fg::iota(i, i + 4))); };
  const auto found = one.map({.chunk_size = 1}, middle, fg::iota(10));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(found[static_cast<std::size_t>(i)], 40 + 5 * (4 * i + 6));
}
