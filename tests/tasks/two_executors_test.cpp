// SPDX-License-Identifier: MIT
// Two executors whose tasks wait for each other's, with as little as one worker each.
#include "backends.hpp"
#include "numbers.hpp"

#include <atomic>
#include <barrier>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

class two_executors : public on_a_backend {};
INSTANTIATE_TEST_SUITE_P(workers, two_executors, testing::Values(0, 1, 2, 8));

TEST(two_executors_of_one_worker, whose_tasks_wait_for_each_others) {
  const fg::executor one{on(1)}, two{on(1)};
  std::barrier both(2);
  auto first = one.submit([&] {
    both.arrive_and_wait();
    return two.submit([] { return 1; }).get();
  });
  auto second = two.submit([&] {
    both.arrive_and_wait();
    return one.submit([] { return 2; }).get();
  });
  EXPECT_EQ(first.get(), 1);
  EXPECT_EQ(second.get(), 2);
}

TEST_P(two_executors, call_into_each_other) {
  const fg::executor other{on(1)};
  std::function<int(const fg::executor&, const fg::executor&, int)> ping = [&](const fg::executor& here, const fg::executor& there, int n) {
    if (n == 0) return 0;
    auto turn = there.submit([&, n] { return 1 + ping(there, here, n - 1); });
    return turn.get();
  };
  std::vector<fg::future<int>> all;
  for (int i = 0; i < 10; ++i) {
    all.push_back(pool.submit([&] { return ping(pool, other, 20); }));
    all.push_back(other.submit([&] { return ping(other, pool, 20); }));
  }
  for (auto& each : all) EXPECT_EQ(each.get(), 20);
}

TEST_P(two_executors, map_and_stream_into_each_other) {
  const fg::executor other{on(1)};
  const auto inner = [&](int i) { return pool.sum(pool.map({.chunk_size = 1}, [i](int k) { return i + k; }, fg::iota(4))); };
  const auto middle = [&](int i) {
    int sum = 0;
    for (int each : other.imap(inner, numbers(3))) sum += each;
    return sum + i;
  };
  auto outer = pool.map_async({.chunk_size = 1}, middle, fg::iota(10));
  int sum = 0;
  for (int each : other.imap(middle, numbers(10))) sum += each;
  for (int each : outer.get()) sum += each;
  EXPECT_EQ(sum, 2 * (10 * 30 + 45));
}

TEST(two_executors_of_one_worker, whose_call_waits_for_the_one_it_came_from) {
  const fg::executor one{on(1)}, two{on(2)};
  const auto back = [&](int i) {
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    return one.submit([i] { return i; }).get();
  };
  EXPECT_EQ(one.submit([&] { return two.sum(two.map({.chunk_size = 1}, back, fg::iota(100))); }).get(), 4950);
}

TEST(two_executors_of_one_worker, whose_end_waits_for_the_one_it_came_from) {
  const fg::executor one{on(1)};
  std::atomic<int> done = 0;
  one.submit([&] {
       const fg::executor two{on(2)};
       for (int i = 0; i < 10; ++i) two.submit([&] { one.submit([&] { ++done; }).get(); });
     })
      .get();
  EXPECT_EQ(done, 10);
}
