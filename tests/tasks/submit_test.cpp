// SPDX-License-Identifier: MIT
// Single tasks: what is called, with what, in which order and how many at once.
#include "../errors/caught.hpp"
#include "backends.hpp"

#include <atomic>
#include <barrier>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <vector>

using namespace std::chrono_literals;

class submit : public on_a_backend {};
INSTANTIATE_TEST_SUITE_P(workers, submit, testing::Values(0, 1, 2, 8));

TEST_P(submit, gives_the_result) {
  EXPECT_EQ(pool.submit([] { return 7; }).get(), 7);
  EXPECT_EQ(pool.submit([](int a, const std::string& b) { return b + std::to_string(a); }, 3, "x").get(), "x3");
  EXPECT_EQ(pool.apply([](int a) { return a + 1; }, 4), 5);
  EXPECT_EQ(pool.apply_async([](int a) { return a + 1; }, 5).get(), 6);
  EXPECT_EQ(pool.apply({.timeout = 100s}, [](int a) { return a + 1; }, 6), 7);
  EXPECT_EQ(pool.apply_async({.timeout = 100s}, [](int a) { return a + 1; }, 7).get(), 8);
  std::atomic<int> ran = 0;
  pool.submit([&] { ++ran; }).get();
  pool.apply([&] { ++ran; });
  EXPECT_EQ(ran, 2);
}

TEST_P(submit, decays_the_result) {
  static const std::string kept = "kept";
  auto found = pool.submit([]() -> const std::string& { return kept; });
  static_assert(std::is_same_v<decltype(found.get()), std::string>);
  EXPECT_EQ(found.get(), kept);
}

TEST_P(submit, calls_members_and_functions) {
  const std::string text = "four";
  EXPECT_EQ(pool.submit(&std::string::size, text).get(), 4u);
  EXPECT_EQ(pool.submit(static_cast<int (*)(int)>([](int i) { return -i; }), 3).get(), -3);
}

TEST_P(submit, copies_its_arguments_and_gives_them_as_rvalues) {
  std::string text = "before";
  gate changed;
  auto found = pool.submit(
      [&](std::string&& given) {
        if (!serial()) changed.wait();
        return std::move(given);
      },
      text);
  text = "after";
  changed.open();
  EXPECT_EQ(found.get(), "before");
}

TEST_P(submit, shares_what_std_ref_refers_to) {
  int shared = 3;
  pool.submit([](int& a) { ++a; }, std::ref(shared)).get();
  EXPECT_EQ(shared, 4);
}

TEST_P(submit, takes_what_can_only_be_moved) {
  auto found = pool.submit([p = std::make_unique<int>(3)](std::unique_ptr<int> q) { return std::make_unique<int>(*p + *q); },
                           std::make_unique<int>(4));
  EXPECT_EQ(*found.get(), 7);
  auto told = pool.submit(
      {.timeout = 100s}, [p = std::make_unique<int>(3)](std::unique_ptr<int> q) { return std::make_unique<int>(*p * *q); },
      std::make_unique<int>(4));
  EXPECT_EQ(*told.get(), 12);
}

TEST_P(submit, throws_the_original) {
  auto failing = pool.submit([]() -> int { throw std::out_of_range("mine"); });
  EXPECT_EQ(std::string(caught<std::out_of_range>([&] { return failing.get(); }).value().what()), "mine");
  EXPECT_THROW(pool.apply([]() -> void { throw std::out_of_range("mine"); }), std::out_of_range);
  EXPECT_THROW(pool.apply({.timeout = 100s}, []() -> void { throw std::out_of_range("mine"); }), std::out_of_range);
  EXPECT_THROW(pool.apply([]() -> int { throw 17; }), int);
  EXPECT_EQ(caught<fg::failure>([&] { return pool.apply([] { fg::fail(5); }); }).value().code(), 5);
}

TEST_P(submit, passes_a_stop_token_only_when_it_is_needed) {
  EXPECT_EQ(pool.submit([](auto... given) { return sizeof...(given); }, 1, 2).get(), 2u);
  EXPECT_EQ(pool.submit([](const std::stop_token& token, int a) { return token.stop_requested() ? -1 : a; }, 5).get(), 5);
  EXPECT_EQ(pool.submit({.timeout = 100s}, [](std::stop_token token) { return token.stop_requested() ? -1 : 6; }).get(), 6);
  EXPECT_EQ(pool.submit({.timeout = 100s}, [](auto... given) { return sizeof...(given); }).get(), 0u);
}

TEST_P(submit, request_stop_stops_the_token_of_what_runs) {
  if (serial()) GTEST_SKIP() << "the task is over before anybody can ask it to stop";
  gate begun;
  auto running = pool.submit([&](const std::stop_token& token) {
    begun.open();
    while (!token.stop_requested()) std::this_thread::yield();
    return 5;
  });
  begun.wait();
  pool.request_stop();
  EXPECT_EQ(running.get(), 5);
  EXPECT_EQ(pool.submit([](const std::stop_token& token) { return token.stop_requested(); }).get(), false) << "it can be used afterwards";
}

TEST_P(submit, request_stop_cancels_what_has_not_begun) {
  if (serial()) GTEST_SKIP() << "nothing is pending";
  occupied workers(pool, GetParam());
  auto pending = pool.submit([] { return 1; });
  pool.request_stop();
  EXPECT_TRUE(pending.ready());
  EXPECT_THROW(pending.get(), fg::cancelled_error);
}

TEST_P(submit, a_stop_before_it_begins_is_cancelled_error) {
  std::stop_source source;
  source.request_stop();
  std::atomic<int> runs = 0;
  EXPECT_THROW(pool.submit({.stop = source.get_token()}, [&] { ++runs; }).get(), fg::cancelled_error);
  EXPECT_EQ(runs, 0);
}

TEST_P(submit, a_stop_while_it_runs_is_seen_and_then_cancelled_error) {
  std::stop_source source;
  auto running = pool.submit({.stop = source.get_token()}, [&](const std::stop_token& token) {
    source.request_stop();
    while (!token.stop_requested()) std::this_thread::yield();
    return 1;
  });
  EXPECT_THROW(running.get(), fg::cancelled_error);
}

TEST_P(submit, a_timeout_before_it_begins_is_timeout_error) {
  std::atomic<int> runs = 0;
  EXPECT_THROW(pool.submit({.timeout = 0s}, [&] { ++runs; }).get(), fg::timeout_error);
  if (!serial()) {
    occupied workers(pool, GetParam());
    auto late = pool.submit({.timeout = 1ms}, [&] { ++runs; });
    std::this_thread::sleep_for(2ms);
    workers.release();
    EXPECT_THROW(late.get(), fg::timeout_error);
  }
  EXPECT_EQ(runs, 0);
}

TEST_P(submit, a_timeout_while_it_runs_awaits_it) {
  std::atomic<bool> ended = false;
  auto late = pool.submit({.timeout = 300ms}, [&] {
    std::this_thread::sleep_for(301ms);
    ended = true;
  });
  EXPECT_THROW(late.get(), fg::timeout_error);
  EXPECT_TRUE(GetParam() > 0 || ended);
}

TEST_P(submit, a_task_timeout_stops_the_token_and_is_timeout_error) {
  std::atomic<bool> stopped = false;
  auto late = pool.submit({.task_timeout = 1ms}, [&](const std::stop_token& token) {
    while (!token.stop_requested()) std::this_thread::yield();
    stopped = true;
    return 1;
  });
  EXPECT_THROW(late.get(), fg::timeout_error);
  EXPECT_TRUE(stopped);
  EXPECT_EQ(pool.submit({.task_timeout = 100s}, [](const std::stop_token&) { return 1; }).get(), 1);
}

TEST_P(submit, options_without_sense_are_misuse) {
  const auto f = [] { return 1; };
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(pool.submit({.chunk_size = -1}, f), std::invalid_argument);
  EXPECT_THROW(pool.submit({.buffer_size = -1}, f), std::invalid_argument);
  EXPECT_THROW(pool.submit({.timeout = std::chrono::duration<double>(nan)}, f), std::invalid_argument);
  EXPECT_THROW(pool.submit({.task_timeout = std::chrono::duration<double>(nan)}, f), std::invalid_argument);
  EXPECT_EQ(pool.submit(fg::options{}, f).get(), 1);
}

TEST_P(submit, one_worker_begins_tasks_in_order) {
  if (GetParam() > 1) GTEST_SKIP() << "several workers write in any order";
  std::vector<int> order, expected;
  for (int i = 0; i < 2000; ++i) {
    expected.push_back(i);
    static_cast<void>(pool.submit([&order, i] { order.push_back(i); }));
  }
  pool.submit([] {}).get();
  EXPECT_EQ(order, expected);
}

TEST(submit_to_serial, runs_the_task_before_it_returns) {
  const fg::executor pool{on(0)};
  const auto here = std::this_thread::get_id();
  bool ran = false;
  auto found = pool.submit([&] {
    ran = true;
    return std::this_thread::get_id();
  });
  EXPECT_TRUE(ran);
  EXPECT_TRUE(found.ready());
  EXPECT_EQ(found.get(), here);
}

class workers_at_once : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(workers, workers_at_once, testing::Values(1, 2, 3, 8, 12, 64));

TEST_P(workers_at_once, as_many_tasks_as_workers_wait_for_each_other) {
  const fg::executor pool{on(GetParam())};
  for (int round = 0; round < 50; ++round) {
    std::barrier together(GetParam());
    std::vector<fg::future<void>> all;
    for (int i = 0; i < GetParam(); ++i) all.push_back(pool.submit([&] { together.arrive_and_wait(); }));
    fg::wait(all);
  }
}

TEST_P(workers_at_once, right_after_a_single_task) {
  for (int round = 0; round < 300; ++round) {
    const fg::executor pool{on(GetParam())};
    pool.submit([] {}).get();
    std::barrier together(GetParam());
    std::vector<fg::future<void>> all;
    for (int i = 0; i < GetParam(); ++i) all.push_back(pool.submit([&] { together.arrive_and_wait(); }));
    fg::wait(all);
  }
}

TEST_P(workers_at_once, submitted_from_a_task) {
  const fg::executor pool{on(GetParam())};
  for (int round = 0; round < 20; ++round) {
    std::barrier together(GetParam());
    auto outer = pool.submit([&] {
      std::vector<fg::future<void>> all;
      for (int i = 1; i < GetParam(); ++i) all.push_back(pool.submit([&] { together.arrive_and_wait(); }));
      together.arrive_and_wait();
      fg::wait(all);
    });
    outer.get();
  }
}

TEST_P(workers_at_once, no_more_than_asked_for) {
  const fg::executor pool{on(GetParam())};
  std::atomic<int> running = 0, most = 0;
  std::vector<fg::future<void>> all;
  for (int i = 0; i < 300; ++i)
    all.push_back(pool.submit([&] {
      const int now = ++running;
      for (int before = most; before < now && !most.compare_exchange_weak(before, now);) {
      }
      std::this_thread::sleep_for(20us);
      --running;
    }));
  fg::wait(all);
  EXPECT_LE(most, GetParam());
}
