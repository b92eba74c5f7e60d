// SPDX-License-Identifier: MIT
// reduce of what a stream gives: the same tree, while later items are still computed, and costly operators on the workers.
#include "../contract/one_pass.hpp"
#include "../contract/strand.hpp"
#include "../errors/caught.hpp"
#include "backends.hpp"
#include "numbers.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

class stream_reduce : public on_a_backend {};
INSTANTIATE_TEST_SUITE_P(workers, stream_reduce, testing::Values(0, 1, 2, 8));

TEST_P(stream_reduce, is_the_same_tree_for_costly_operators) {
  std::atomic<std::size_t> calls = 0;
  const auto slow_join = [&](const strand& a, const strand& b) {
    ++calls;
    std::this_thread::sleep_for(50us);
    return join(a, b);
  };
  for (const std::size_t n : {1u, 2u, 3u, 5u, 6u, 31u, 32u, 33u, 100u, 257u}) {
    const strand expected = fg::tree_reduce(join, strands(n));
    const auto indices = fg::iota(std::uint64_t{n});
    for (const int buffer : {0, 1, 1000}) {
      calls = 0;
      EXPECT_EQ(pool.reduce(slow_join, pool.imap({.buffer_size = buffer}, strand_at, indices)), expected) << n;
      EXPECT_EQ(calls, n - 1);
    }
    calls = 0;
    EXPECT_EQ(pool.reduce(slow_join, one_pass(strands(n))), expected) << n;
    EXPECT_EQ(calls, n - 1);
    EXPECT_EQ(pool.reduce(slow_join, one_pass(strands(n)), strand_at(1000)), join(strand_at(1000), expected)) << n;
  }
}

/// What an operator costs may change on the way: cheap, dear, cheap again.
TEST_P(stream_reduce, is_the_same_tree_when_the_cost_changes) {
  const auto changing = [](const strand& a, const strand& b) {
    if (a.first % 7 == 3) std::this_thread::sleep_for(30us);
    return join(a, b);
  };
  for (const std::size_t n : {100u, 4096u, 5000u})
    EXPECT_EQ(pool.reduce(changing, pool.imap(strand_at, fg::iota(std::uint64_t{n}))), fg::tree_reduce(join, strands(n))) << n;
}

/// Arrays are added while later ones are still computed: the function waits for that.
TEST_P(stream_reduce, adds_arrays_while_later_ones_are_computed) {
  using array = std::vector<double>;
  gate added;
  const auto array_at = [&](int i) {
    if (i >= 4 && !serial()) added.wait();
    return array(1000, i);
  };
  const auto add = [&](const array& a, const array& b) {
    added.open();
    array sum(a);
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += b[k];
    return sum;
  };
  EXPECT_EQ(pool.reduce(add, pool.imap(array_at, numbers(100))), array(1000, 4950));
  EXPECT_EQ(pool.reduce(fg::elementwise(std::plus<>{}), pool.imap(array_at, numbers(100))), array(1000, 4950));
}

TEST_P(stream_reduce, runs_costly_operators_on_several_workers) {
  if (GetParam() < 2) GTEST_SKIP() << "there are no several workers";
  std::mutex mutex;
  std::condition_variable changed;
  int inside = 0;
  bool met = false;
  const auto meet = [&](int a, int b) {
    std::this_thread::sleep_for(1ms);
    std::unique_lock lock(mutex);
    if (++inside == 2) met = true;
    changed.notify_all();
    if (a >= 4) changed.wait_for(lock, 20s, [&] { return met; });  // the first ones tell only what the operator costs
    --inside;
    return std::max(a, b);
  };
  EXPECT_EQ(pool.reduce(meet, pool.imap([](int i) { return i; }, numbers(64))), 63);
  EXPECT_TRUE(met);
}

/// Counts the arrays that exist.
struct counted_array {
  static inline std::atomic<int> now = 0, most = 0;
  long long value;
  explicit counted_array(long long v) : value(v) { begin(); }
  counted_array(counted_array&& other) noexcept : value(other.value) { begin(); }
  counted_array& operator=(counted_array&&) = default;
  ~counted_array() { --now; }

 private:
  static void begin() {
    const int here = ++now;
    for (int before = most; before < here && !most.compare_exchange_weak(before, here);) {
    }
  }
};

TEST_P(stream_reduce, keeps_few_arrays_at_a_time) {
  for (const auto cost : {0us, 20us}) {
    counted_array::most = 0;
    const auto add = [&](const counted_array& a, const counted_array& b) {
      if (cost > 0us) std::this_thread::sleep_for(cost);
      return counted_array(a.value + b.value);
    };
    EXPECT_EQ(pool.reduce(add, pool.imap({.buffer_size = 4}, [](int i) { return counted_array(i); }, numbers(3000))).value, 4498500);
    EXPECT_EQ(counted_array::now, 0);
    // the buffer, a node of each level, three for each operator begun, and what workers have in hand
    const int workers = std::max(GetParam(), 1);
    EXPECT_LE(counted_array::most, 4 + 13 + 3 * (4 * workers + 4) + 3 * workers);
  }
}

TEST_P(stream_reduce, names_the_first_element_of_the_first_node_that_fails) {
  for (const auto cost : {0us, 50us}) {
    const auto fails = [&](int a, int b) {
      if (cost > 0us) std::this_thread::sleep_for(cost);
      if (a == 40) {
        std::this_thread::sleep_for(2ms);
        throw std::out_of_range("forty");
      }
      return a == 60 ? throw std::out_of_range("sixty") : std::min(a, b);
    };
    const auto error = caught<fg::task_error>([&] { pool.reduce(fails, pool.imap([](int i) { return i; }, numbers(100))); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->index(), 40u);
    EXPECT_THROW(error->rethrow_nested(), std::out_of_range);
    EXPECT_EQ(pool.reduce(std::plus<>{}, pool.imap([](int i) { return i; }, numbers(10))), 45);
  }
}

TEST_P(stream_reduce, gives_up_what_is_begun_when_an_item_fails) {
  std::atomic<int> inside = 0;
  const auto slow_add = [&](int a, int b) {
    ++inside;
    std::this_thread::sleep_for(100us);
    --inside;
    return a + b;
  };
  const auto fails = [](int i) { return i == 70 ? throw std::out_of_range("seventy") : i; };
  EXPECT_THROW(pool.reduce(slow_add, pool.imap(fails, numbers(100))), std::out_of_range);
  EXPECT_EQ(inside, 0);
  EXPECT_THROW(pool.reduce(slow_add, numbers(100, nullptr, 70)), std::runtime_error);
  EXPECT_EQ(inside, 0);
}

TEST_P(stream_reduce, inside_a_task) {
  const auto slow_join = [&](const strand& a, const strand& b) {
    std::this_thread::sleep_for(30us);
    return join(a, b);
  };
  const auto inside = [&] { return pool.reduce(slow_join, pool.imap(strand_at, fg::iota(std::uint64_t{50}))); };
  std::vector<fg::future<strand>> all;
  for (int i = 0; i < 10; ++i) all.push_back(pool.submit(inside));
  const strand expected = fg::tree_reduce(join, strands(50));
  for (auto& each : all) EXPECT_EQ(each.get(), expected);
}

TEST_P(stream_reduce, says_itself_that_it_was_stopped) {
  const auto slow_join = [](const strand& a, const strand& b) {
    std::this_thread::sleep_for(500us);
    return join(a, b);
  };
  const std::jthread stops([&] {
    std::this_thread::sleep_for(20ms);
    pool.request_stop();
  });
  expect_refused<fg::cancelled_error>([&] { return pool.reduce(slow_join, one_pass(strands(2000))); }, "reduce: ", "request_stop()");
}
