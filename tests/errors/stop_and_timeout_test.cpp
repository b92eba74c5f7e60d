// SPDX-License-Identifier: MIT
// Options stop, timeout and task_timeout: nothing new starts, what runs is awaited, then the error says so.
#include "../contract/one_pass.hpp"
#include "caught.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace fg = foldgrid;
using namespace std::chrono_literals;

class stop_and_timeout : public testing::TestWithParam<int> {
 protected:
  const fg::executor pool{GetParam() == 0 ? fg::executor_options{.where = fg::backend::serial}
                                          : fg::executor_options{.where = fg::backend::threads, .workers = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(workers, stop_and_timeout, testing::Values(0, 1, 2, 8));

TEST_P(stop_and_timeout, a_stop_before_the_call_starts_nothing) {
  std::stop_source source;
  source.request_stop();
  std::atomic<int> runs = 0;
  const auto f = [&](int i) { return ++runs, i; };
  const fg::options asked{.stop = source.get_token()};
  std::vector<int> out(10);
  expect_refused<fg::cancelled_error>([&] { return pool.map(asked, f, fg::iota(10)); }, "map", "stop");
  EXPECT_THROW(pool.map_into(asked, out, f, fg::iota(10)), fg::cancelled_error);
  EXPECT_THROW(pool.map_reduce(asked, f, std::plus<>{}, fg::iota(10)), fg::cancelled_error);
  EXPECT_THROW(pool.reduce(asked, std::plus<>{}, out), fg::cancelled_error);
  EXPECT_THROW(pool.reduce(asked, std::plus<>{}, one_pass(out)), fg::cancelled_error);
  EXPECT_THROW(pool.sum(asked, out), fg::cancelled_error);
  EXPECT_THROW(pool.minmax(asked, out), fg::cancelled_error);
  EXPECT_THROW(pool.argmin(asked, out), fg::cancelled_error);
  EXPECT_THROW(pool.first_nonfinite(asked, std::vector<double>{1}), fg::cancelled_error);
  EXPECT_THROW(pool.reduce_rows(asked, std::plus<>{}, out, 2, 5), fg::cancelled_error);
  EXPECT_THROW(pool.reduce_columns(asked, std::plus<>{}, out, 2, 5), fg::cancelled_error);
  EXPECT_THROW(pool.reduce(asked, fg::elementwise(std::plus<>{}), std::vector<std::vector<int>>{{1}, {2}}), fg::cancelled_error);
  EXPECT_EQ(runs, 0);
}

TEST_P(stop_and_timeout, a_stop_during_the_call_awaits_what_runs) {
  std::stop_source source;
  std::atomic<int> running = 0, runs = 0;
  const auto f = [&](int i) {
    ++running;
    if (++runs == 20) source.request_stop();
    std::this_thread::sleep_for(100us);
    --running;
    return i;
  };
  EXPECT_THROW(pool.map({.chunk_size = 1, .stop = source.get_token()}, f, fg::iota(100000)), fg::cancelled_error);
  EXPECT_EQ(running, 0);
  EXPECT_LT(runs, 20 + 16);
}

TEST_P(stop_and_timeout, a_function_may_take_the_callers_stop_token) {
  std::stop_source source;
  const auto f = [&](std::stop_token token, int i) {
    const bool before = token.stop_requested();
    source.request_stop();
    return !before && token.stop_requested() ? i : -1;
  };
  EXPECT_THROW(pool.map({.stop = source.get_token()}, f, fg::iota(3)), fg::cancelled_error);
  EXPECT_EQ(pool.map([](std::stop_token token, int i) { return token.stop_requested() ? -1 : i; }, fg::iota(3)),
            (std::vector<int>{0, 1, 2}));
}

TEST_P(stop_and_timeout, the_executor_stops_what_runs) {
  std::atomic<int> seen = 0;
  const auto f = [&](std::stop_token token, int i) {
    if (i == 0) pool.request_stop();
    if (token.stop_requested()) ++seen;
    return i;
  };
  EXPECT_THROW(pool.map({.chunk_size = 1}, f, fg::iota(100000)), fg::cancelled_error);
  EXPECT_GE(seen, 1);
  EXPECT_EQ(pool.sum(fg::iota(10)), 45) << "it can be used afterwards";
}

TEST_P(stop_and_timeout, no_time_at_all_starts_nothing) {
  std::atomic<int> runs = 0;
  for (const double seconds : {0.0, -1.0, -1e300, -std::numeric_limits<double>::infinity()}) {
    expect_refused<fg::timeout_error>(
        [&] { return pool.map({.timeout = std::chrono::duration<double>(seconds)}, [&](int i) { return ++runs, i; }, fg::iota(10)); },
        "map", "timeout");
  }
  EXPECT_EQ(runs, 0);
  EXPECT_TRUE(pool.map({.timeout = 0s}, [](int i) { return i; }, fg::iota(0)).empty()) << "no work takes no time";
}

TEST_P(stop_and_timeout, a_timeout_during_the_call) {
  std::atomic<int> running = 0;
  const auto f = [&](int i) {
    ++running;
    std::this_thread::sleep_for(1ms);
    --running;
    return i;
  };
  const auto before = std::chrono::steady_clock::now();
  expect_refused<fg::timeout_error>([&] { return pool.map({.timeout = 50ms}, f, fg::iota(100000)); }, "0.05", "time");
  EXPECT_THROW(pool.map_reduce({.timeout = 50ms}, f, std::plus<>{}, fg::iota(100000)), fg::timeout_error);
  EXPECT_EQ(running, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 20s);
}

TEST_P(stop_and_timeout, a_long_timeout_is_no_timeout) {
  for (const double seconds : {100.0, 1e9, 1e300, std::numeric_limits<double>::infinity()}) {
    const std::chrono::duration<double> limit(seconds);
    EXPECT_EQ(pool.map({.timeout = limit, .task_timeout = limit}, [](int i) { return i; }, fg::iota(3)), (std::vector<int>{0, 1, 2}));
    EXPECT_EQ(pool.sum({.timeout = limit}, fg::iota(28)), 378);
  }
}

TEST_P(stop_and_timeout, an_item_that_runs_too_long_is_stopped_and_awaited) {
  const auto f = [](const std::stop_token& token, int i) {
    for (int k = 0; i == 5 && k < 20000 && !token.stop_requested(); ++k) std::this_thread::sleep_for(1ms);
    return i;
  };
  const auto before = std::chrono::steady_clock::now();
  const auto error = caught<fg::task_error>([&] { return pool.map({.task_timeout = 200ms}, f, fg::iota(10)); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->index(), 5u);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 15s);
  expect_refused<fg::timeout_error>([&] { return error->rethrow_nested(), 0; }, "item 5", "0.2", "task_timeout");
  const auto folded = caught<fg::task_error>([&] { return pool.map_reduce({.task_timeout = 200ms}, f, std::plus<>{}, fg::iota(10)); });
  ASSERT_TRUE(folded);
  EXPECT_EQ(folded->index(), 5u);
}

TEST_P(stop_and_timeout, an_item_that_takes_no_token_is_late_too) {
  const auto f = [](int i) {
    if (i == 1) std::this_thread::sleep_for(300ms);
    if (i == 1) throw std::runtime_error("its own error comes second");
    return std::to_string(i);
  };
  const auto error = caught<fg::task_error>([&] { return pool.map({.task_timeout = 150ms}, f, fg::iota(4)); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->index(), 1u);
  EXPECT_TRUE(caught<fg::timeout_error>([&] { return error->rethrow_nested(), 0; }));
}

TEST_P(stop_and_timeout, items_in_time_are_not_disturbed_by_the_limit) {
  const auto f = [](std::stop_token token, int i) { return token.stop_requested() ? -1 : i; };
  std::vector<int> expected(2000);
  for (int i = 0; i < 2000; ++i) expected[static_cast<std::size_t>(i)] = i;
  EXPECT_EQ(pool.map({.task_timeout = 10s}, f, fg::iota(2000)), expected);
  std::stop_source source;
  EXPECT_EQ(pool.map({.stop = source.get_token(), .task_timeout = 10s}, f, fg::iota(2000)), expected);
}

TEST_P(stop_and_timeout, an_items_failure_comes_before_a_stop) {
  std::stop_source source;
  const auto f = [&](int i) -> int {
    source.request_stop();
    throw std::runtime_error("no " + std::to_string(i));
  };
  EXPECT_THROW(pool.map({.chunk_size = 1, .stop = source.get_token()}, f, fg::iota(100)), fg::task_error);
}
