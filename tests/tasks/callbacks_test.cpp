// SPDX-License-Identifier: MIT
// Callbacks of on_done: when, where and in which order they are called, and what becomes of their errors.
#include "../errors/caught.hpp"
#include "backends.hpp"

#include <atomic>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

class callbacks : public on_a_backend {
 protected:
  ~callbacks() override { fg::set_callback_error_handler({}); }
};
INSTANTIATE_TEST_SUITE_P(workers, callbacks, testing::Values(0, 1, 2, 8));

TEST_P(callbacks, see_the_outcome) {
  gate end;
  auto good = pool.submit([&] {
    if (!serial()) end.wait();
    return std::string("value");
  });
  auto bad = pool.submit([]() -> std::string { throw std::out_of_range("no"); });
  auto nothing = pool.submit([] {});
  std::atomic<int> seen = 0;
  good.on_done([&](const fg::outcome<std::string>& found) { seen += found.has_value() && found.value() == "value" ? 1 : 100; });
  bad.on_done([&](const fg::outcome<std::string>& found) {
    EXPECT_FALSE(found.has_value());
    EXPECT_THROW(static_cast<void>(found.value()), std::out_of_range);
    ++seen;
  });
  nothing.on_done([&](const fg::outcome<void>& found) { seen += found.has_value() ? 1 : 100; });
  end.open();
  pool.shutdown();
  EXPECT_EQ(seen, 3);
  EXPECT_EQ(good.get(), "value") << "a callback takes nothing away";
}

TEST_P(callbacks, come_in_order_of_registration_on_the_thread_that_completes) {
  gate end;
  auto found = pool.submit([&] {
    if (!serial()) end.wait();
    return std::this_thread::get_id();
  });
  std::vector<int> order;
  for (int i = 0; i < 100; ++i)
    found.on_done([&order, i](const fg::outcome<std::thread::id>& which) {
      EXPECT_EQ(which.value(), std::this_thread::get_id());
      order.push_back(i);
    });
  end.open();
  static_cast<void>(found.get());
  ASSERT_EQ(order.size(), 100u) << "get() waits for the callbacks that read the value";
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST_P(callbacks, find_the_future_done) {
  gate end;
  auto found = pool.submit([&] {
    if (!serial()) end.wait();
  });
  bool ready = false;
  found.on_done([&](const fg::outcome<void>&) { ready = found.ready() && found.wait(std::chrono::seconds(0)); });
  end.open();
  found.get();
  EXPECT_TRUE(ready);
}

TEST_P(callbacks, of_a_done_future_run_at_once_in_the_callers_thread) {
  auto found = pool.submit([] { return 3; });
  found.wait();
  std::thread::id where;
  found.on_done([&](const fg::outcome<int>& outcome) {
    EXPECT_EQ(outcome.value(), 3);
    where = std::this_thread::get_id();
  });
  EXPECT_EQ(where, std::this_thread::get_id());
}

TEST_P(callbacks, of_a_value_that_was_taken_are_told_so) {
  auto found = pool.submit([] { return 3; });
  EXPECT_EQ(found.get(), 3);
  int calls = 0;
  found.on_done([&](const fg::outcome<int>& which) {
    ++calls;
    ASSERT_FALSE(which.has_value());
    ASSERT_TRUE(which.error());
    expect_refused([&] { return which.value(); }, "taken before", "get()");
  });
  EXPECT_EQ(calls, 1);
  auto first = pool.submit([] { return 4; });
  EXPECT_EQ(std::get<0>(fg::when_all(first).get()), 4);
  first.on_done([&](const fg::outcome<int>& which) { calls += which.error() ? 1 : 100; });
  EXPECT_EQ(calls, 2);
}

TEST_P(callbacks, of_a_cancelled_future) {
  if (serial()) GTEST_SKIP() << "nothing is pending";
  occupied workers(pool, GetParam());
  auto pending = pool.submit([] { return 1; });
  int seen = 0;
  const auto sees_cancelled = [&](const fg::outcome<int>& outcome) {
    EXPECT_THROW(static_cast<void>(outcome.value()), fg::cancelled_error);
    ++seen;
  };
  pending.on_done(sees_cancelled);
  EXPECT_EQ(seen, 0);
  EXPECT_TRUE(pending.cancel());
  EXPECT_EQ(seen, 1) << "run by who cancels";
  pending.on_done(sees_cancelled);
  EXPECT_EQ(seen, 2);
}

TEST_P(callbacks, of_a_future_that_shutdown_cancels) {
  if (serial()) GTEST_SKIP() << "nothing is pending";
  std::atomic<int> cancelled = 0;
  occupied workers(pool, GetParam());
  auto pending = pool.submit([] { return 1; });
  pending.on_done([&](const fg::outcome<int>& outcome) { cancelled += outcome.has_value() ? 0 : 1; });
  pool.shutdown(false, true);
  EXPECT_EQ(cancelled, 1);
}

TEST_P(callbacks, are_called_though_the_future_is_gone) {
  std::atomic<int> seen = 0;
  for (int i = 0; i < 100; ++i) pool.submit([i] { return i; }).on_done([&](const fg::outcome<int>& found) { seen += found.value(); });
  pool.shutdown();
  EXPECT_EQ(seen, 4950);
}

TEST_P(callbacks, that_throw_tell_the_handler_and_the_later_ones_still_run) {
  std::atomic<int> told = 0, later = 0;
  fg::set_callback_error_handler([&](const std::exception_ptr& what) {
    EXPECT_EQ(std::string(caught<std::logic_error>([&] { std::rethrow_exception(what); }).value().what()), "callback");
    ++told;
  });
  gate end;
  auto found = pool.submit([&] {
    if (!serial()) end.wait();
    return 7;
  });
  found.on_done([](const fg::outcome<int>&) { throw std::logic_error("callback"); });
  found.on_done([&](const fg::outcome<int>&) { ++later; });
  end.open();
  EXPECT_EQ(found.get(), 7);
  EXPECT_EQ(told, 1);
  EXPECT_EQ(later, 1);
  EXPECT_NO_THROW(found.on_done([](const fg::outcome<int>&) { throw std::logic_error("callback"); })) << "of a done future";
  EXPECT_EQ(told, 2);
  EXPECT_EQ(pool.submit([] { return 8; }).get(), 8);
}

TEST_P(callbacks, that_throw_are_told_on_stderr_without_a_handler) {
  fg::set_callback_error_handler([](const std::exception_ptr&) {});
  fg::set_callback_error_handler({});
  testing::internal::CaptureStderr();
  auto found = pool.submit([] { return 1; });
  found.wait();
  found.on_done([](const fg::outcome<int>&) { throw std::logic_error("about this"); });
  EXPECT_NE(testing::internal::GetCapturedStderr().find("about this"), std::string::npos);
}

TEST_P(callbacks, may_own_what_can_only_be_moved_and_let_go_of_it) {
  auto held = std::make_shared<int>(5);
  const std::weak_ptr<int> watched = held;
  auto found = pool.submit([] {});
  found.on_done([own = std::make_unique<std::shared_ptr<int>>(std::move(held))](const fg::outcome<void>&) { EXPECT_EQ(**own, 5); });
  found.get();
  EXPECT_TRUE(watched.expired());
}

TEST_P(callbacks, may_submit_and_wait) {
  std::atomic<int> seen = 0;
  for (int round = 0; round < 200; ++round) {
    pool.submit([] { return 1; }).on_done([&](const fg::outcome<int>& first) {
      seen += first.value();
      pool.submit([] { return 10; }).on_done([&](const fg::outcome<int>& second) { seen += second.value(); });
    });
    pool.submit([] {}).on_done([&](const fg::outcome<void>&) {
      auto inner = pool.submit([] { return 100; });
      seen += inner.get();
    });
  }
  while (seen != 200 * 111) std::this_thread::yield();
  EXPECT_EQ(seen, 200 * 111);
}

TEST_P(callbacks, tasks_submitted_by_one_outlive_the_task_it_was_told_of) {
  // the first task's memory is used again while what its callback has submitted is pending
  std::atomic<int> sum = 0;
  for (int round = 0; round < 300; ++round) {
    gate go;
    counter submitted;
    pool.submit([] {}).on_done([&](const fg::outcome<void>&) {
      for (int i = 0; i < 5; ++i)
        static_cast<void>(pool.submit([&] {
          ++sum;
          submitted.add();
        }));
    });
    auto parent = pool.submit([&] {
      std::vector<fg::future<int>> children;
      for (int i = 0; i < 5; ++i) children.push_back(pool.submit([&] { return pool.submit([] { return 1; }).get(); }));
      int found = 0;
      for (auto& each : children) found += each.get();
      return found;
    });
    ASSERT_EQ(parent.get(), 5);
    submitted.wait_for(5);
  }
  EXPECT_EQ(sum, 1500);
}

TEST_P(callbacks, may_take_the_value_of_their_own_future) {
  if (serial()) GTEST_SKIP() << "the future is done before it has a callback";
  gate end;
  std::atomic<int> taken = 0;
  auto found = pool.submit([&] {
    end.wait();
    return 9;
  });
  found.on_done([&](const fg::outcome<int>&) { taken = found.get(); });
  end.open();
  pool.shutdown();
  EXPECT_EQ(taken, 9);
}
