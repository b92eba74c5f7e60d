// SPDX-License-Identifier: MIT
// An initializer that throws breaks tasks, futures and streams, those that are pending too.
#include "../errors/caught.hpp"
#include "backends.hpp"
#include "numbers.hpp"

#include <atomic>
#include <exception>
#include <stdexcept>
#include <vector>

class failing_initializer : public testing::TestWithParam<int> {
 protected:
  const fg::executor pool{{.where = fg::backend::threads, .workers = GetParam(), .initializer = [] { throw std::out_of_range("cause"); }}};
};
INSTANTIATE_TEST_SUITE_P(workers, failing_initializer, testing::Values(1, 2, 8));

TEST_P(failing_initializer, breaks_every_task_with_the_cause_nested) {
  for (int i = 0; i < 20; ++i) {
    try {
      pool.submit([] {}).get();
      ADD_FAILURE() << "a task ran";
    } catch (const fg::broken_executor& e) {
      EXPECT_THROW(std::rethrow_if_nested(e), std::out_of_range);
    }
  }
}

TEST_P(failing_initializer, breaks_what_is_pending) {
  gate go;
  std::atomic<int> runs = 0;
  const fg::executor late{{.where = fg::backend::threads, .workers = GetParam(), .initializer = [&] {
                             go.wait();
                             throw std::out_of_range("cause");
                           }}};
  std::vector<fg::future<int>> all;
  for (int i = 0; i < 20; ++i) all.push_back(late.submit([&] { return ++runs; }));
  go.open();
  EXPECT_EQ(fg::wait(all).done.size(), 20u);
  for (auto& each : all) EXPECT_THROW(each.get(), fg::broken_executor);
  EXPECT_EQ(runs, 0);
  EXPECT_TRUE(caught<fg::broken_executor>([&] { return late.submit([] { return 1; }).get(); }));
  EXPECT_TRUE(caught<fg::broken_executor>([&] { return late.map_async([](int i) { return i; }, fg::iota(2)).get(); }));
  EXPECT_TRUE(caught<fg::broken_executor>([&] { return late.map_outcomes([](int i) { return i; }, fg::iota(20)); }));
  EXPECT_TRUE(caught<fg::broken_executor>([&] {
    auto stream = late.imap([](int i) { return i; }, numbers(5));
    return *stream.begin();
  }));
}

TEST(failing_initializer_of_serial, breaks_tasks) {
  const fg::executor pool{{.where = fg::backend::serial, .initializer = [] { throw std::out_of_range("cause"); }}};
  const auto error = caught<fg::broken_executor>([&] { return pool.submit([] { return 1; }).get(); });
  ASSERT_TRUE(error);
}
