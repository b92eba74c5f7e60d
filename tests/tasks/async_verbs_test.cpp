// SPDX-License-Identifier: MIT
// map_async, starmap_async and reduce_async: the whole result, later.
#include "../contract/strand.hpp"
#include "../errors/caught.hpp"
#include "backends.hpp"

#include <atomic>
#include <functional>
#include <list>
#include <ranges>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;

class async_verbs : public on_a_backend {};
INSTANTIATE_TEST_SUITE_P(workers, async_verbs, testing::Values(0, 1, 2, 8));

static int add(int a, int b) { return a + b; }

TEST_P(async_verbs, give_what_the_blocking_verbs_give) {
  const std::vector<int> xs{1, 4, 9, 16};
  const std::vector<std::tuple<int, int>> rows{{2, 3}, {4, 5}};
  const auto square = [](int i) { return i * i; };
  for (const int chunk : {0, 1, 4, 100}) {
    const fg::options asked{.chunk_size = chunk};
    EXPECT_EQ(pool.map_async(asked, square, xs).get(), pool.map(square, xs));
    EXPECT_EQ(pool.map_async(asked, add, xs, xs).get(), pool.map(add, xs, xs));
    EXPECT_EQ(pool.starmap_async(asked, add, rows).get(), (std::vector<int>{5, 9}));
    EXPECT_EQ(pool.reduce_async(asked, std::plus<>{}, xs).get(), 30);
    EXPECT_EQ(pool.reduce_async(asked, std::plus<>{}, xs, 100).get(), 130);
    EXPECT_EQ(pool.reduce_async<double>(asked, std::plus<>{}, std::vector<float>{1, 2}).get(), 3.0);
  }
  EXPECT_EQ(pool.map_async(square, xs).get()[3], 256);
  EXPECT_EQ(pool.starmap_async(add, rows).get()[1], 9);
  EXPECT_EQ(pool.reduce_async(std::plus<>{}, xs).get(), 30);
}

TEST_P(async_verbs, of_nothing_and_of_one) {
  const auto same = [](int i) { return i; };
  EXPECT_TRUE(pool.map_async(same, std::vector<int>{}).get().empty());
  EXPECT_TRUE(pool.starmap_async(add, std::vector<std::tuple<int, int>>{}).get().empty());
  EXPECT_THROW(pool.reduce_async(std::plus<>{}, std::vector<int>{}).get(), std::invalid_argument);
  EXPECT_EQ(pool.reduce_async(std::plus<>{}, std::vector<int>{}, 4).get(), 4);
  EXPECT_EQ(pool.map_async(same, std::vector<int>{7}).get(), (std::vector<int>{7}));
  EXPECT_EQ(pool.reduce_async(std::plus<>{}, std::vector<int>{7}).get(), 7);
  std::atomic<int> runs = 0;
  auto nothing = pool.map_async([&](int) { ++runs; }, fg::iota(5));
  nothing.get();
  EXPECT_EQ(runs, 5);
}

TEST_P(async_verbs, reduce_with_the_same_tree) {
  for (const std::size_t n : {1u, 2u, 3u, 27u, 1000u})
    EXPECT_EQ(pool.reduce_async({.chunk_size = 3}, join, strands(n)).get(), fg::tree_reduce(join, strands(n))) << n;
}

TEST_P(async_verbs, unequal_lengths) {
  EXPECT_EQ(pool.map_async(add, fg::iota(5), fg::iota(3)).get().size(), 3u);
  EXPECT_EQ(pool.map_async(add, fg::iota(5), fg::repeat(3)).get().size(), 5u);
  EXPECT_THROW(pool.map_async({.strict = true}, add, fg::iota(5), fg::iota(3)).get(), std::invalid_argument);
}

TEST_P(async_verbs, sources_of_any_kind) {
  const auto same = [](int i) { return i; };
  const int array[] = {1, 2, 3};
  EXPECT_EQ(pool.map_async(same, array).get(), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(pool.map_async(same, std::list<int>{1, 2, 3}).get(), (std::vector<int>{1, 2, 3}));
}

TEST_P(async_verbs, copy_their_inputs) {
  std::vector<int> xs(100, 1);
  gate changed;
  auto mapped = pool.map_async(
      [&](int i) {
        if (!serial()) changed.wait();
        return i;
      },
      xs);
  auto reduced = pool.reduce_async(
      [&](int a, int b) {
        if (!serial()) changed.wait();
        return a + b;
      },
      xs);
  xs.assign(100, 5);
  changed.open();
  EXPECT_EQ(mapped.get(), std::vector<int>(100, 1));
  EXPECT_EQ(reduced.get(), 100);
}

/// Waits in the smallest failing item until a later one has failed.
TEST_P(async_verbs, map_names_the_smallest_failing_index_whatever_the_timing) {
  const auto late_and_early = [](gate& later_failed) {
    return [&later_failed](int i) {
      if (i == 3 && GetParam() > 1) later_failed.wait();
      if (i == 80) later_failed.open();
      if (i == 3 || i == 80) throw std::out_of_range("bad " + std::to_string(i));
      return i;
    };
  };
  for (int round = 0; round < 50; ++round) {
    gate first, second;
    auto mapped = pool.map_async({.chunk_size = 1}, late_and_early(first), fg::iota(100));
    const auto error = caught<fg::task_error>([&] { return mapped.get(); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->index(), 3u);
    EXPECT_THROW(error->rethrow_nested(), std::out_of_range);
    std::vector<std::tuple<int>> rows;
    for (int i = 0; i < 100; ++i) rows.emplace_back(i);
    EXPECT_EQ(failing_index([&] { return pool.starmap_async({.chunk_size = 1}, late_and_early(second), rows).get(); }), 3u);
  }
}

TEST_P(async_verbs, reduce_names_the_failing_nodes_first_element) {
  std::vector<int> xs;
  for (int i = 0; i < 100; ++i) xs.push_back(i);
  const auto fails = [](int a, int b) { return a == 40 || a == 60 ? throw std::out_of_range("node") : std::min(a, b); };
  for (const int chunk : {0, 1, 16}) {
    const auto error = caught<fg::task_error>([&] { return pool.reduce_async({.chunk_size = chunk}, fails, xs).get(); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->index(), 40u);
    EXPECT_THROW(error->rethrow_nested(), std::out_of_range);
  }
}

TEST_P(async_verbs, misuse_is_refused_at_the_call_or_in_the_future) {
  const auto same = [](int i) { return i; };
  EXPECT_THROW(pool.map_async({.chunk_size = -1}, same, fg::iota(3)).get(), std::invalid_argument);
  EXPECT_THROW(pool.starmap_async({.chunk_size = -1}, add, fg::grid(fg::iota(2), fg::iota(2))).get(), std::invalid_argument);
  EXPECT_THROW(pool.reduce_async({.chunk_size = -1}, add, fg::iota(3)).get(), std::invalid_argument);
  EXPECT_THROW(pool.map_async({.total = 4}, same, fg::iota(3)).get(), std::invalid_argument);
}

TEST_P(async_verbs, a_timeout_counts_from_the_call) {
  const auto same = [](int i) { return i; };
  EXPECT_THROW(pool.map_async({.timeout = 0s}, same, fg::iota(3)).get(), fg::timeout_error);
  EXPECT_EQ(pool.map_async({.timeout = 100s}, same, fg::iota(3)).get().size(), 3u);
  if (serial()) return;
  occupied workers(pool, GetParam());
  auto late = pool.map_async({.timeout = 1ms}, same, fg::iota(3));
  auto sum = pool.reduce_async({.timeout = 1ms}, add, fg::iota(3));
  std::this_thread::sleep_for(2ms);
  workers.release();
  expect_refused<fg::timeout_error>([&] { return late.get(); }, "map_async", "timeout of 0.001");
  expect_refused<fg::timeout_error>([&] { return sum.get(); }, "reduce_async", "timeout of 0.001");
}

TEST_P(async_verbs, another_timeout_of_a_source_stays_what_it_is) {
  auto sensor = std::views::iota(0, 10) | std::views::transform([](int i) {
                  std::this_thread::sleep_for(2ms);
                  return i < 3 ? i : throw fg::timeout_error("sensor 7 did not answer");
                }) |
                std::views::filter([](int) { return true; });
  const auto same = [](int i) { return i; };
  expect_refused<fg::timeout_error>([&] { return pool.map_async({.timeout = 1ms}, same, sensor).get(); }, "sensor 7");
}

TEST_P(async_verbs, a_stop_is_cancelled_error) {
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(pool.map_async({.stop = source.get_token()}, [](int i) { return i; }, fg::iota(3)).get(), fg::cancelled_error);
  EXPECT_THROW(pool.reduce_async({.stop = source.get_token()}, add, fg::iota(3)).get(), fg::cancelled_error);
}

TEST_P(async_verbs, many_at_once) {
  std::vector<fg::future<std::vector<int>>> all;
  for (int i = 0; i < 100; ++i) all.push_back(pool.map_async({.chunk_size = 1}, [i](int k) { return i + k; }, fg::iota(20)));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get()[19], i + 19);
}
