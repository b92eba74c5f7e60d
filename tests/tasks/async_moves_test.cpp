// SPDX-License-Identifier: MIT
// The verbs of asynchronous results move in what they are given as an rvalue: nothing is copied, and what cannot be copied may be given.
#include "../contract/one_pass.hpp"
#include "backends.hpp"
#include "numbers.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

class async_moves : public on_a_backend {};
INSTANTIATE_TEST_SUITE_P(workers, async_moves, testing::Values(0, 1, 2, 8));

static int add(int a, int b) { return a + b; }

namespace {
/// Counts copies of itself.
struct copied {
  std::shared_ptr<std::atomic<int>> copies = std::make_shared<std::atomic<int>>(0);
  copied() = default;
  copied(const copied& other) : copies(other.copies) { ++*copies; }
  copied(copied&&) = default;
  copied& operator=(const copied&) = delete;
  copied& operator=(copied&&) = default;
  ~copied() = default;
};
}  // namespace

TEST_P(async_moves, nothing_is_copied) {
  const auto count = [](const copied& each) { return each.copies->load(); };
  std::vector<copied> mapped(3), reduced(1);
  EXPECT_EQ(pool.map_async(count, std::move(mapped)).get(), (std::vector<int>{0, 0, 0}));
  const copied only = pool.reduce_async([](copied a, const copied&) { return a; }, std::move(reduced)).get();
  EXPECT_EQ(*only.copies, 0);
}

TEST_P(async_moves, inputs_that_cannot_be_copied) {
  std::vector<std::unique_ptr<int>> mapped;
  std::vector<std::tuple<std::unique_ptr<int>, int>> rows;
  for (int i = 0; i < 3; ++i) {
    mapped.push_back(std::make_unique<int>(i));
    rows.emplace_back(std::make_unique<int>(i), 10);
  }
  EXPECT_EQ(pool.map_async([](const std::unique_ptr<int>& each) { return *each; }, std::move(mapped)).get(), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(pool.starmap_async([](const std::unique_ptr<int>& a, int b) { return *a + b; }, std::move(rows)).get(),
            (std::vector<int>{10, 11, 12}));
}

TEST_P(async_moves, functions_that_cannot_be_copied) {
  EXPECT_EQ(pool.map_async([own = std::make_unique<int>(5)](int i) { return *own + i; }, fg::iota(2)).get(), (std::vector<int>{5, 6}));
  EXPECT_EQ(pool.reduce_async([own = std::make_unique<int>(5)](int a, int b) { return a + b + *own; }, fg::iota(2)).get(), 6);
}

TEST_P(async_moves, ranges_of_one_pass) {
  const auto same = [](int i) { return i; };
  EXPECT_EQ(pool.map_async(same, numbers(3)).get(), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(pool.reduce_async(add, one_pass(std::vector<int>{1, 2, 3})).get(), 6);
}

TEST_P(async_moves, ranges_that_throw) {
  const auto same = [](int i) { return i; };
  for (const int k : {0, 2, 4}) {
    EXPECT_THROW(pool.map_async(same, numbers(5, nullptr, k)).get(), std::runtime_error) << k;
    EXPECT_THROW(pool.reduce_async(add, numbers(5, nullptr, k)).get(), std::runtime_error) << k;
  }
  EXPECT_EQ(pool.submit([] { return 1; }).get(), 1) << "the pool stays usable";
}
