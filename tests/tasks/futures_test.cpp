// SPDX-License-Identifier: MIT
// One future: taking its value once, waiting with and without a limit, cancelling it in each state.
#include "../errors/caught.hpp"
#include "backends.hpp"

#include <atomic>
#include <chrono>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

using namespace std::chrono_literals;

class futures : public on_a_backend {};
INSTANTIATE_TEST_SUITE_P(workers, futures, testing::Values(0, 1, 2, 8));

class pending_futures : public on_busy_workers {};
INSTANTIATE_TEST_SUITE_P(workers, pending_futures, testing::Values(1, 2, 8));

static_assert(!std::is_copy_constructible_v<fg::future<int>> && std::is_nothrow_move_constructible_v<fg::future<int>>);

TEST_P(futures, a_value_can_be_taken_once) {
  auto found = pool.submit([] { return std::string("once"); });
  EXPECT_EQ(found.get(), "once");
  EXPECT_THROW(found.get(), std::invalid_argument);
  EXPECT_THROW(found.get(1s), std::invalid_argument);
  EXPECT_TRUE(found.ready());
  auto nothing = pool.submit([] {});
  nothing.get();
  EXPECT_THROW(nothing.get(), std::invalid_argument);
}

TEST_P(futures, an_error_can_be_had_again) {
  auto failing = pool.submit([]() -> int { throw std::out_of_range("x"); });
  for (int i = 0; i < 3; ++i) EXPECT_THROW(failing.get(), std::out_of_range);
  EXPECT_THROW(failing.get(1s), std::out_of_range);
  EXPECT_THROW(std::rethrow_exception(failing.exception()), std::out_of_range);
}

TEST_P(futures, an_empty_one_is_misuse) {
  fg::future<int> empty, moved = pool.submit([] { return 1; });
  const auto target = std::move(moved);
  EXPECT_TRUE(target.valid());
  for (auto* const each : {&empty, &moved}) {
    EXPECT_FALSE(each->valid());
    EXPECT_THROW(each->get(), std::invalid_argument);
    EXPECT_THROW(each->get(0s), std::invalid_argument);
    EXPECT_THROW(each->wait(), std::invalid_argument);
    EXPECT_THROW(each->wait(0s), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(each->ready()), std::invalid_argument);
    EXPECT_THROW(each->cancel(), std::invalid_argument);
    EXPECT_THROW(each->exception(), std::invalid_argument);
    EXPECT_THROW(each->on_done([](const fg::outcome<int>&) {}), std::invalid_argument);
    EXPECT_THROW(fg::when_all(*each), std::invalid_argument);
  }
  fg::future<int> several[1];
  EXPECT_THROW(fg::wait(several), std::invalid_argument);
  EXPECT_THROW(fg::as_completed(several), std::invalid_argument);
  EXPECT_THROW(fg::when_all(several), std::invalid_argument);
}

TEST_P(futures, moving_one_moves_the_result) {
  auto first = pool.submit([] { return 1; }), second = pool.submit([] { return 2; });
  first = std::move(second);
  EXPECT_FALSE(second.valid());
  EXPECT_EQ(first.get(), 2);
}

TEST_P(futures, waits_of_a_done_one_return_at_once) {
  auto found = pool.submit([] { return 5; });
  found.wait();
  EXPECT_TRUE(found.ready());
  EXPECT_TRUE(found.wait(0s));
  EXPECT_TRUE(found.wait(-1s));
  EXPECT_EQ(found.exception(), nullptr);
  EXPECT_EQ(found.get(0s), 5);
}

TEST_P(futures, any_limit_will_do_for_a_done_one) {
  for (const double seconds : {-std::numeric_limits<double>::infinity(), 0.0, 1e300, std::numeric_limits<double>::infinity()}) {
    auto found = pool.submit([] { return 5; });
    found.wait();
    EXPECT_EQ(found.get(std::chrono::duration<double>(seconds)), 5) << seconds;
  }
}

TEST_P(futures, a_long_limit_gives_the_value) {
  for (const double seconds : {100.0, 1e9, 1e300, std::numeric_limits<double>::infinity()})
    EXPECT_EQ(pool.submit([] { return 5; }).get(std::chrono::duration<double>(seconds)), 5) << seconds;
}

TEST_P(futures, a_done_one_cannot_be_cancelled) {
  auto found = pool.submit([] { return 5; });
  found.wait();
  EXPECT_FALSE(found.cancel());
  EXPECT_EQ(found.get(), 5);
  EXPECT_FALSE(found.cancel());
  auto failing = pool.submit([]() -> int { throw 1; });
  failing.wait();
  EXPECT_FALSE(failing.cancel());
  EXPECT_THROW(failing.get(), int);
}

TEST_P(futures, outlive_the_executor) {
  fg::future<std::string> found;
  {
    const fg::executor short_lived{on(GetParam())};
    found = short_lived.submit([] { return std::string("still here"); });
  }
  EXPECT_TRUE(found.ready()) << "the destructor drains";
  EXPECT_EQ(found.get(), "still here");
}

TEST_P(futures, arguments_and_function_are_gone_when_it_is_done) {
  const auto token = std::make_shared<int>(1);
  auto found = pool.submit([held = token](const std::shared_ptr<int>&) { return 1; }, token);
  found.wait();
  EXPECT_EQ(token.use_count(), 1);
  auto told = pool.submit({.timeout = 100s}, [held = token](const std::shared_ptr<int>&) { return 1; }, token);
  told.wait();
  EXPECT_EQ(token.use_count(), 1);
  auto failing = pool.submit([held = token](const std::shared_ptr<int>&) -> int { throw 1; }, token);
  failing.wait();
  EXPECT_EQ(token.use_count(), 1);
}

TEST_P(futures, get_leaves_nothing_of_the_value_behind) {
  auto found = pool.submit([] { return std::make_shared<int>(5); });
  const std::weak_ptr<int> watched = found.get();
  EXPECT_TRUE(watched.expired());
}

TEST_P(futures, dropping_one_leaves_the_task_alone) {
  std::atomic<int> runs = 0;
  for (int i = 0; i < 100; ++i) static_cast<void>(pool.submit([&] { return ++runs; }));
  pool.shutdown();
  EXPECT_EQ(runs, 100);
}

TEST_P(pending_futures, short_limits_run_out_and_the_task_goes_on) {
  auto pending = pool.submit([] { return 5; });
  EXPECT_FALSE(pending.ready());
  EXPECT_FALSE(pending.wait(0s));
  EXPECT_FALSE(pending.wait(1ms));
  EXPECT_THROW(pending.get(0s), fg::timeout_error);
  EXPECT_THROW(pending.get(-1s), fg::timeout_error);
  EXPECT_THROW(pending.get(1ms), fg::timeout_error);
  EXPECT_THROW(workers.task(0).get(1ms), fg::timeout_error) << "a running one";
  EXPECT_FALSE(pending.ready());
  workers.release();
  EXPECT_EQ(pending.get(100s), 5);
}

TEST_P(pending_futures, can_be_cancelled) {
  std::atomic<int> runs = 0;
  const auto token = std::make_shared<int>(1);
  auto pending = pool.submit([&, token] { return ++runs; });
  EXPECT_TRUE(pending.cancel());
  EXPECT_TRUE(pending.ready()) << "a cancelled future is done";
  EXPECT_EQ(token.use_count(), 1) << "its function is gone";
  EXPECT_TRUE(pending.cancel()) << "already cancelled";
  EXPECT_THROW(pending.get(), fg::cancelled_error);
  EXPECT_THROW(pending.get(0s), fg::cancelled_error);
  EXPECT_TRUE(pending.wait(0s));
  EXPECT_THROW(std::rethrow_exception(pending.exception()), fg::cancelled_error);
  workers.release();
  pool.shutdown();
  EXPECT_TRUE(pending.cancel());
  EXPECT_EQ(runs, 0);
}

TEST_P(pending_futures, a_running_one_cannot_be_cancelled) {
  EXPECT_FALSE(workers.task(0).cancel());
  EXPECT_FALSE(workers.task(0).cancel()) << "again";
  workers.release();
  EXPECT_NO_THROW(workers.task(0).get());
}

TEST_P(pending_futures, cancelling_wakes_who_waits) {
  auto pending = pool.submit([] { return 1; });
  counter waiting;
  std::jthread waiter([&] {
    waiting.add();
    EXPECT_THROW(std::rethrow_exception(pending.exception()), fg::cancelled_error);
  });
  std::jthread limited([&] {
    waiting.add();
    EXPECT_TRUE(pending.wait(100s));
  });
  waiting.wait_for(2);
  EXPECT_TRUE(pending.cancel());
}

TEST_P(pending_futures, dropping_one_neither_waits_nor_cancels) {
  std::atomic<int> runs = 0;
  for (int i = 0; i < 10; ++i) static_cast<void>(pool.submit([&] { return ++runs; }));
  EXPECT_EQ(runs, 0) << "nobody waited";
  workers.release();
  pool.shutdown();
  EXPECT_EQ(runs, 10);
}

TEST_P(pending_futures, one_that_is_overwritten_is_dropped) {
  std::atomic<int> runs = 0;
  auto pending = pool.submit([&] { return ++runs; });
  pending = {};
  EXPECT_FALSE(pending.valid());
  workers.release();
  pool.shutdown();
  EXPECT_EQ(runs, 1);
}
