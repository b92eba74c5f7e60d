// SPDX-License-Identifier: MIT
// when_all: one future of many results.
#include "backends.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

using namespace std::chrono_literals;

class when_all : public on_a_backend {};
INSTANTIATE_TEST_SUITE_P(workers, when_all, testing::Values(0, 1, 2, 8));

class when_all_of_pending : public on_busy_workers {};
INSTANTIATE_TEST_SUITE_P(workers, when_all_of_pending, testing::Values(1, 2, 8));

TEST_P(when_all, of_several_is_a_tuple) {
  auto a = pool.submit([] { return 1; });
  auto b = pool.submit([] {});
  auto c = pool.submit([] { return std::make_unique<int>(3); });
  auto [x, y, z] = fg::when_all(a, b, c).get();
  EXPECT_EQ(x, 1);
  EXPECT_EQ(y, std::monostate{});
  EXPECT_EQ(*z, 3);
  EXPECT_THROW(c.get(), std::invalid_argument) << "the results are moved out";
}

TEST_P(when_all, of_a_range_is_a_vector) {
  std::vector<fg::future<std::string>> all;
  std::vector<fg::future<void>> nothing;
  for (int i = 0; i < 100; ++i) {
    all.push_back(pool.submit([i] { return std::to_string(i); }));
    nothing.push_back(pool.submit([] {}));
  }
  auto gathered = fg::when_all(all);
  auto voids = fg::when_all(nothing);
  const auto found = gathered.get();
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(found[i], std::to_string(i));
  EXPECT_EQ(voids.get().size(), 100u);
}

TEST_P(when_all, fails_with_the_first_in_order) {
  std::vector<fg::future<int>> all;
  gate second_failed;
  all.push_back(pool.submit([] { return 1; }));
  if (serial() || GetParam() == 1) second_failed.open();
  all.push_back(pool.submit([&]() -> int {
    second_failed.wait();
    throw std::out_of_range("in order");
  }));
  all.push_back(pool.submit([&]() -> int { throw std::logic_error("in time"); }));
  all[2].on_done([&](const fg::outcome<int>&) { second_failed.open(); });
  auto whole = fg::when_all(all);
  EXPECT_THROW(whole.get(), std::out_of_range);
  auto a = pool.submit([]() -> int { throw std::out_of_range("in order"); });
  auto b = pool.submit([] { throw std::logic_error("in time"); });
  EXPECT_THROW(fg::when_all(a, b).get(), std::out_of_range);
}

TEST_P(when_all_of_pending, does_not_block) {
  auto a = pool.submit([] { return 1; });
  auto b = pool.submit([] { return 2; });
  auto c = pool.submit([] { return 3; });
  auto inner = fg::when_all(a, b);
  auto whole = fg::when_all(inner, c);
  EXPECT_FALSE(whole.ready());
  EXPECT_THROW(whole.get(1ms), fg::timeout_error);
  workers.release();
  EXPECT_EQ(whole.get(), std::tuple(std::tuple(1, 2), 3));
}

TEST_P(when_all_of_pending, can_be_cancelled_and_leaves_its_parts_alone) {
  auto a = pool.submit([] { return 1; });
  auto b = pool.submit([] { return 2; });
  auto whole = fg::when_all(a, b);
  EXPECT_TRUE(whole.cancel());
  EXPECT_THROW(whole.get(), fg::cancelled_error);
  workers.release();
  EXPECT_EQ(a.get(), 1);
  EXPECT_EQ(b.get(), 2);
}

TEST_P(when_all_of_pending, outlives_the_futures_and_has_callbacks) {
  int seen = 0;
  fg::future<std::vector<int>> whole;
  {
    std::vector<fg::future<int>> all;
    for (int i = 0; i < 10; ++i) all.push_back(pool.submit([i] { return i; }));
    whole = fg::when_all(all);
  }
  whole.on_done([&](const fg::outcome<std::vector<int>>& found) { seen = found.value()[9]; });
  workers.release();
  EXPECT_EQ(whole.get()[5], 5);
  EXPECT_EQ(seen, 9);
}
