// SPDX-License-Identifier: MIT
// imap and imap_unordered: what they give, over which inputs, and to which loops.
#include "../contract/one_pass.hpp"
#include "../contract/strand.hpp"
#include "../errors/caught.hpp"
#include "backends.hpp"
#include "numbers.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <ranges>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

using namespace std::chrono_literals;

class streams : public on_a_backend {};
INSTANTIATE_TEST_SUITE_P(workers, streams, testing::Values(0, 1, 2, 8));

static int square(int i) { return i * i; }
static int add(int a, int b) { return a + b; }

template <class Stream>
static auto all_of(Stream&& stream) {
  std::vector<typename std::remove_cvref_t<Stream>::value_type> found;
  for (auto&& each : stream) found.push_back(std::move(each));
  return found;
}
template <class Stream>
static auto sorted(Stream&& stream) {
  auto found = all_of(stream);
  std::sort(found.begin(), found.end());
  return found;
}

static_assert(std::ranges::input_range<fg::stream<int>> && !std::copyable<fg::stream<int>> && std::movable<fg::stream<int>>);

TEST_P(streams, give_results_in_input_order_or_all_of_them_in_any) {
  std::vector<int> xs, expected;
  for (int i = 0; i < 1000; ++i) {
    xs.push_back(i);
    expected.push_back(i * i);
  }
  for (const int buffer : {0, 1, 2, 7, 1000, 5000}) {
    EXPECT_EQ(all_of(pool.imap({.buffer_size = buffer}, square, xs)), expected) << buffer;
    EXPECT_EQ(sorted(pool.imap_unordered({.buffer_size = buffer}, square, xs)), expected) << buffer;
  }
  EXPECT_EQ(all_of(pool.imap(square, xs)), expected);
  EXPECT_EQ(sorted(pool.imap_unordered(square, xs)), expected);
}

TEST_P(streams, of_nothing_and_of_one) {
  EXPECT_TRUE(all_of(pool.imap(square, std::vector<int>{})).empty());
  EXPECT_TRUE(all_of(pool.imap_unordered(square, numbers(0))).empty());
  EXPECT_EQ(all_of(pool.imap(square, std::vector<int>{3})), (std::vector<int>{9}));
  EXPECT_EQ(all_of(pool.imap_unordered(square, numbers(1))), (std::vector<int>{0}));
}

TEST_P(streams, over_inputs_of_any_kind) {
  const std::list<int> list{1, 2, 3};
  std::map<int, int> map{{1, 2}, {3, 4}};
  EXPECT_EQ(all_of(pool.imap(square, list)), (std::vector<int>{1, 4, 9}));
  EXPECT_EQ(all_of(pool.imap(square, std::list<int>{1, 2, 3})), (std::vector<int>{1, 4, 9}));
  EXPECT_EQ(all_of(pool.imap(square, numbers(4))), (std::vector<int>{0, 1, 4, 9}));
  EXPECT_EQ(all_of(pool.imap(square, fg::iota(4))), (std::vector<int>{0, 1, 4, 9}));
  EXPECT_EQ(all_of(pool.imap(square, std::views::iota(0, 4))), (std::vector<int>{0, 1, 4, 9}));
  EXPECT_EQ(all_of(pool.imap([](const auto& pair) { return pair.first + pair.second; }, map)), (std::vector<int>{3, 7}));
  EXPECT_EQ(all_of(pool.imap(add, std::vector<std::tuple<int, int>>{{1, 2}, {3, 4}})), (std::vector<int>{3, 7})) << "parts of a tuple";
  EXPECT_EQ(all_of(pool.imap(add, fg::grid(fg::iota(2), fg::iota(2)))), (std::vector<int>{0, 1, 1, 2}));
  auto words = std::vector<std::string>{"a", "b"};
  EXPECT_EQ(all_of(pool.imap([](std::string word) { return word + "!"; }, words | std::views::reverse)),
            (std::vector<std::string>{"b!", "a!"}));
}

TEST_P(streams, over_several_inputs_stop_at_the_shortest) {
  EXPECT_EQ(all_of(pool.imap(add, fg::iota(5), std::list<int>{10, 20})), (std::vector<int>{10, 21}));
  EXPECT_EQ(all_of(pool.imap(add, numbers(2), fg::repeat(5))), (std::vector<int>{5, 6}));
  EXPECT_EQ(all_of(pool.imap(add, numbers(), numbers(3))), (std::vector<int>{0, 2, 4}));
  EXPECT_EQ(sorted(pool.imap_unordered(add, numbers(3), fg::iota(10))), (std::vector<int>{0, 2, 4}));
}

TEST_P(streams, of_unequal_lengths_are_misuse_when_strict) {
  const fg::options strict{.strict = true};
  EXPECT_EQ(all_of(pool.imap(strict, add, fg::iota(3), numbers(3))), (std::vector<int>{0, 2, 4}));
  EXPECT_THROW(all_of(pool.imap(strict, add, fg::iota(3), fg::iota(4))), std::invalid_argument) << "known at once";
  for (const auto& [a, b] : {std::pair{3, 4}, std::pair{4, 3}, std::pair{0, 1}}) {
    std::vector<int> found;
    EXPECT_THROW(
        {
          for (int each : pool.imap(strict, add, numbers(a), numbers(b))) found.push_back(each);
        },
        std::invalid_argument);
    EXPECT_EQ(found.size(), static_cast<std::size_t>(std::min(a, b))) << "what could be computed is given first";
    EXPECT_THROW(all_of(pool.imap_unordered(strict, add, numbers(a), fg::iota(b))), std::invalid_argument);
  }
}

TEST_P(streams, refer_to_lvalues_and_own_rvalues) {
  std::vector<std::unique_ptr<int>> kept;
  for (int i = 0; i < 10; ++i) kept.push_back(std::make_unique<int>(i));
  const auto address = [](const std::unique_ptr<int>& each) { return each.get(); };
  const auto found = all_of(pool.imap(address, kept));
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(found[i], kept[i].get());
  auto moved = pool.imap([](std::unique_ptr<int> each) { return each; }, std::move(kept));
  int expected = 0;
  for (std::unique_ptr<int>&& each : moved) EXPECT_EQ(*each, expected++);
  EXPECT_EQ(expected, 10);
}

TEST_P(streams, take_callables_and_give_results_that_can_only_be_moved) {
  const auto f = [own = std::make_unique<int>(10)](int i) { return std::make_unique<int>(*own + i); };
  static_assert(!std::copyable<decltype(f)>);
  std::vector<std::unique_ptr<int>> found;
  for (auto&& each : pool.imap([own = std::make_unique<int>(10)](int i) { return std::make_unique<int>(*own + i); }, numbers(20)))
    found.push_back(std::move(each));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(*found[static_cast<std::size_t>(i)], 10 + i);
}

TEST_P(streams, of_functions_that_return_nothing) {
  std::atomic<int> runs = 0;
  int items = 0;
  for (const std::monostate each : pool.imap([&](int) { ++runs; }, fg::iota(100))) {
    static_cast<void>(each);
    ++items;
  }
  for ([[maybe_unused]] auto&& each : pool.imap_unordered([&](int) { ++runs; }, numbers(100))) ++items;
  EXPECT_EQ(items, 200);
  EXPECT_EQ(runs, 200);
}

TEST_P(streams, may_be_moved_while_they_are_walked) {
  auto first = pool.imap(square, numbers(10));
  auto at = first.begin();
  EXPECT_EQ(*at, 0);
  ++at;
  auto second = std::move(first);
  EXPECT_EQ(*at, 1) << "an iterator follows";
  auto third = pool.imap(square, numbers(3));
  third = std::move(second);
  EXPECT_EQ(all_of(third).size(), 9u);
}

TEST_P(streams, an_item_can_be_read_again) {
  auto stream = pool.imap([](int i) { return std::to_string(i); }, fg::iota(3));
  auto at = stream.begin();
  EXPECT_EQ(*at, "0");
  EXPECT_EQ(*at, "0");
  at++;
  EXPECT_EQ(*at, "1");
}

TEST_P(streams, items_need_not_be_read) {
  std::atomic<int> runs = 0;
  auto stream = pool.imap([&](int i) { return ++runs, i; }, numbers(10));
  int items = 0;
  for (auto at = stream.begin(); at != stream.end(); ++at) ++items;
  EXPECT_EQ(items, 10);
  EXPECT_EQ(runs, 10);
}

TEST_P(streams, fit_into_views_and_pipelines) {
  int sum = 0;
  for (int each : pool.imap(square, numbers()) | std::views::take(5)) sum += each;
  EXPECT_EQ(sum, 30);
  sum = 0;
  auto stage = pool.imap(square, numbers(10));
  for (int each : pool.imap([](int i) { return i + 1; }, std::move(stage))) sum += each;
  EXPECT_EQ(sum, 285 + 10);
  sum = 0;
  for (int each : pool.imap_unordered(square, pool.imap(square, pool.imap_unordered(square, numbers(4))))) sum += each;
  EXPECT_EQ(sum, 1 + 256 + 6561);
}

TEST_P(streams, reduce_as_they_arrive_with_the_same_tree) {
  for (const std::size_t n : {1u, 2u, 3u, 27u, 500u}) {
    const auto indices = fg::iota(std::uint64_t{n});
    EXPECT_EQ(pool.reduce(join, pool.imap(strand_at, indices)), fg::tree_reduce(join, strands(n))) << n;
    EXPECT_EQ(pool.reduce({.sync = true}, join, pool.imap({.buffer_size = 3}, strand_at, indices)), fg::tree_reduce(join, strands(n))) << n;
  }
  EXPECT_EQ(pool.reduce(std::plus<>{}, pool.imap_unordered(square, numbers(10))), 285);
  EXPECT_EQ(pool.reduce(std::plus<>{}, pool.imap(square, numbers(0)), 5), 5);
  EXPECT_THROW(pool.reduce(std::plus<>{}, pool.imap(square, numbers(0))), std::invalid_argument);
}

TEST_P(streams, outcomes_carry_the_index) {
  std::size_t next = 0;
  for (fg::outcome<int>&& each : pool.imap(square, numbers(20)).outcomes()) {
    EXPECT_EQ(each.index(), next++);
    EXPECT_EQ(each.value(), static_cast<int>(each.index() * each.index()));
  }
  EXPECT_EQ(next, 20u);
  std::set<std::size_t> seen;
  auto stream = pool.imap_unordered(square, fg::iota(20));
  for (auto&& each : stream.outcomes()) {
    EXPECT_EQ(each.value(), static_cast<int>(each.index() * each.index()));
    seen.insert(each.index());
  }
  EXPECT_EQ(seen.size(), 20u);
}

TEST_P(streams, unordered_ones_give_what_is_done_first) {
  if (GetParam() < 2) GTEST_SKIP() << "one at a time";
  gate end;
  auto stream = pool.imap_unordered(
      [&](int i) {
        if (i == 0) end.wait();
        return i;
      },
      numbers(100));
  std::vector<int> found;
  for (int each : stream) {
    found.push_back(each);
    if (found.size() == 99) end.open();
  }
  ASSERT_EQ(found.size(), 100u);
  EXPECT_EQ(found.back(), 0);
}

TEST_P(streams, compute_nothing_before_they_are_walked) {
  std::atomic<int> made = 0, runs = 0;
  {
    auto never = pool.imap([&](int i) { return ++runs, i; }, numbers(10, &made));
    auto nor = pool.imap_unordered([&](int i) { return ++runs, i; }, numbers(10, &made));
  }
  EXPECT_EQ(made, 0);
  EXPECT_EQ(runs, 0);
}

TEST(streams_of_serial, compute_an_item_when_it_is_pulled) {
  const fg::executor pool{on(0)};
  int runs = 0, seen = 0;
  for ([[maybe_unused]] int each : pool.imap([&](int i) { return ++runs, i; }, numbers())) {
    EXPECT_EQ(runs, ++seen);
    if (seen == 10) break;
  }
  EXPECT_EQ(runs, 10);
}
