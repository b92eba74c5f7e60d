// SPDX-License-Identifier: MIT
// Sources and progress callbacks that throw: the error arrives as it is, and the pool stays usable.
#include "caught.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <iterator>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

namespace fg = foldgrid;

class sources : public testing::TestWithParam<int> {
 protected:
  void TearDown() override {
    EXPECT_EQ(pool.map_reduce([](int i) { return i; }, std::plus<>{}, fg::iota(28)), 378) << "unusable afterwards";
  }
  const fg::executor pool{GetParam() == 0 ? fg::executor_options{.where = fg::backend::serial}
                                          : fg::executor_options{.where = fg::backend::threads, .workers = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(workers, sources, testing::Values(0, 1, 2, 8));

namespace {

/// One pass over 0, 1, 2, ...; throws at element `bad`.
struct breaking_stream {
  int bad;
  int at = 0;
  struct iterator {
    using value_type = int;
    using difference_type = std::ptrdiff_t;
    breaking_stream* source = nullptr;
    int operator*() const { return source->at == source->bad ? throw std::domain_error("the disk is gone") : source->at; }
    iterator& operator++() {
      ++source->at;
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator& i, std::default_sentinel_t) { return i.source->at == 100000; }
  };
  iterator begin() { return {this}; }
  std::default_sentinel_t end() const { return {}; }
};

/// An indexed range whose element 50 throws.
auto breaking_view(int n) {
  return std::views::iota(0, n) | std::views::transform([](int i) { return i == 50 ? throw std::domain_error("the disk is gone") : i; });
}

const auto identity = [](int i) { return i; };

}  // namespace

TEST_P(sources, a_one_pass_source_that_throws) {
  for (const int bad : {0, 1, 5000, 99999}) {
    EXPECT_THROW(pool.reduce(std::plus<>{}, breaking_stream{bad}), std::domain_error) << bad;
    EXPECT_THROW(pool.reduce({.sync = true}, std::plus<>{}, breaking_stream{bad}), std::domain_error) << bad;
    EXPECT_THROW(pool.map(identity, breaking_stream{bad}), std::domain_error) << bad;
    EXPECT_THROW(pool.map_reduce(identity, std::plus<>{}, breaking_stream{bad}), std::domain_error) << bad;
    EXPECT_THROW(pool.minmax(breaking_stream{bad}), std::domain_error) << bad;
    EXPECT_THROW(pool.map([](int a, int b) { return a + b; }, breaking_stream{bad}, fg::repeat(1)), std::domain_error) << bad;
    EXPECT_THROW(pool.map([](int a, int b) { return a + b; }, breaking_stream{bad}, fg::iota(100000)), std::domain_error) << bad;
  }
}

TEST_P(sources, an_indexed_source_that_throws) {
  for (const int chunk : {0, 1, 7}) {
    const fg::options asked{.chunk_size = chunk};
    std::vector<int> out(200);
    EXPECT_THROW(pool.map(asked, identity, breaking_view(200)), std::domain_error);
    EXPECT_THROW(pool.map(asked, [](int i) { return std::to_string(i); }, breaking_view(200)), std::domain_error);
    EXPECT_THROW(pool.map_into(asked, out, identity, breaking_view(200)), std::domain_error);
    EXPECT_THROW(pool.map_reduce(asked, identity, std::plus<>{}, breaking_view(200)), std::domain_error);
    EXPECT_THROW(pool.map_reduce(asked, identity, [](int a, int b) { return a ^ b; }, breaking_view(200)), std::domain_error);
    EXPECT_THROW(pool.reduce(asked, std::plus<>{}, breaking_view(200)), std::domain_error);
    EXPECT_THROW(pool.reduce(asked, [](int a, int b) { return a ^ b; }, breaking_view(200)), std::domain_error);
    EXPECT_THROW(
        pool.reduce({.chunk_size = chunk, .sync = true}, [](int a, int b) { return a ^ b; }, breaking_view(200)), std::domain_error);
    EXPECT_THROW(pool.minmax(asked, breaking_view(200)), std::domain_error);
    EXPECT_THROW(pool.argmin(asked, breaking_view(200)), std::domain_error);
    EXPECT_THROW(pool.reduce_rows(asked, std::plus<>{}, breaking_view(200), 20, 10), std::domain_error);
    EXPECT_THROW(pool.reduce_columns(asked, std::plus<>{}, breaking_view(200), 20, 10), std::domain_error);
  }
  const auto doubles = breaking_view(200) | std::views::transform([](int i) { return i * 1.0; });
  EXPECT_THROW(pool.first_nonfinite(doubles), std::domain_error);
}

TEST_P(sources, a_progress_callback_that_throws) {
  int calls = 0;
  const auto breaks = [&](std::size_t, std::size_t) {
    if (++calls == 2) throw std::domain_error("the terminal is gone");
  };
  const std::vector<int> xs(2000, 1);
  const fg::options asked{.chunk_size = 1, .progress = breaks};
  EXPECT_THROW(pool.map(asked, identity, xs), std::domain_error);
  EXPECT_EQ(calls, 2) << "called again after it threw";
  calls = 0;
  EXPECT_THROW(pool.reduce(asked, [](int a, int b) { return a ^ b; }, xs), std::domain_error);
  const fg::options at_the_end{.chunk_size = 5000, .progress = [](std::size_t done, std::size_t total) {
                                 if (done == total) throw std::domain_error("the terminal is gone");
                               }};
  EXPECT_THROW(pool.map(at_the_end, identity, xs), std::domain_error);
}

TEST_P(sources, an_axis_of_a_grid_that_throws) {
  const auto points = fg::grid(breaking_view(200), fg::iota(3));
  EXPECT_THROW(pool.map([](int, int) { return 1; }, points), std::domain_error);
  EXPECT_THROW(pool.map_reduce([](int a, int b) { return a + b; }, std::plus<>{}, points), std::domain_error);
  EXPECT_THROW(pool.map_reduce([](int a, int b) { return 0.5 * (a + b); }, std::plus<>{}, points), std::domain_error);
}
