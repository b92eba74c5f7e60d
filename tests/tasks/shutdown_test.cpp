// SPDX-License-Identifier: MIT
// How an executor ends: draining, cancelling, from inside of its own tasks, and while an exception unwinds.
#include "../errors/caught.hpp"
#include "backends.hpp"
#include "numbers.hpp"

#include <atomic>
#include <barrier>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

class shutdown : public on_a_backend {};
INSTANTIATE_TEST_SUITE_P(workers, shutdown, testing::Values(0, 1, 2, 8));

class shutdown_with_work : public testing::TestWithParam<int> {
 protected:
  std::optional<fg::executor> pool{std::in_place, on(GetParam())};
  std::atomic<int> runs = 0;
  /// Ten futures of pending tasks.
  std::vector<fg::future<int>> pending() {
    std::vector<fg::future<int>> all;
    for (int i = 0; i < 10; ++i) all.push_back(pool->submit([this] { return ++runs; }));
    return all;
  }
};
INSTANTIATE_TEST_SUITE_P(workers, shutdown_with_work, testing::Values(1, 2, 8));

template <class F>
static bool broken(F&& run) {
  return caught<fg::broken_executor>(run).has_value();
}

static void expect_every_verb_broken(const fg::executor& pool) {
  const auto same = [](int i) { return i; };
  const auto add = [](int a, int b) { return a + b; };
  for (const int n : {0, 3}) {
    std::vector<int> xs(static_cast<std::size_t>(n)), out(3);
    const std::vector<std::tuple<int, int>> rows(static_cast<std::size_t>(n));
    const std::vector<fg::call<int>> calls(static_cast<std::size_t>(n), fg::delayed(same)(1));
    SCOPED_TRACE(std::to_string(n) + " elements");
    EXPECT_TRUE(broken([&] { return pool.map_async(same, xs); }));
    EXPECT_TRUE(broken([&] { return pool.starmap_async(add, rows); }));
    EXPECT_TRUE(broken([&] { return pool.reduce_async(add, xs); }));
    EXPECT_TRUE(broken([&] { return pool.reduce_async(add, xs, 1); }));
    EXPECT_TRUE(broken([&] { return pool.imap(same, xs); }));
    EXPECT_TRUE(broken([&] { return pool.imap_unordered(same, xs); }));
    EXPECT_TRUE(broken([&] { return pool.imap(same, numbers(n)); }));
    EXPECT_TRUE(broken([&] { return pool.map_outcomes(same, xs); }));
    EXPECT_TRUE(broken([&] { return pool.parallel(calls); }));
    EXPECT_TRUE(broken([&] { return pool.parallelized(same)(xs); }));
    EXPECT_TRUE(broken([&] { return pool.map(same, xs); }));
    EXPECT_TRUE(broken([&] { return pool.starmap(add, rows); }));
    EXPECT_TRUE(broken([&] { return pool.map_into(out, same, xs), 0; }));
    EXPECT_TRUE(broken([&] { return pool.reduce(add, xs, 1); }));
    EXPECT_TRUE(broken([&] { return pool.map_reduce(same, add, fg::init(1), xs); }));
    EXPECT_TRUE(broken([&] { return pool.sum(xs); }));
    EXPECT_TRUE(broken([&] { return pool.minmax(xs); }));
    EXPECT_TRUE(broken([&] { return pool.argmax(xs); }));
    EXPECT_TRUE(broken([&] { return pool.reduce_rows(add, xs, n, 1); }));
  }
  EXPECT_TRUE(broken([&] { return pool.submit([] { return 1; }); }));
  EXPECT_TRUE(broken([&] { return pool.submit({.timeout = std::chrono::seconds(1)}, [] { return 1; }); }));
  EXPECT_TRUE(broken([&] { return pool.submit([](std::stop_token) { return 1; }); }));
  EXPECT_TRUE(broken([&] { return pool.apply([] { return 1; }); }));
  EXPECT_TRUE(broken([&] { return pool.apply_async([] { return 1; }); }));
  EXPECT_TRUE(broken([&] { return pool.parallel(fg::delayed(same)(1), fg::delayed([] {})()); }));
  EXPECT_TRUE(broken([&] { return pool.request_stop(), 0; }));
}

TEST_P(shutdown, breaks_every_verb_for_empty_input_too) {
  pool.shutdown();
  expect_every_verb_broken(pool);
}

TEST_P(shutdown, of_a_moved_from_executor) {
  fg::executor from{on(GetParam())};
  const fg::executor to = std::move(from);
  expect_every_verb_broken(from);
  EXPECT_EQ(to.submit([] { return 1; }).get(), 1);
}

TEST_P(shutdown, may_be_called_again) {
  auto found = pool.submit([] { return 1; });
  for (int i = 0; i < 3; ++i) {
    pool.shutdown();
    pool.shutdown(false);
    pool.shutdown(true, true);
  }
  EXPECT_EQ(found.get(), 1);
}

/// The destructor drains, with as many tasks at a time as there are workers: those that wait for one another need that.
TEST_P(shutdown, of_tasks_that_wait_for_one_another) {
  if (serial()) GTEST_SKIP() << "tasks run one by one";
  for (int round = 0; round < 50; ++round) {
    std::barrier<> all_here(GetParam());
    std::atomic<int> ended = 0;
    {
      const fg::executor short_lived{on(GetParam())};
      if (round % 2 == 0) short_lived.submit([] {}).get();
      for (int i = 0; i < GetParam(); ++i)
        short_lived.submit([&] {
          all_here.arrive_and_wait();
          ++ended;
        });
    }
    EXPECT_EQ(ended, GetParam());
  }
}

TEST_P(shutdown, of_an_executor_that_was_never_used) {
  for (int i = 0; i < 200; ++i) {
    const fg::executor unused{on(GetParam())};
    if (i % 2 == 0) unused.shutdown(i % 4 == 0, i % 3 == 0);
  }
}

TEST_P(shutdown, by_several_threads_at_once) {
  for (int round = 0; round < 50; ++round) {
    const fg::executor several{on(GetParam())};
    auto found = several.submit([] { return 1; });
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        several.shutdown();
        EXPECT_TRUE(found.ready());
      });
  }
}

TEST_P(shutdown, from_a_task_does_not_wait_for_itself) {
  const auto inside = pool.submit([&] {
    pool.shutdown();
    pool.shutdown(true, true);
    return broken([&] { return pool.submit([] { return 1; }); });
  });
  EXPECT_EQ(inside.exception(), nullptr);
  pool.shutdown();
}

TEST_P(shutdown, an_executor_may_be_destroyed_by_a_task_of_its_own) {
  for (int round = 0; round < 100; ++round) {
    auto owner = std::make_unique<fg::executor>(on(GetParam()));
    auto& mine = *owner;
    std::atomic<bool> submitted = false;  // an executor must not go while a thread is in one of its calls
    auto last = mine.submit([&submitted, own = std::move(owner), caller = std::this_thread::get_id()]() mutable {
      if (std::this_thread::get_id() != caller) submitted.wait(false);
      own.reset();
      return 4;
    });
    submitted = true;
    submitted.notify_all();
    EXPECT_EQ(last.get(), 4);
  }
}

TEST_P(shutdown, assigning_an_executor_drains_what_it_was) {
  fg::executor first{on(GetParam())};
  std::atomic<int> runs = 0;
  for (int i = 0; i < 20; ++i) static_cast<void>(first.submit([&] { ++runs; }));
  first = fg::executor{on(GetParam())};
  EXPECT_EQ(runs, 20);
  EXPECT_EQ(first.submit([] { return 1; }).get(), 1);
}

TEST_P(shutdown_with_work, drains) {
  occupied workers(*pool, GetParam());
  auto all = pending();
  workers.let_go();
  pool->shutdown();
  EXPECT_EQ(runs, 10);
  for (auto& each : all) EXPECT_TRUE(each.ready());
}

TEST_P(shutdown_with_work, the_destructor_drains) {
  auto all = pending();
  pool.reset();
  EXPECT_EQ(runs, 10);
  for (auto& each : all) EXPECT_TRUE(each.ready());
}

TEST_P(shutdown_with_work, tasks_that_run_cannot_submit_any_more) {
  gate closed;
  auto running = pool->submit([&] {
    closed.wait();
    return broken([&] { return pool->submit([] { return 1; }); });
  });
  pool->shutdown(false);
  closed.open();
  EXPECT_TRUE(running.get());
}

TEST_P(shutdown_with_work, without_waiting_returns_at_once_and_drains_later) {
  occupied workers(*pool, GetParam());
  auto all = pending();
  pool->shutdown(false);
  EXPECT_EQ(runs, 0);
  EXPECT_FALSE(all[0].ready());
  workers.let_go();
  fg::wait(all);
  EXPECT_EQ(runs, 10);
}

TEST_P(shutdown_with_work, that_is_pending_may_be_cancelled_at_once) {
  occupied workers(*pool, GetParam());
  auto all = pending();
  pool->shutdown(false, true);
  for (auto& each : all) {
    EXPECT_TRUE(each.ready());
    EXPECT_TRUE(each.cancel()) << "it is cancelled";
    EXPECT_THROW(each.get(), fg::cancelled_error);
  }
  workers.release();
  EXPECT_NO_THROW(workers.task(0).get()) << "what has begun ends";
  pool.reset();
  EXPECT_EQ(runs, 0);
}

TEST_P(shutdown_with_work, may_be_cancelled_by_a_second_call) {
  occupied workers(*pool, GetParam());
  auto all = pending();
  pool->shutdown(false);
  pool->shutdown(false, true);
  for (auto& each : all) EXPECT_THROW(each.get(), fg::cancelled_error);
}

TEST_P(shutdown_with_work, an_exception_that_unwinds_cancels_what_is_pending) {
  std::vector<fg::future<int>> all;
  std::vector<fg::future<void>> running;
  gate end;
  counter begun;
  std::jthread opens;
  try {
    const fg::executor local{on(GetParam())};
    for (int i = 0; i < GetParam(); ++i)
      running.push_back(local.submit([&] {
        begun.add();
        end.wait();
      }));
    begun.wait_for(GetParam());
    for (int i = 0; i < 10; ++i) all.push_back(local.submit([&] { return ++runs; }));
    opens = std::jthread([&] {
      all.back().wait();  // cancelled while the workers are busy
      end.open();
    });
    throw std::runtime_error("unwinds");
  } catch (const std::runtime_error&) {
  }
  for (auto& each : all) EXPECT_THROW(each.get(), fg::cancelled_error);
  for (auto& each : running) EXPECT_NO_THROW(each.get());
  EXPECT_EQ(runs, 0);
}

TEST_P(shutdown_with_work, an_executor_made_while_an_exception_unwinds_still_drains) {
  struct on_unwind {
    int workers;
    std::atomic<int>& runs;
    ~on_unwind() {
      const fg::executor local{on(workers)};
      for (int i = 0; i < 20; ++i) static_cast<void>(local.submit([this] { ++runs; }));
    }
  };
  try {
    const on_unwind last{GetParam(), runs};
    throw std::runtime_error("unwinds");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(runs, 20);
}

TEST_P(shutdown_with_work, callbacks_have_run_when_it_returns) {
  std::atomic<int> seen = 0;
  for (int i = 0; i < 20; ++i) pool->submit([] {}).on_done([&](const fg::outcome<void>&) { ++seen; });
  pool->shutdown();
  EXPECT_EQ(seen, 20);
}

TEST_P(shutdown_with_work, async_verbs_are_drained_or_cancelled) {
  auto drained = pool->map_async([](int i) { return i; }, fg::iota(3));
  occupied workers(*pool, GetParam());
  auto cancelled = pool->map_async([](int i) { return i; }, fg::iota(3));
  drained.wait();
  pool->shutdown(false, true);
  EXPECT_EQ(drained.get(), (std::vector<int>{0, 1, 2}));
  EXPECT_THROW(cancelled.get(), fg::cancelled_error);
}
