// SPDX-License-Identifier: MIT
// map_outcomes: every item's value or error, at its place.
#include "../contract/one_pass.hpp"
#include "../errors/caught.hpp"
#include "backends.hpp"
#include "numbers.hpp"

#include <atomic>
#include <exception>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

using namespace std::chrono_literals;

class outcomes : public on_a_backend {};
INSTANTIATE_TEST_SUITE_P(workers, outcomes, testing::Values(0, 1, 2, 8));

static int fails_at_multiples_of_7(int i) { return i % 7 == 0 ? throw std::out_of_range("item " + std::to_string(i)) : i * i; }

TEST_P(outcomes, keep_every_value_and_every_error) {
  for (const int chunk : {0, 1, 100, 1000}) {
    const std::vector<fg::outcome<int>> found = pool.map_outcomes({.chunk_size = chunk}, fails_at_multiples_of_7, fg::iota(100));
    ASSERT_EQ(found.size(), 100u);
    for (int i = 0; i < 100; ++i) {
      const auto& each = found[static_cast<std::size_t>(i)];
      EXPECT_EQ(each.index(), static_cast<std::size_t>(i));
      EXPECT_EQ(each.has_value(), i % 7 != 0);
      EXPECT_EQ(static_cast<bool>(each), i % 7 != 0);
      if (i % 7 != 0) {
        EXPECT_EQ(each.value(), i * i);
        EXPECT_EQ(each.error(), nullptr);
      } else {
        EXPECT_EQ(caught<std::out_of_range>([&] { return each.value(); }).value().what(), "item " + std::to_string(i));
        EXPECT_THROW(std::rethrow_exception(each.error()), std::out_of_range);
      }
    }
  }
}

TEST_P(outcomes, of_no_input_and_of_one) {
  EXPECT_TRUE(pool.map_outcomes(fails_at_multiples_of_7, fg::iota(0)).empty());
  EXPECT_EQ(pool.map_outcomes(fails_at_multiples_of_7, fg::iota(1, 2)).at(0).value(), 1);
  EXPECT_THROW(static_cast<void>(pool.map_outcomes(fails_at_multiples_of_7, fg::iota(1)).at(0).value()), std::out_of_range);
}

TEST_P(outcomes, of_nothing_returned) {
  const auto found = pool.map_outcomes([](int i) { static_cast<void>(fails_at_multiples_of_7(i)); }, fg::iota(8));
  static_assert(std::is_same_v<decltype(found), const std::vector<fg::outcome<void>>>);
  EXPECT_FALSE(found[0].has_value());
  EXPECT_THROW(found[7].value(), std::out_of_range);
  EXPECT_TRUE(found[3].has_value());
  EXPECT_NO_THROW(found[3].value());
}

TEST_P(outcomes, of_what_can_only_be_moved_and_of_bool) {
  auto found = pool.map_outcomes([](int i) { return std::make_unique<int>(i); }, fg::iota(10));
  for (int i = 0; i < 10; ++i) {
    const std::unique_ptr<int> mine = std::move(found[static_cast<std::size_t>(i)]).value();
    EXPECT_EQ(*mine, i);
  }
  const auto odd = pool.map_outcomes([](int i) { return i % 2 == 1; }, fg::iota(300));
  for (std::size_t i = 0; i < 300; ++i) EXPECT_EQ(odd[i].value(), i % 2 == 1);
}

TEST_P(outcomes, of_several_inputs_stop_at_the_shortest_unless_strict) {
  const auto add = [](int a, int b) { return a + b; };
  EXPECT_EQ(pool.map_outcomes(add, fg::iota(5), fg::iota(3)).size(), 3u);
  EXPECT_EQ(pool.map_outcomes(add, fg::iota(5), fg::repeat(1)).size(), 5u);
  EXPECT_THROW(pool.map_outcomes({.strict = true}, add, fg::iota(5), fg::iota(3)), std::invalid_argument);
  EXPECT_EQ(pool.map_outcomes({.strict = true}, add, fg::iota(3), fg::iota(3)).at(2).value(), 4);
  EXPECT_EQ(pool.map_outcomes(add, std::vector<std::tuple<int, int>>{{1, 2}, {3, 4}}).at(1).value(), 7);
}

TEST_P(outcomes, of_a_one_pass_range) {
  EXPECT_EQ(pool.map_outcomes(fails_at_multiples_of_7, numbers(50)).at(49).has_value(), false);
  EXPECT_EQ(pool.map_outcomes(fails_at_multiples_of_7, one_pass(std::vector<int>{2, 3})).at(1).value(), 9);
  for (const int k : {0, 5, 9}) EXPECT_THROW(pool.map_outcomes(fails_at_multiples_of_7, numbers(10, nullptr, k)), std::runtime_error) << k;
  EXPECT_EQ(pool.map_outcomes(fails_at_multiples_of_7, fg::iota(3)).size(), 3u) << "the pool stays usable";
}

TEST_P(outcomes, of_items_that_were_not_begun_say_why) {
  std::stop_source source;
  source.request_stop();
  const auto stopped = pool.map_outcomes({.stop = source.get_token()}, [](int i) { return i; }, fg::iota(10));
  const auto late = pool.map_outcomes({.timeout = 0s}, [](int i) { return i; }, fg::iota(10));
  ASSERT_EQ(stopped.size(), 10u);
  ASSERT_EQ(late.size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_THROW(static_cast<void>(stopped[i].value()), fg::cancelled_error);
    EXPECT_THROW(static_cast<void>(late[i].value()), fg::timeout_error);
    EXPECT_EQ(stopped[i].index(), i);
  }
}

TEST_P(outcomes, after_a_failure_with_fail_fast_the_rest_is_cancelled) {
  std::atomic<int> runs = 0;
  const auto found = pool.map_outcomes(
      {.chunk_size = 1, .fail_fast = true}, [&](int i) { return ++runs, i == 5 ? throw std::out_of_range("5") : i; }, fg::iota(100000));
  int values = 0, cancelled = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].has_value()) {
      EXPECT_EQ(found[i].value(), static_cast<int>(i));
      ++values;
    } else if (i != 5) {
      EXPECT_THROW(static_cast<void>(found[i].value()), fg::cancelled_error);
      ++cancelled;
    }
  }
  EXPECT_THROW(static_cast<void>(found[5].value()), std::out_of_range);
  EXPECT_EQ(values + 1, runs);
  EXPECT_GT(cancelled, 0);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_TRUE(found[i].has_value()) << "items below a failing one still run";
}

TEST_P(outcomes, an_item_that_takes_too_long_has_timeout_error) {
  const auto f = [](const std::stop_token& token, int i) {
    while (i == 2 && !token.stop_requested()) std::this_thread::yield();
    return i;
  };
  const auto found = pool.map_outcomes({.chunk_size = 1, .task_timeout = 300ms}, f, fg::iota(4));
  expect_refused<fg::timeout_error>([&] { return found[2].value(); }, "2");
  EXPECT_EQ(found[3].value(), 3);
}

TEST_P(outcomes, negative_sizes_are_misuse) {
  EXPECT_THROW(pool.map_outcomes({.chunk_size = -1}, fails_at_multiples_of_7, fg::iota(3)), std::invalid_argument);
  EXPECT_THROW(pool.map_outcomes({.total = 4}, fails_at_multiples_of_7, fg::iota(3)), std::invalid_argument);
}

TEST(outcome, may_be_empty_void_and_rethrow) {
  fg::outcome<int> made(4);
  EXPECT_EQ(made.index(), 4u);
  EXPECT_FALSE(made.has_value());
  made.set([] { return 3; });
  EXPECT_EQ(made.value(), 3);
  made.set_error(std::make_exception_ptr(std::out_of_range("x")));
  EXPECT_FALSE(made.has_value());
  EXPECT_THROW(static_cast<void>(std::move(made).value()), std::out_of_range);
  fg::outcome<void> nothing;
  nothing.set([] {});
  EXPECT_TRUE(nothing.has_value());
  nothing.set([] { throw std::out_of_range("x"); });
  EXPECT_NE(nothing.error(), nullptr);
}

TEST(outcome, that_nobody_has_set_has_no_value) {
  expect_refused([] { return fg::outcome<int>().value(); }, "neither value nor error", "has_value()");
  const fg::outcome<void> nothing;
  EXPECT_THROW(nothing.value(), std::invalid_argument);
}
