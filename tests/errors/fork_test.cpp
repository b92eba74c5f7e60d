// SPDX-License-Identifier: MIT
// In a forked child an executor made before is broken and dies quietly; a new one works.
#include "forked_child.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace fg = foldgrid;

// ThreadSanitizer cannot follow threads that are started in the child of a process with threads.
#if defined(__SANITIZE_THREAD__)
#define SKIP_UNDER_THREAD_SANITIZER() GTEST_SKIP() << "ThreadSanitizer refuses threads in a forked child"
#else
#define SKIP_UNDER_THREAD_SANITIZER() static_cast<void>(0)
#endif

namespace {

const auto identity = [](int i) { return i; };

/// 0 when every verb says that the executor is broken, else the number of the verb.
int every_verb_is_broken(const fg::executor& pool) {
  std::vector<int> xs(100, 1), out(100);
  const std::vector<double> ds(100, 1.0);
  if (!broken([&] { return pool.map(identity, xs); })) return 1;
  if (!broken([&] { return pool.map_into(out, identity, xs), 0; })) return 2;
  if (!broken([&] { return pool.starmap([](int a, int b) { return a + b; }, fg::grid(xs, xs)); })) return 3;
  if (!broken([&] { return pool.reduce(std::plus<>{}, xs); })) return 4;
  if (!broken([&] { return pool.reduce({.sync = true}, std::plus<>{}, xs, 1); })) return 5;
  if (!broken([&] { return pool.map_reduce(identity, std::plus<>{}, xs); })) return 6;
  if (!broken([&] { return pool.sum(xs); })) return 7;
  if (!broken([&] { return pool.minmax(xs); })) return 8;
  if (!broken([&] { return pool.argmin(xs); })) return 9;
  if (!broken([&] { return pool.argmax(xs); })) return 10;
  if (!broken([&] { return pool.first_nonfinite(ds); })) return 11;
  if (!broken([&] { return pool.reduce_rows(std::plus<>{}, xs, 10, 10); })) return 12;
  if (!broken([&] { return pool.reduce_columns(std::plus<>{}, xs, 10, 10); })) return 13;
  if (!broken([&] { return pool.reduce(fg::elementwise(std::plus<>{}), std::vector<std::vector<int>>{{1}, {2}}); })) return 14;
  return 0;
}

std::unique_ptr<fg::executor> used(const fg::executor_options& asked) {
  auto pool = std::make_unique<fg::executor>(asked);
  pool->map({.chunk_size = 1}, identity, fg::iota(100));
  return pool;
}

}  // namespace

TEST(fork, an_executor_made_before_is_broken_in_the_child) {
  for (const auto& asked : {fg::executor_options{.workers = 4}, fg::executor_options{.workers = 1},
                            fg::executor_options{.where = fg::backend::serial}, fg::executor_options{.workers = 3, .initializer = [] {}}}) {
    const auto pool = used(asked);
    EXPECT_EQ(in_a_child([&] { return every_verb_is_broken(*pool); }), 0);
    EXPECT_EQ(pool->sum(fg::iota(28)), 378) << "the parent's executor works on";
  }
}

TEST(fork, its_destructor_does_not_hang_in_the_child) {
  auto pool = used({.workers = 4});
  EXPECT_EQ(in_a_child([&] {
              pool.reset();
              return 0;
            }),
            0);
}

TEST(fork, a_new_executor_works_in_the_child) {
  SKIP_UNDER_THREAD_SANITIZER();
  const auto pool = used({.workers = 4});
  EXPECT_EQ(in_a_child([] {
              const fg::executor fresh{{.where = fg::backend::threads, .workers = 4}};
              const auto xs = fresh.map({.chunk_size = 1}, identity, fg::iota(1000));
              return fresh.sum(xs) == 499500 ? 0 : 1;
            }),
            0);
}

TEST(fork, while_another_thread_is_at_work) {
  const auto pool = used({.workers = 4});
  std::jthread busy([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) pool->map({.chunk_size = 1}, identity, fg::iota(500));
  });
  for (int i = 0; i < 20; ++i) EXPECT_EQ(in_a_child([&] { return every_verb_is_broken(*pool); }), 0);
}

TEST(fork, a_child_of_a_child) {
  SKIP_UNDER_THREAD_SANITIZER();
  const auto pool = used({.workers = 2});
  EXPECT_EQ(in_a_child([&] {
              const auto fresh = used({.workers = 2});
              return in_a_child([&] { return every_verb_is_broken(*fresh) + every_verb_is_broken(*pool); });
            }),
            0);
}
