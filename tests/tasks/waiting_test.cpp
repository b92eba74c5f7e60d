// SPDX-License-Identifier: MIT
// Waiting for many futures: wait and as_completed.
#include "../errors/caught.hpp"
#include "backends.hpp"

#include <chrono>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using numbers_of = std::vector<std::size_t>;

class waiting : public on_a_backend {};
INSTANTIATE_TEST_SUITE_P(workers, waiting, testing::Values(0, 1, 2, 8));

class waiting_for_pending : public on_busy_workers {};
INSTANTIATE_TEST_SUITE_P(workers, waiting_for_pending, testing::Values(1, 2, 8));

TEST_P(waiting, for_none_returns_at_once) {
  std::vector<fg::future<int>> none;
  for (const auto when : {fg::return_when::all_completed, fg::return_when::first_completed, fg::return_when::first_exception}) {
    EXPECT_EQ(fg::wait(none, when).done.size(), 0u);
    EXPECT_EQ(fg::wait(none, when, 1s).not_done.size(), 0u);
  }
  for ([[maybe_unused]] auto& each : fg::as_completed(none)) FAIL();
  EXPECT_TRUE(fg::when_all(none).get().empty());
  EXPECT_EQ(fg::when_all().get(), std::tuple<>());
}

TEST_P(waiting, for_all_gives_all) {
  std::vector<fg::future<int>> all;
  for (int i = 0; i < 100; ++i) all.push_back(pool.submit([i] { return i; }));
  const auto found = fg::wait(all);
  numbers_of expected(100);
  std::iota(expected.begin(), expected.end(), 0u);
  EXPECT_EQ(found.done, expected);
  EXPECT_TRUE(found.not_done.empty());
  for (const auto when : {fg::return_when::all_completed, fg::return_when::first_completed, fg::return_when::first_exception})
    EXPECT_EQ(fg::wait(all, when, 0s).done, expected) << "all are done already";
}

TEST_P(waiting, takes_arrays_and_one_future) {
  fg::future<int> several[] = {pool.submit([] { return 1; }), pool.submit([]() -> int { throw 1; })};
  EXPECT_EQ(fg::wait(several).done, (numbers_of{0, 1}));
  EXPECT_EQ(fg::wait(several, fg::return_when::first_exception).done, (numbers_of{0, 1}));
}

TEST_P(waiting_for_pending, a_limit_tells_which_are_done) {
  fg::future<int> done;
  {
    const fg::executor other{on(1)};
    done = other.submit([] { return 1; });
  }
  std::vector<fg::future<int>> all;
  all.push_back(pool.submit([] { return 0; }));
  all.push_back(std::move(done));
  all.push_back(pool.submit([] { return 2; }));
  for (const auto limit : {-1s, 0s}) {
    const auto found = fg::wait(all, fg::return_when::all_completed, limit);
    EXPECT_EQ(found.done, (numbers_of{1}));
    EXPECT_EQ(found.not_done, (numbers_of{0, 2}));
  }
  EXPECT_EQ(fg::wait(all, fg::return_when::all_completed, 2ms).not_done, (numbers_of{0, 2}));
  EXPECT_EQ(fg::wait(all, fg::return_when::first_exception, 2ms).not_done, (numbers_of{0, 2}));
  EXPECT_EQ(fg::wait(all, fg::return_when::first_completed).done, (numbers_of{1})) << "one is done already";
  workers.release();
  EXPECT_EQ(fg::wait(all, fg::return_when::all_completed, 100s).done, (numbers_of{0, 1, 2}));
}

TEST_P(waiting_for_pending, first_completed_returns_with_the_first) {
  gate end;
  const fg::executor other{on(1)};
  std::vector<fg::future<int>> all;
  all.push_back(pool.submit([] { return 0; }));
  all.push_back(other.submit([&] {
    end.wait();
    return 1;
  }));
  EXPECT_TRUE(fg::wait(all, fg::return_when::first_completed, 1ms).done.empty());
  end.open();
  const auto found = fg::wait(all, fg::return_when::first_completed);
  EXPECT_EQ(found.done, (numbers_of{1}));
  EXPECT_EQ(found.not_done, (numbers_of{0}));
}

TEST_P(waiting_for_pending, first_exception_passes_over_values_and_cancelled_ones) {
  gate end;
  const fg::executor other{on(1)};
  std::vector<fg::future<int>> all;
  all.push_back(pool.submit([] { return 0; }));
  all.push_back(pool.submit([] { return 1; }));
  all.push_back(other.submit([] { return 2; }));
  all.push_back(other.submit([&]() -> int {
    end.wait();
    throw std::runtime_error("first");
  }));
  EXPECT_TRUE(all[1].cancel());
  all[2].wait();
  const auto before = fg::wait(all, fg::return_when::first_exception, 1ms);
  EXPECT_EQ(before.done, (numbers_of{1, 2}));
  end.open();
  const auto found = fg::wait(all, fg::return_when::first_exception);
  EXPECT_EQ(found.done, (numbers_of{1, 2, 3}));
  EXPECT_EQ(found.not_done, (numbers_of{0}));
  workers.release();
  EXPECT_EQ(fg::wait(all).done.size(), 4u);
}

TEST_P(waiting, first_exception_without_one_waits_for_all) {
  std::vector<fg::future<int>> all;
  for (int i = 0; i < 50; ++i) all.push_back(pool.submit([i] { return i; }));
  EXPECT_EQ(fg::wait(all, fg::return_when::first_exception).done.size(), 50u);
}

TEST_P(waiting_for_pending, cancelled_ones_count_as_done_and_wake_who_waits) {
  for (const auto when : {fg::return_when::all_completed, fg::return_when::first_completed, fg::return_when::first_exception}) {
    std::vector<fg::future<int>> all;
    for (int i = 0; i < 3; ++i) all.push_back(pool.submit([i] { return i; }));
    gate begun;
    std::jthread waiter([&] {
      begun.open();
      EXPECT_GE(fg::wait(all, when).done.size(), when == fg::return_when::first_completed ? 1u : 3u);
    });
    begun.wait();
    for (auto& each : all) EXPECT_TRUE(each.cancel());
  }
}

TEST_P(waiting_for_pending, those_that_shutdown_cancels_count_as_done_and_wake_who_waits) {
  std::vector<fg::future<int>> all;
  for (int i = 0; i < 5; ++i) all.push_back(pool.submit([i] { return i; }));
  auto gathered = fg::when_all(all);
  counter waits;
  {
    std::jthread everything([&] {
      waits.add();
      EXPECT_EQ(fg::wait(all).done.size(), 5u);
    });
    std::jthread as_they_come([&] {
      int seen = 0;
      waits.add();
      for (auto& each : fg::as_completed(all)) {
        EXPECT_THROW(std::rethrow_exception(each.exception()), fg::cancelled_error);
        ++seen;
      }
      EXPECT_EQ(seen, 5);
    });
    std::jthread together([&] {
      waits.add();
      EXPECT_THROW(gathered.get(), fg::cancelled_error);
    });
    waits.wait_for(3);
    std::jthread closes([&] { pool.shutdown(true, true); });
    everything.join();
    as_they_come.join();
    together.join();
    workers.let_go();
  }
  EXPECT_EQ(fg::wait(all).done.size(), 5u);
}

TEST_P(waiting_for_pending, as_completed_gives_those_done_first_and_then_in_order_of_completion) {
  std::vector<fg::future<int>> all;
  std::vector<std::unique_ptr<gate>> gates;
  const fg::executor other{on(4)};
  for (int i = 0; i < 4; ++i) {
    gates.push_back(std::make_unique<gate>());
    all.push_back(other.submit([of = gates.back().get(), i] {
      of->wait();
      return i;
    }));
  }
  gates[2]->open();
  all[2].wait();
  gates[1]->open();
  all[1].wait();
  std::vector<int> order;
  auto completed = fg::as_completed(all);
  for (auto& each : completed) {
    EXPECT_TRUE(each.ready());
    order.push_back(each.get());
    if (order.size() == 2) gates[3]->open();
    if (order.size() == 3) gates[0]->open();
  }
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 0}));
}

TEST_P(waiting, as_completed_gives_each_once_failed_ones_too) {
  std::vector<fg::future<int>> all;
  for (int i = 0; i < 200; ++i) all.push_back(pool.submit([i] { return i % 3 == 0 ? throw std::out_of_range("x") : i; }));
  int values = 0, errors = 0;
  for (auto& each : fg::as_completed(all)) (each.exception() ? errors : values) += 1;
  EXPECT_EQ(values, 133);
  EXPECT_EQ(errors, 67);
}

TEST_P(waiting, as_completed_may_be_left_early) {
  for (int round = 0; round < 100; ++round) {
    std::vector<fg::future<int>> all;
    for (int i = 0; i < 10; ++i) all.push_back(pool.submit([i] { return i; }));
    int seen = 0;
    for (auto& each : fg::as_completed(all)) {
      static_cast<void>(each.get());
      if (++seen == 3) break;
    }
    EXPECT_EQ(seen, 3);
  }
}

TEST_P(waiting, as_completed_goes_on_when_a_future_is_moved_away) {
  std::vector<fg::future<int>> all;
  for (int i = 0; i < 10; ++i) all.push_back(pool.submit([i] { return i; }));
  int sum = 0;
  for (auto& each : fg::as_completed(all)) {
    auto mine = std::move(each);
    sum += mine.get();
  }
  EXPECT_EQ(sum, 45);
}
