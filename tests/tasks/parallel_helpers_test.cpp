// SPDX-License-Identifier: MIT
// joblib's helpers: delayed, parallel and parallelized.
#include "../errors/caught.hpp"
#include "backends.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

class parallel_helpers : public on_a_backend {};
INSTANTIATE_TEST_SUITE_P(workers, parallel_helpers, testing::Values(0, 1, 2, 8));

static int added(int a, int b) { return a + b; }

TEST_P(parallel_helpers, delayed_runs_nothing_and_may_be_called_again) {
  int runs = 0;
  const auto one = fg::delayed([&](int a) { return ++runs + a; })(10);
  EXPECT_EQ(runs, 0);
  const fg::call<int> copy = one;
  EXPECT_EQ(one(), 11);
  EXPECT_EQ(copy(), 12);
}

TEST_P(parallel_helpers, delayed_copies_and_shares_by_ref) {
  std::string text = "before";
  int shared = 1;
  const auto copied = fg::delayed([](const std::string& given) { return given; })(text);
  const auto sharing = fg::delayed([](int& given) { return ++given; })(std::ref(shared));
  text = "after";
  EXPECT_EQ(pool.parallel({copied}).at(0), "before");
  EXPECT_EQ(pool.parallel({sharing}).at(0), 2);
  EXPECT_EQ(shared, 2);
}

TEST_P(parallel_helpers, parallel_gives_results_in_order) {
  std::vector<fg::call<int>> calls;
  for (int i = 0; i < 200; ++i) calls.push_back(i % 2 == 0 ? fg::delayed(added)(i, 1) : fg::delayed([i] { return -i; })());
  for (const int chunk : {0, 1, 200, 1000}) {
    const auto found = pool.parallel({.chunk_size = chunk}, calls);
    ASSERT_EQ(found.size(), 200u);
    for (int i = 0; i < 200; ++i) EXPECT_EQ(found[static_cast<std::size_t>(i)], i % 2 == 0 ? i + 1 : -i);
  }
  EXPECT_EQ(pool.parallel(calls).at(2), 3);
  EXPECT_EQ(pool.parallel(std::list<fg::call<int>>(calls.begin(), calls.begin() + 3)), (std::vector<int>{1, -1, 3}));
  const std::array<fg::call<int>, 1> one{calls[0]};
  EXPECT_EQ(pool.parallel(one), (std::vector<int>{1}));
}

TEST_P(parallel_helpers, parallel_of_no_calls_is_empty) {
  EXPECT_TRUE(pool.parallel(std::vector<fg::call<int>>{}).empty());
  EXPECT_NO_THROW(pool.parallel(std::vector<fg::call<void>>{}));
}

TEST_P(parallel_helpers, parallel_of_calls_that_return_nothing) {
  std::atomic<int> runs = 0;
  const auto count = fg::delayed([&] { ++runs; })();
  pool.parallel(std::vector<fg::call<void>>(50, count));
  pool.parallel({count, count});
  EXPECT_EQ(runs, 52);
}

TEST_P(parallel_helpers, parallel_of_different_results_is_a_tuple) {
  std::atomic<int> runs = 0;
  const auto [a, b, c] = pool.parallel(fg::delayed(added)(1, 2), fg::delayed([](std::string text) { return text + "!"; })("x"),
                                       fg::delayed([&] { ++runs; })());
  EXPECT_EQ(a, 3);
  EXPECT_EQ(b, "x!");
  EXPECT_EQ(c, std::monostate{});
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(pool.parallel({.chunk_size = 1}, fg::delayed(added)(1, 2), fg::delayed([] { return 2.5; })()), std::tuple(3, 2.5));
}

TEST_P(parallel_helpers, an_error_names_the_smallest_failing_call_whatever_the_timing) {
  for (int round = 0; round < 30; ++round) {
    gate later_failed;
    std::atomic<int> runs = 0;
    std::vector<fg::call<int>> calls;
    for (int i = 0; i < 20; ++i)
      calls.push_back(fg::delayed([&, i] {
        ++runs;
        if (i == 4 && GetParam() > 1) later_failed.wait();
        if (i == 15) later_failed.open();
        return i == 4 || i == 15 ? throw std::out_of_range("call") : i;
      })());
    const auto error = caught<fg::task_error>([&] { return pool.parallel({.chunk_size = 1}, calls); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->index(), 4u);
    EXPECT_THROW(error->rethrow_nested(), std::out_of_range);
    EXPECT_EQ(runs, 20) << "all others still run";
  }
  const auto fails = fg::delayed([]() -> int { throw std::out_of_range("call"); })();
  EXPECT_EQ(failing_index([&] { return pool.parallel(fg::delayed(added)(1, 2), fails, fails); }), 1u);
}

TEST_P(parallel_helpers, negative_sizes_are_misuse) {
  const std::vector<fg::call<int>> calls(3, fg::delayed(added)(1, 2));
  EXPECT_THROW(pool.parallel({.chunk_size = -1}, calls), std::invalid_argument);
  EXPECT_THROW(pool.parallel({.total = 2}, calls), std::invalid_argument);
}

TEST_P(parallel_helpers, parallelized_is_map) {
  const std::vector<std::tuple<int, int>> rows{{1, 2}, {3, 4}};
  EXPECT_EQ(pool.parallelized(added)(rows), (std::vector<int>{3, 7}));
  EXPECT_EQ(pool.parallelized(added)(fg::iota(3), fg::repeat(10)), (std::vector<int>{10, 11, 12}));
  EXPECT_EQ(pool.parallelized({.chunk_size = 1}, added)(rows), (std::vector<int>{3, 7}));
  const auto negated = pool.parallelized([](int i) { return -i; });
  for (int run = 0; run < 3; ++run) EXPECT_EQ(negated(std::list<int>{1, 2, 3}), (std::vector<int>{-1, -2, -3}));
  EXPECT_TRUE(negated(std::vector<int>{}).empty());
  EXPECT_EQ(failing_index([&] { return pool.parallelized([](int i) { return i > 3 ? throw 1 : i; })(fg::iota(10)); }), 4u);
  EXPECT_THROW(pool.parallelized({.strict = true}, added)(fg::iota(3), fg::iota(4)), std::invalid_argument);
}

TEST_P(parallel_helpers, parallelized_may_outlive_the_executor) {
  const auto later = fg::executor{on(GetParam())}.parallelized(added);
  EXPECT_THROW(later(fg::iota(3), fg::iota(3)), fg::broken_executor);
}

TEST_P(parallel_helpers, nest) {
  std::vector<fg::call<int>> calls;
  for (int i = 0; i < 10; ++i)
    calls.push_back(fg::delayed([this, i] { return pool.sum(pool.parallel(std::vector<fg::call<int>>(10, fg::delayed(added)(i, 1)))); })());
  const auto found = pool.parallel(calls);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(found[static_cast<std::size_t>(i)], 10 * (i + 1));
}

TEST(helpers_without_an_executor, use_one_for_the_process_or_make_one) {
  const std::vector<fg::call<int>> calls{fg::delayed(added)(1, 2), fg::delayed(added)(3, 4)};
  const std::vector<int> expected{3, 7};
  EXPECT_EQ(fg::parallel(calls), expected);
  EXPECT_EQ(fg::parallel({calls[0], calls[1]}), expected);
  EXPECT_EQ(fg::parallel(calls[0], fg::delayed([] { return 1.5; })()), std::tuple(3, 1.5));
  EXPECT_EQ(fg::parallel({.workers = 4}, calls), expected);
  EXPECT_EQ(fg::parallel({.workers = 4}, {calls[0], calls[1]}), expected);
  EXPECT_EQ(fg::parallel({.where = fg::backend::serial}, calls[0], fg::delayed([] {})()), std::tuple(3, std::monostate{}));
  EXPECT_EQ(fg::parallelized(added)(fg::iota(2), fg::repeat(1)), (std::vector<int>{1, 2}));
  EXPECT_EQ(failing_index([&] { return fg::parallel({.workers = 2}, {calls[0], fg::delayed([]() -> int { throw 1; })()}); }), 1u);
  EXPECT_EQ(&fg::default_executor(), &fg::default_executor());
  EXPECT_THROW(fg::parallel({.workers = -1}, calls), std::invalid_argument);
}
