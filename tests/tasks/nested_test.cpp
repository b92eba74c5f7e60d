// SPDX-License-Identifier: MIT
// Waiting inside tasks never deadlocks for want of a worker, and helps with descendants of what is waited for only.
#include "../errors/caught.hpp"
#include "backends.hpp"
#include "numbers.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;

class nested : public on_a_backend {};
INSTANTIATE_TEST_SUITE_P(workers, nested, testing::Values(0, 1, 2, 8));

TEST_P(nested, a_task_submits_and_gets) {
  EXPECT_EQ(pool.submit([&] { return pool.submit([&] { return pool.submit([] { return 7; }).get(); }).get(); }).get(), 7);
  EXPECT_EQ(pool.apply([&] { return pool.apply([&] { return pool.apply([] { return 8; }); }); }), 8);
}

static int fibonacci(const fg::executor& pool, int n) {
  if (n < 2) return n;
  auto one = pool.submit([&pool, n] { return fibonacci(pool, n - 1); });
  auto two = pool.submit([&pool, n] { return fibonacci(pool, n - 2); });
  return one.get() + two.get();
}

TEST_P(nested, recursion) {
  EXPECT_EQ(fibonacci(pool, 15), 610);
  EXPECT_EQ(pool.submit([&] { return fibonacci(pool, 15); }).get(), 610);
}

TEST_P(nested, errors_come_up_as_they_are) {
  const auto inner = [&] { return pool.submit([]() -> int { throw std::out_of_range("deep"); }).get(); };
  EXPECT_THROW(pool.submit([&] { return pool.submit(inner).get(); }).get(), std::out_of_range);
}

/// The thread that holds the mutex must not begin another task that locks it.
TEST_P(nested, a_task_that_holds_a_mutex_while_it_waits) {
  std::mutex mutex;
  int inside = 0, sum = 0;
  std::vector<fg::future<void>> all;
  for (int i = 0; i < 200; ++i)
    all.push_back(pool.submit([&] {
      const std::lock_guard lock(mutex);
      EXPECT_EQ(++inside, 1);
      sum += pool.submit([&] { return pool.submit([] { return 1; }).get(); }).get();
      sum += pool.sum(pool.map({.chunk_size = 1}, [](int k) { return k; }, fg::iota(3)));
      for (int each : pool.imap([](int k) { return k; }, numbers(3))) sum += each;
      --inside;
    }));
  for (auto& each : all) each.get();
  EXPECT_EQ(sum, 200 * 7);
}

TEST_P(nested, waiting_for_a_stranger_helps_with_its_children_only) {
  if (serial()) GTEST_SKIP() << "tasks run one after another";
  std::mutex mutex;
  const fg::executor other{on(1)};
  for (int round = 0; round < 50; ++round) {
    auto stranger = other.submit([&] { return pool.submit([] { return 5; }).get(); });
    std::vector<fg::future<int>> all;
    for (int i = 0; i < GetParam() + 5; ++i)
      all.push_back(pool.submit([&] {
        const std::lock_guard lock(mutex);
        stranger.wait();
        return 1;
      }));
    for (auto& each : all) EXPECT_EQ(each.get(), 1);
    EXPECT_EQ(stranger.get(), 5);
  }
}

TEST_P(nested, a_limit_does_not_help) {
  if (GetParam() != 1) GTEST_SKIP() << "another worker may run it";
  EXPECT_EQ(pool.submit([&] {
                  auto child = pool.submit([] { return 1; });
                  EXPECT_THROW(child.get(1ms), fg::timeout_error);
                  EXPECT_FALSE(child.wait(1ms));
                  std::vector<fg::future<int>> all;
                  all.push_back(std::move(child));
                  EXPECT_EQ(fg::wait(all, fg::return_when::all_completed, 1ms).not_done.size(), 1u);
                  EXPECT_EQ(fg::wait(all, fg::return_when::first_completed, 1ms).not_done.size(), 1u);
                  return all[0].get();
                })
                .get(),
            1);
}

TEST_P(nested, a_chain_of_tasks_each_waiting_for_the_next) {
  constexpr std::size_t n = sanitized ? 1000 : 100000;
  std::vector<fg::future<std::size_t>> chain(n);
  if (serial()) GTEST_SKIP() << "nothing is pending";
  occupied workers(pool, GetParam());
  for (std::size_t i = 0; i < n; ++i) chain[i] = pool.submit([&chain, i] { return i + 1 == n ? 0 : 1 + chain[i + 1].get(); });
  workers.let_go();
  EXPECT_EQ(chain[0].get(), n - 1);
}

static int count_down(const fg::executor& pool, int n) {
  return n == 0 ? 0 : 1 + pool.submit([&pool, n] { return count_down(pool, n - 1); }).get();
}

TEST_P(nested, a_deep_recursion_of_single_children) {
  const int depth = serial() || sanitized ? 500 : 50000;
  EXPECT_EQ(pool.submit([&] { return count_down(pool, depth); }).get(), depth);
}

TEST_P(nested, wait_for_many_inside_a_task) {
  const auto inside = [&] {
    int found = 0;
    for (const auto when : {fg::return_when::all_completed, fg::return_when::first_completed, fg::return_when::first_exception}) {
      std::vector<fg::future<int>> all;
      for (int i = 0; i < 10; ++i) all.push_back(pool.submit([&, i] { return pool.submit([i] { return i == 5 ? throw 1 : i; }).get(); }));
      found += fg::wait(all, when).done.empty() ? 1000 : 1;
      fg::wait(all);
      for (auto& each : all) found += each.exception() ? 0 : each.get();
    }
    return found;
  };
  std::vector<fg::future<int>> all;
  for (int i = 0; i < 20; ++i) all.push_back(pool.submit(inside));
  for (auto& each : all) EXPECT_EQ(each.get(), 3 * 41);
}

TEST_P(nested, as_completed_inside_a_task_gives_those_done_first) {
  const auto inside = [&] {
    gate seen_one;
    if (serial()) seen_one.open();  // there they run when they are submitted
    std::vector<fg::future<int>> all;
    for (int i = 0; i < 10; ++i)
      all.push_back(pool.submit([&, i] {
        if (i != 7) seen_one.wait();
        return pool.submit([i] { return i; }).get();
      }));
    all[7].wait();
    std::vector<int> order;
    for (auto& each : fg::as_completed(all)) {
      EXPECT_TRUE(each.ready());
      order.push_back(each.get());
      seen_one.open();
    }
    EXPECT_EQ(order.size(), 10u);
    EXPECT_EQ(order[0], serial() ? 0 : 7);
    int sum = 0;
    for (int each : order) sum += each;
    return sum;
  };
  std::vector<fg::future<int>> all;
  for (int i = 0; i < 20; ++i) all.push_back(pool.submit(inside));
  for (auto& each : all) EXPECT_EQ(each.get(), 45);
}

TEST_P(nested, when_all_inside_a_task) {
  const auto inside = [&] {
    auto a = pool.submit([&] { return pool.submit([] { return 1; }).get(); });
    auto b = pool.submit([] { return std::string("b"); });
    std::vector<fg::future<int>> many;
    for (int i = 0; i < 10; ++i) many.push_back(pool.submit([i] { return i; }));
    auto pair = fg::when_all(a, b);
    auto vector = fg::when_all(many);
    auto [both, rest] = fg::when_all(pair, vector).get();
    return std::to_string(std::get<0>(both)) + std::get<1>(both) + std::to_string(rest[9]);
  };
  std::vector<fg::future<std::string>> all;
  for (int i = 0; i < 20; ++i) all.push_back(pool.submit(inside));
  for (auto& each : all) EXPECT_EQ(each.get(), "1b9");
}

TEST_P(nested, every_verb_inside_a_task) {
  const auto same = [](int i) { return i; };
  const auto add = [](int a, int b) { return a + b; };
  const auto inside = [&] {
    int found = pool.sum(pool.map({.chunk_size = 1}, same, fg::iota(10)));
    found += pool.reduce(add, pool.map_async(same, fg::iota(10)).get());
    found += pool.reduce_async(add, fg::iota(10)).get();
    found += pool.reduce(add, pool.imap({.buffer_size = 2}, [&](int i) { return pool.submit(same, i).get(); }, numbers(10)));
    for (int each : pool.imap_unordered({.buffer_size = 3}, same, numbers(10))) found += each;
    for (const auto& each : pool.map_outcomes({.chunk_size = 1}, same, fg::iota(10))) found += each.value();
    found += pool.sum(pool.parallel(std::vector<fg::call<int>>(9, fg::delayed(same)(5))));
    found += pool.map_reduce(same, add, fg::iota(10));
    found += pool.starmap_async(add, fg::grid(fg::iota(1), fg::iota(10))).get().at(9) * 5;
    return found;
  };
  std::vector<fg::future<int>> all;
  for (int i = 0; i < 20; ++i) all.push_back(pool.submit(inside));
  for (auto& each : all) EXPECT_EQ(each.get(), 9 * 45);
}

TEST_P(nested, tasks_inside_items_of_a_map) {
  const auto item = [&](int i) {
    std::vector<fg::future<int>> all;
    for (int k = 0; k < 5; ++k) all.push_back(pool.submit([&, k] { return pool.sum(pool.map([](int j) { return j; }, fg::iota(k + 1))); }));
    int sum = i;
    for (auto& each : fg::as_completed(all)) sum += each.get();
    return sum;
  };
  const auto found = pool.map({.chunk_size = 1}, item, fg::iota(50));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(found[static_cast<std::size_t>(i)], i + 0 + 1 + 3 + 6 + 10);
}

TEST_P(nested, a_task_may_wait_for_one_submitted_before_it) {
  for (int round = 0; round < 100; ++round) {
    auto first = pool.submit([] { return 1; });
    auto second = pool.submit([&] { return first.get() + 1; });
    auto third = pool.submit([&] { return second.get() + 1; });
    EXPECT_EQ(third.get(), 3);
  }
}

TEST_P(nested, a_child_that_is_left_alone_still_runs) {
  std::atomic<int> runs = 0;
  for (int i = 0; i < 100; ++i)
    pool.submit([&] {
          for (int k = 0; k < 3; ++k) static_cast<void>(pool.submit([&] { ++runs; }));
        })
        .get();
  pool.shutdown();
  EXPECT_EQ(runs, 300);
}
