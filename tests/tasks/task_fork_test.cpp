// SPDX-License-Identifier: MIT
// In a forked child, tasks, futures and streams of an executor made before are broken: an error, never a hang.
#include "../errors/forked_child.hpp"
#include "backends.hpp"
#include "numbers.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

namespace {

const auto same = [](int i) { return i; };

}  // namespace

class task_fork : public on_a_backend {};
INSTANTIATE_TEST_SUITE_P(workers, task_fork, testing::Values(0, 1, 4));

TEST_P(task_fork, every_verb_is_broken) {
  pool.submit([] {}).get();
  EXPECT_EQ(in_a_child([&] {
              if (!broken([&] { return pool.submit([] { return 1; }); })) return 1;
              if (!broken([&] { return pool.submit({.timeout = std::chrono::seconds(1)}, [] { return 1; }); })) return 2;
              if (!broken([&] { return pool.submit([](std::stop_token) { return 1; }); })) return 3;
              if (!broken([&] { return pool.apply([] { return 1; }); })) return 4;
              if (!broken([&] { return pool.map_async(same, fg::iota(3)); })) return 5;
              if (!broken([&] { return pool.starmap_async([](int a, int b) { return a + b; }, fg::grid(fg::iota(2), fg::iota(2))); }))
                return 6;
              if (!broken([&] { return pool.reduce_async(std::plus<>{}, fg::iota(3)); })) return 7;
              if (!broken([&] { return pool.imap(same, fg::iota(3)); })) return 8;
              if (!broken([&] { return pool.imap_unordered(same, numbers(3)); })) return 9;
              if (!broken([&] { return pool.map_outcomes(same, fg::iota(3)); })) return 10;
              if (!broken([&] { return pool.parallel({fg::delayed(same)(1)}); })) return 11;
              if (!broken([&] { return pool.parallel(fg::delayed(same)(1), fg::delayed([] {})()); })) return 12;
              if (!broken([&] { return pool.parallelized(same)(fg::iota(3)); })) return 13;
              if (!broken([&] { return pool.request_stop(), 0; })) return 14;
              pool.shutdown();
              pool.shutdown(true, true);
              return 0;
            }),
            0);
  EXPECT_EQ(pool.submit([] { return 1; }).get(), 1) << "the parent's executor works on";
}

TEST_P(task_fork, a_done_future_keeps_its_value) {
  auto found = pool.submit([] { return 5; });
  found.wait();
  EXPECT_EQ(in_a_child([&] { return found.get() == 5 ? 0 : 1; }), 0);
  EXPECT_EQ(found.get(), 5);
}

class task_fork_pending : public on_a_backend {
 protected:
  occupied workers{pool, GetParam()};
  fg::future<int> pending = pool.submit([] { return 1; });
};
INSTANTIATE_TEST_SUITE_P(workers, task_fork_pending, testing::Values(1, 4));

TEST_P(task_fork_pending, waiting_for_one_is_broken) {
  EXPECT_EQ(in_a_child([&] { return broken([&] { return pending.get(); }) ? 0 : 1; }), 0);
  EXPECT_EQ(in_a_child([&] { return broken([&] { return pending.get(std::chrono::hours(1)); }) ? 0 : 1; }), 0);
  EXPECT_EQ(in_a_child([&] { return broken([&] { return pending.wait(), 0; }) ? 0 : 1; }), 0);
  EXPECT_EQ(in_a_child([&] { return broken([&] { return workers.task(0).get(), 0; }) ? 0 : 1; }), 0) << "a running one";
  workers.release();
  EXPECT_EQ(pending.get(), 1);
}

TEST_P(task_fork_pending, waiting_for_many_does_not_hang) {
  std::vector<fg::future<int>> all;
  all.push_back(std::move(pending));
  EXPECT_EQ(in_a_child([&] { return broken([&] { return fg::wait(all); }) ? 0 : 1; }), 0) << "all_completed";
  EXPECT_EQ(in_a_child([&] { return broken([&] { return fg::wait(all, fg::return_when::first_completed); }) ? 0 : 1; }), 0);
  EXPECT_EQ(in_a_child([&] {
              return broken([&] {
                for ([[maybe_unused]] auto& each : fg::as_completed(all)) return 1;
                return 0;
              })
                         ? 0
                         : 1;
            }),
            0)
      << "as_completed";
}

TEST_P(task_fork_pending, a_future_of_many_does_not_hang) {
  auto other = pool.submit([] { return 2; });
  auto whole = fg::when_all(pending, other);
  EXPECT_EQ(in_a_child([&] { return broken([&] { return whole.get(); }) ? 0 : 1; }), 0);
  workers.release();
  EXPECT_EQ(std::get<1>(whole.get()), 2);
}

TEST_P(task_fork_pending, a_stream_is_broken_and_may_be_dropped) {
  auto ordered = std::make_unique<fg::stream<int>>(pool.imap(same, numbers()));
  auto unordered = std::make_unique<fg::stream<int>>(pool.imap_unordered(same, numbers()));
  static_cast<void>(ordered->begin());
  static_cast<void>(unordered->begin());
  EXPECT_EQ(in_a_child([&] { return broken([&] { return *ordered->begin(); }) ? 0 : 1; }), 0);
  EXPECT_EQ(in_a_child([&] { return broken([&] { return *unordered->begin(); }) ? 0 : 1; }), 0);
  EXPECT_EQ(in_a_child([&] {
              ordered.reset();
              unordered.reset();
              return 0;
            }),
            0);
}

TEST_P(task_fork_pending, futures_may_be_dropped) {
  EXPECT_EQ(in_a_child([&] {
              pending = {};
              return 0;
            }),
            0);
}

TEST_P(task_fork, a_child_forked_by_a_task_finds_the_executor_broken) {
  const auto in_the_task = [&] {
    auto child = pool.submit([] { return 1; });
    const int status = in_a_child([&] {
      if (!broken([&] { return pool.submit([] { return 1; }); })) return 1;
      return child.ready() || broken([&] { return child.get(); }) ? 0 : 2;
    });
    return status + 10 * child.get();
  };
  EXPECT_EQ(pool.submit(in_the_task).get(), 10);
}
