// SPDX-License-Identifier: MIT
// Nothing is leaked and nothing copied more often than promised, also when functions, operators or copies throw.
#include "counted.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <list>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fg = foldgrid;

class lifetimes : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { counted::reset(); }
  void TearDown() override { EXPECT_EQ(counted::alive, 0) << "leaked, or destroyed twice"; }
  const fg::executor pool{{.where = fg::backend::threads, .workers = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(workers, lifetimes, testing::Values(1, 2, 8));

static std::vector<counted> numbers(long n) {
  std::vector<counted> made;
  made.reserve(static_cast<std::size_t>(n));
  for (long i = 0; i < n; ++i) made.emplace_back(i);
  return made;
}

static constexpr auto add = [](const counted& a, const counted& b) { return counted(a.value + b.value); };
static constexpr auto add_moved = [](counted&& a, counted&& b) {
  a.value += b.value;
  return std::move(a);
};

TEST_P(lifetimes, an_lvalue_is_copied_at_most_once_and_left_alone) {
  for (const long n : {1L, 2L, 7L, 1000L, 1025L}) {
    const auto xs = numbers(n);
    for (const bool sync : {false, true}) {
      counted::reset();
      EXPECT_EQ(pool.reduce({.sync = sync}, add, xs).value, n * (n - 1) / 2);
      EXPECT_LE(counted::copies, n);
      counted::reset();
      EXPECT_EQ(pool.reduce({.sync = sync}, add_moved, xs).value, n * (n - 1) / 2);
      EXPECT_LE(counted::copies, n);
    }
    for (long i = 0; i < n; ++i) ASSERT_EQ(xs[static_cast<std::size_t>(i)].value, i);
  }
}

TEST_P(lifetimes, an_rvalue_is_moved) {
  auto xs = numbers(1001);
  std::list<counted> list(xs.begin(), xs.end());
  counted::reset();
  EXPECT_EQ(pool.reduce(add_moved, std::move(xs)).value, 500500);
  EXPECT_EQ(counted::copies, 0);
  EXPECT_EQ(pool.reduce(add_moved, std::move(list)).value, 500500);
  EXPECT_EQ(counted::copies, 0);
}

TEST_P(lifetimes, map_copies_nothing) {
  const auto xs = numbers(500);
  counted::reset();
  const auto made = pool.map([](const counted& x) { return counted(x.value + 1); }, xs);
  EXPECT_EQ(counted::copies, 0);
  EXPECT_EQ(made[499].value, 500);
  auto mine = numbers(500);
  counted::reset();
  const auto moved = pool.map([](counted x) { return x; }, std::move(mine));
  EXPECT_EQ(counted::copies, 0);
  EXPECT_EQ(moved[499].value, 499);
  EXPECT_EQ(pool.map_reduce([](const counted& x) { return counted(x.value); }, add_moved, xs).value, 124750);
  EXPECT_EQ(counted::copies, 0);
}

TEST_P(lifetimes, an_initial_value_is_copied_once) {
  const auto xs = numbers(100);
  const counted start(5);
  counted::reset();
  EXPECT_EQ(pool.reduce(add, xs, start).value, 4955);
  EXPECT_LE(counted::copies, 101);
}

TEST_P(lifetimes, nothing_leaks_when_a_function_or_operator_throws) {
  for (const long bad : {0L, 1L, 31L, 500L, 999L}) {
    const auto picky = [bad](const counted& x) -> counted {
      if (x.value == bad) throw std::runtime_error("no");
      return counted(x.value);
    };
    const auto picky_add = [bad](const counted& a, const counted& b) -> counted {
      if (a.value == bad || b.value == bad) throw std::runtime_error("no");
      return counted(a.value + b.value);
    };
    const auto xs = numbers(1000);
    for (const bool sync : {false, true})
      for (const bool fail_fast : {false, true}) {
        const fg::options asked{.fail_fast = fail_fast, .sync = sync};
        EXPECT_THROW(pool.map(asked, picky, xs), fg::task_error);
        EXPECT_THROW(pool.map_reduce(asked, picky, add, xs), fg::task_error);
        EXPECT_THROW(pool.reduce(asked, picky_add, xs), fg::task_error);
        EXPECT_THROW(pool.reduce(asked, picky_add, numbers(1000)), fg::task_error);
        EXPECT_THROW(pool.reduce_rows(asked, picky_add, xs, 10, 100), fg::task_error);
        EXPECT_THROW(pool.reduce_columns(asked, picky_add, xs, 100, 10), fg::task_error);
      }
  }
}

TEST_P(lifetimes, nothing_leaks_when_a_copy_throws) {
  const auto xs = numbers(300);
  for (const long after : {0L, 1L, 17L, 150L}) {
    counted::throws_after = after;
    try {
      EXPECT_EQ(pool.reduce(add_moved, xs).value, 44850);
      ADD_FAILURE() << "no copy threw";
    } catch (const fg::task_error& e) {
      EXPECT_THROW(e.rethrow_nested(), counted::refused);
    }
    counted::throws_after = after;
    EXPECT_ANY_THROW(pool.map([](const counted& x) -> const counted& { return x; }, xs));
    counted::throws_after = after;
    EXPECT_ANY_THROW(pool.reduce(add, std::list<counted>(xs.begin(), xs.end())));
    counted::throws_after = -1;
  }
  EXPECT_EQ(pool.reduce(add, xs).value, 44850) << "the pool is unusable";
}
