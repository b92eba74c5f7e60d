// SPDX-License-Identifier: MIT
// An operator that throws: index() is the failing node's first element, in every kind of reduction.
#include "../contract/one_pass.hpp"
#include "caught.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace fg = foldgrid;

class failing_operators : public testing::TestWithParam<int> {
 protected:
  const fg::executor pool{GetParam() == 0 ? fg::executor_options{.where = fg::backend::serial}
                                          : fg::executor_options{.where = fg::backend::threads, .workers = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(workers, failing_operators, testing::Values(0, 1, 2, 3, 8));

namespace {

/// Covers elements [first, last]; flat, and with text beside it not flat.
struct flat {
  std::size_t first, last;
};
struct heavy {
  std::size_t first, last;
  std::string text = "text that does not fit the small buffer";
};

/// Fails at the node that begins at `first` and ends at `last`.
template <class T>
auto fails_at(std::size_t first, std::size_t last) {
  return [=](const T& a, const T& b) {
    if (a.last + 1 != b.first) throw std::logic_error("no neighbours");
    if (a.first == first && b.last == last) throw std::runtime_error("no");
    return T{a.first, b.last};
  };
}

template <class T>
std::vector<T> leaves(std::size_t n) {
  std::vector<T> made;
  for (std::size_t i = 0; i < n; ++i) made.push_back(T{i, i});
  return made;
}

struct place {
  std::size_t n, first, last;
};
// pairs, higher nodes, the carried end, the root
constexpr place places[] = {{2, 0, 1},          {100, 0, 1},        {100, 98, 99},  {100, 32, 63},      {100, 96, 99},
                            {100, 64, 99},      {100, 0, 99},       {7, 4, 6},      {5000, 4096, 4999}, {5000, 2048, 4095},
                            {5000, 4992, 4999}, {5000, 1234, 1235}, {5000, 0, 4999}};

template <class T>
void everywhere(const fg::executor& pool) {
  for (const auto& [n, first, last] : places) {
    const auto op = fails_at<T>(first, last);
    const auto xs = leaves<T>(n);
    const auto leaf = [](std::size_t i) { return T{i, i}; };
    for (const int chunk : {0, 1, 3, 1 << 20}) {
      for (const bool sync : {false, true}) {
        const fg::options asked{.chunk_size = chunk, .sync = sync};
        const std::string what = std::to_string(first) + ".." + std::to_string(last) + " of " + std::to_string(n) + (sync ? " sync" : "");
        EXPECT_EQ(failing_index([&] { return pool.reduce(asked, op, xs); }), first) << what;
        EXPECT_EQ(failing_index([&] { return pool.map_reduce(asked, leaf, op, fg::iota(n)); }), first) << what;
        EXPECT_EQ(failing_index([&] { return pool.reduce(asked, op, one_pass(xs)); }), first) << what << " stream";
      }
    }
  }
}

}  // namespace

TEST_P(failing_operators, flat_values) { everywhere<flat>(pool); }
TEST_P(failing_operators, values_on_the_heap) { everywhere<heavy>(pool); }

TEST_P(failing_operators, the_smallest_of_several) {
  const auto xs = leaves<flat>(3000);
  const auto op = [](const flat& a, const flat& b) {
    if (a.first >= 1000 && a.first % 8 == 4 && b.last == a.first + 1) throw std::runtime_error("no");
    return flat{a.first, b.last};
  };
  for (const bool sync : {false, true})
    for (const int chunk : {0, 1, 64})
      EXPECT_EQ(failing_index([&] { return pool.reduce({.chunk_size = chunk, .sync = sync}, op, xs); }), 1004u);
}

TEST_P(failing_operators, the_initial_value_fails_at_element_0) {
  const auto refuses_init = [](const flat& a, const flat& b) {
    if (a.first == 77) throw std::runtime_error("init");
    return flat{a.first, b.last};
  };
  EXPECT_EQ(failing_index([&] { return pool.reduce(refuses_init, leaves<flat>(10), flat{77, 77}); }), 0u);
}

TEST_P(failing_operators, rows_and_columns_name_the_element_of_the_matrix) {
  constexpr std::size_t rows = 40, columns = 30;
  std::vector<int> xs(rows * columns, 1);
  xs[17 * columns + 4] = -5;  // node of elements 4 and 5 of row 17; of rows 16 and 17 of column 4
  const auto refuses_negative = [](int a, int b) { return a < 0 || b < 0 ? throw std::runtime_error("no") : a + b; };
  for (const int chunk : {0, 1, 100}) {
    const fg::options asked{.chunk_size = chunk};
    EXPECT_EQ(failing_index([&] { return pool.reduce_rows(asked, refuses_negative, xs, rows, columns); }), 17 * columns + 4);
    EXPECT_EQ(failing_index([&] { return pool.reduce_columns(asked, refuses_negative, xs, rows, columns); }), 16 * columns + 4);
    std::vector<std::string> words(rows * columns, "a");
    words[17 * columns + 4] = "bad";
    const auto refuses_bad = [](const std::string& a, const std::string& b) {
      return a == "bad" || b == "bad" ? throw std::runtime_error("no") : a + b;
    };
    EXPECT_EQ(failing_index([&] { return pool.reduce_rows(asked, refuses_bad, words, rows, columns); }), 17 * columns + 4);
    EXPECT_EQ(failing_index([&] { return pool.reduce_columns(asked, refuses_bad, words, rows, columns); }), 16 * columns + 4);
  }
  EXPECT_EQ(failing_index([&] { return pool.reduce_rows(refuses_negative, std::vector<int>{1, 2, 3, -1}, 1, 4); }), 2u);
}

TEST_P(failing_operators, elementwise_names_the_array) {
  std::vector<std::vector<int>> arrays(20, std::vector<int>(10, 1));
  arrays[13][6] = -1;
  const auto refuses_negative = [](int a, int b) { return a < 0 || b < 0 ? throw std::runtime_error("no") : a + b; };
  EXPECT_EQ(failing_index([&] { return pool.reduce(fg::elementwise(refuses_negative), arrays); }), 12u);
  EXPECT_EQ(failing_index([&] { return pool.reduce({.sync = true}, fg::elementwise(refuses_negative), arrays); }), 12u);
}

TEST_P(failing_operators, a_code_comes_through) {
  const auto op = [](int a, int b) -> int {
    if (a == 6) fg::fail(9);
    return a < b ? b : a;
  };
  const auto error = caught<fg::task_error>([&] { return pool.reduce(op, std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->index(), 6u);
  EXPECT_EQ(error->code(), 9);
}
