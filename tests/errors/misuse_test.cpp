// SPDX-License-Identifier: MIT
// Misuse is refused before any work, with a message that says what was asked, what was found and what to do.
#include "../contract/one_pass.hpp"
#include "caught.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fg = foldgrid;

namespace {
const fg::executor pool{{.where = fg::backend::threads, .workers = 2}};
std::atomic<int> runs = 0;
const auto count_runs = [](int i) { return ++runs, i; };
const std::vector<int> xs(10, 1);
}  // namespace

TEST(misuse, executor_options) {
  expect_refused([] { return fg::executor{{.workers = -1}}; }, "-1 workers", "65536", "0 for one per core");
  expect_refused([] { return fg::executor{{.where = fg::backend::serial, .workers = -3}}; }, "-3");
  expect_refused([] { return fg::executor{{.workers = 65537}}; }, "65537");
  expect_refused([] { return fg::executor{{.workers = SIZE_MAX}}; }, "18446744073709551615");
  expect_refused([] { return fg::executor{{.where = static_cast<fg::backend>(17)}}; }, "17", "foldgrid::backend");
  const fg::executor largest{{.workers = 65536}};  // threads start when first needed
  EXPECT_EQ(largest.sum(xs), 10);
  expect_refused([] { return fg::executor{{.where = fg::backend::gpu, .workers = 65537}}; }, "65537");
  expect_refused<fg::backend_unavailable>([] { return fg::executor{{.where = fg::backend::mpi}}; }, "backend::mpi", "mpiexec");
}

TEST(misuse, a_gpu_that_is_not_there_is_said_to_be_missing_and_why) {
  try {
    const fg::executor gpu{{.where = fg::backend::gpu}};
    GTEST_SKIP() << "there is a GPU here";
  } catch (const fg::backend_unavailable& e) {
    EXPECT_NE(std::string(e.what()).find("backend::gpu"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("backend::threads"), std::string::npos) << e.what();
  }
  EXPECT_NO_THROW(fg::executor{});
}

TEST(misuse, call_options) {
  const auto with = [](const fg::options& asked) { return [asked] { return pool.map(asked, count_runs, fg::iota(10)); }; };
  expect_refused(with({.chunk_size = -4}), "map", "chunk_size of -4", "positive");
  expect_refused(with({.buffer_size = -5}), "map", "buffer_size of -5", "positive");
  expect_refused(with({.total = -6}), "map", "total of -6");
  expect_refused(with({.total = 9}), "map", "total of 9", "found 10");
  expect_refused(with({.total = 11}), "map", "total of 11", "found 10");
  expect_refused(with({.timeout = std::chrono::duration<double>(std::nan(""))}), "timeout", "not a number");
  expect_refused(with({.task_timeout = std::chrono::duration<double>(std::nan(""))}), "task_timeout", "not a number");
  EXPECT_EQ(runs, 0) << "work was done before the refusal";
  for (const fg::options& asked : {fg::options{.chunk_size = -1}, fg::options{.buffer_size = -1}, fg::options{.total = 3}}) {
    std::vector<int> out(10);
    EXPECT_THROW(pool.map_into(asked, out, count_runs, xs), std::invalid_argument);
    EXPECT_THROW(pool.map_reduce(asked, count_runs, std::plus<>{}, xs), std::invalid_argument);
    EXPECT_THROW(pool.reduce(asked, std::plus<>{}, xs), std::invalid_argument);
    EXPECT_THROW(pool.reduce(asked, std::plus<>{}, one_pass(xs)), std::invalid_argument);
    EXPECT_THROW(pool.sum(asked, xs), std::invalid_argument);
    EXPECT_THROW(pool.minmax(asked, xs), std::invalid_argument);
    EXPECT_THROW(pool.argmax(asked, xs), std::invalid_argument);
    EXPECT_THROW(pool.first_nonfinite(asked, std::vector<double>(10)), std::invalid_argument);
    EXPECT_THROW(pool.reduce_rows(asked, std::plus<>{}, xs, 2, 5), std::invalid_argument);
    EXPECT_THROW(pool.reduce_columns(asked, std::plus<>{}, xs, 2, 5), std::invalid_argument);
  }
  EXPECT_EQ(runs, 0);
}

TEST(misuse, strict_inputs_are_equally_long) {
  const auto add = [](int a, int b) { return ++runs, a + b; };
  runs = 0;
  const std::vector<int> seven(7, 1);
  expect_refused([&] { return pool.map({.strict = true}, add, xs, seven); }, "map", "strict", "7", "10", "leave strict out");
  expect_refused([&] { return pool.map_reduce({.strict = true}, add, std::plus<>{}, seven, xs); }, "map_reduce", "strict");
  std::vector<int> out(10);
  expect_refused([&] { return pool.map_into({.strict = true}, out, add, xs, seven), 0; }, "map_into", "strict");
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(pool.map({.strict = true}, add, xs, xs).size(), 10u);
  EXPECT_EQ(pool.map({.strict = true}, add, xs, fg::repeat(1)).size(), 10u) << "what never ends has no length to compare";
  EXPECT_EQ(pool.map(add, xs, seven).size(), 7u);
  expect_refused([&] { return pool.map({.strict = true}, add, xs, one_pass(seven)); }, "map", "strict", "7 elements", "another goes on");
  expect_refused([&] { return pool.map({.strict = true}, add, one_pass(xs), one_pass(seven)); }, "7 elements", "another goes on");
  expect_refused([&] { return pool.map_outcomes({.strict = true}, add, one_pass(xs), seven); }, "map_outcomes", "7 elements");
  expect_refused([&] { return pool.map({.strict = true}, add, std::list(xs.begin(), xs.end()), seven); }, "from 7 to 10");
  EXPECT_EQ(pool.map({.strict = true}, add, one_pass(xs), one_pass(xs)).size(), 10u);
}

TEST(misuse, map_into_a_range_that_is_too_short) {
  runs = 0;
  std::vector<int> out(9);
  expect_refused([&] { return pool.map_into(out, count_runs, xs), 0; }, "map_into", "10", "9", "at least that long");
  expect_refused([&] { return pool.reduce_into(std::span<int>(), std::plus<>{}, xs), 0; }, "reduce_into", "1 result,", "room for 0");
  EXPECT_EQ(runs, 0);
}

TEST(misuse, nothing_to_reduce) {
  const std::vector<double> none;
  expect_refused([&] { return pool.reduce(std::plus<>{}, none); }, "reduce", "no elements", "initial value");
  try {
    static_cast<void>(pool.reduce_rows(std::plus<>{}, none, 2, 0));
    ADD_FAILURE();
  } catch (const std::invalid_argument& e) {
    EXPECT_EQ(std::string(e.what()).find("initial value"), std::string::npos) << "it takes none: " << e.what();
  }
  expect_refused([&] { return pool.map_reduce(count_runs, std::plus<>{}, fg::iota(0)); }, "map_reduce", "initial value");
  expect_refused([&] { return pool.sum(none); }, "sum", "no elements");
  expect_refused([&] { return pool.minmax(none); }, "minmax", "no elements");
  expect_refused([&] { return pool.argmin(none); }, "argmin");
  expect_refused([&] { return pool.argmax(none); }, "argmax");
}

TEST(misuse, matrices_and_arrays_that_do_not_fit) {
  expect_refused([] { return pool.reduce_rows(std::plus<>{}, xs, 3, 4); }, "reduce_rows", "3 rows", "4 columns", "10 elements");
  expect_refused([] { return pool.reduce_columns(std::plus<>{}, xs, -2, -5); }, "reduce_columns", "-2 rows", "-5 columns");
  const std::vector<std::vector<int>> uneven{{1, 2}, {3, 4}, {5}};
  expect_refused([&] { return pool.reduce(fg::elementwise(std::plus<>{}), uneven); }, "1 elements in array 2", "2 in the first");
}

TEST(misuse, arrays_of_unequal_length_are_misuse_on_every_path) {
  const std::vector<std::vector<int>> uneven{{1, 2}, {3, 4}, {5}};
  const std::vector<std::vector<std::string>> words{{"a", "b"}, {"c"}};
  EXPECT_THROW(pool.reduce({.sync = true}, fg::elementwise(std::plus<>{}), uneven), std::invalid_argument);
  EXPECT_THROW(pool.reduce(fg::elementwise(std::plus<>{}), one_pass(uneven)), std::invalid_argument);
  EXPECT_THROW(pool.reduce(fg::elementwise(std::plus<>{}), uneven, std::vector<int>{1, 2}), std::invalid_argument);
  EXPECT_THROW(pool.reduce(fg::elementwise(std::plus<>{}), std::vector<std::vector<int>>{{1, 2}, {3, 4}}, std::vector<int>{1}),
               std::invalid_argument);
  EXPECT_THROW(pool.reduce(fg::elementwise(std::plus<>{}), words), std::invalid_argument);
}

TEST(misuse, a_progress_bar_with_a_negative_total) { EXPECT_THROW(fg::progress_bar("x").over(xs, -1), std::invalid_argument); }

TEST(misuse, a_moved_from_executor_is_broken) {
  fg::executor one{{.where = fg::backend::threads, .workers = 2}};
  const fg::executor two = std::move(one);
  const auto refused = [&](auto run) { expect_refused<fg::broken_executor>(run, "moved from"); };
  refused([&] { return one.map(count_runs, xs); });
  refused([&] { return one.sum(xs); });
  refused([&] { return one.reduce({.chunk_size = 1}, std::plus<>{}, xs); });
  refused([&] { return one.map_reduce(count_runs, std::plus<>{}, xs); });
  refused([&] { return one.minmax(xs); });
  refused([&] { return one.first_nonfinite(xs); });
  refused([&] { return one.reduce_rows(std::plus<>{}, xs, 2, 5); });
  refused([&] { return one.reduce(std::plus<>{}, one_pass(xs)); });
  EXPECT_EQ(two.sum(xs), 10);
  one = fg::executor{{.workers = 3}};
  EXPECT_EQ(one.sum(xs), 10);
}

TEST(misuse, numbers_of_any_integer_type_are_counts) {
  EXPECT_TRUE(fg::count(-1).negative());
  EXPECT_TRUE(fg::count(std::int8_t{-1}).negative());
  EXPECT_FALSE(fg::count(SIZE_MAX).negative());
  EXPECT_EQ(fg::count(SIZE_MAX).value(), SIZE_MAX);
  EXPECT_EQ(fg::count(INT64_MIN).text(), "-9223372036854775808");
  EXPECT_EQ(fg::count(SIZE_MAX).text(), "18446744073709551615");
  EXPECT_EQ(fg::count(), fg::count(0));
}
