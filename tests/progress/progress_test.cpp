// SPDX-License-Identifier: MIT
// What a progress callback is told: it never goes back, one call at a time, and at last that all is done.
#include "../contract/one_pass.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace fg = foldgrid;

namespace {

class progress : public testing::TestWithParam<int> {
 protected:
  const fg::executor pool{GetParam() == 0 ? fg::executor_options{.where = fg::backend::serial}
                                          : fg::executor_options{.where = fg::backend::threads, .workers = GetParam()}};

  /// Runs with a callback that records what it is told, and checks it; `unknown` when the total is told only at the end.
  template <class F>
  void told(const char* what, std::size_t n, int chunk, F&& run, bool unknown = false) {
    std::vector<std::pair<std::size_t, std::size_t>> calls;
    std::atomic<bool> busy = false;
    bool overlapped = false;
    fg::options asked;
    asked.chunk_size = chunk;
    asked.progress = [&](std::size_t done, std::size_t total) {
      if (busy.exchange(true)) overlapped = true;
      calls.emplace_back(done, total);
      busy = false;
    };
    run(std::as_const(asked));
    EXPECT_FALSE(overlapped) << what;
    ASSERT_FALSE(calls.empty()) << what << " of " << n << " in chunks of " << chunk;
    EXPECT_EQ(calls.back(), std::pair(n, n)) << what << " of " << n << " in chunks of " << chunk;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      EXPECT_LE(calls[i].first, n) << what;
      if (i != 0) {
        EXPECT_GE(calls[i].first, calls[i - 1].first) << what << " went back";
      }
      if (!unknown) {
        EXPECT_EQ(calls[i].second, n) << what;
      }
    }
    if (n > 0 && chunk == 1 && !unknown) {
      EXPECT_GE(calls.size(), 1u);
    }
  }
};
INSTANTIATE_TEST_SUITE_P(workers, progress, testing::Values(0, 1, 2, 8));

}  // namespace

TEST_P(progress, of_every_verb) {
  const auto f = [](int i) { return i; };
  const auto op = [](int a, int b) { return a ^ b; };
  for (const int n : {1, 2, 30, 1000, 40000}) {
    const std::vector<int> xs(static_cast<std::size_t>(n), 1);
    std::vector<int> out(xs.size());
    for (const int chunk : {0, 1, 7, 1 << 20}) {
      if (chunk == 1 && n > 1000) continue;
      const std::size_t size = xs.size();
      told("map", size, chunk, [&](const fg::options& o) { pool.map(o, f, xs); });
      told("map_into", size, chunk, [&](const fg::options& o) { pool.map_into(o, out, f, xs); });
      told("map_reduce", size, chunk, [&](const fg::options& o) { pool.map_reduce(o, f, std::plus<>{}, xs); });
      told("reduce", size, chunk, [&](const fg::options& o) { pool.reduce(o, op, xs); });
      told("sum", size, chunk, [&](const fg::options& o) { pool.sum(o, xs); });
      told("minmax", size, chunk, [&](const fg::options& o) { pool.minmax(o, xs); });
      told("first_nonfinite", size, chunk, [&](const fg::options& o) { pool.first_nonfinite(o, xs); });
      told("reduce_rows", size, chunk, [&](const fg::options& o) { pool.reduce_rows(o, op, xs, xs.size(), 1); });
      told("reduce_columns", size, chunk, [&](const fg::options& o) { pool.reduce_columns(o, op, xs, xs.size(), 1); });
      fg::options by_level;
      told("sync reduce", size, chunk, [&](const fg::options& o) {
        by_level = o;
        by_level.sync = true;
        pool.reduce(by_level, op, xs);
      });
    }
  }
}

TEST_P(progress, of_one_row_and_of_few_columns) {
  const std::vector<int> xs(12000, 1);
  told("one row", 12000, 0, [&](const fg::options& o) { pool.reduce_rows(o, std::plus<>{}, xs, 1, 12000); });
  told("three rows", 12000, 0, [&](const fg::options& o) { pool.reduce_rows(o, std::plus<>{}, xs, 3, 4000); });
  told("three columns", 12000, 0, [&](const fg::options& o) { pool.reduce_columns(o, std::plus<>{}, xs, 4000, 3); });
  const std::vector<std::vector<int>> arrays(500, std::vector<int>(10, 1));
  told("arrays", 500, 0, [&](const fg::options& o) { pool.reduce(o, fg::elementwise(std::plus<>{}), arrays); });
}

TEST_P(progress, of_a_stream_ends_with_the_number_of_its_elements) {
  const auto op = [](int a, int b) { return a ^ b; };
  const auto words = [](const std::string& a, const std::string& b) { return a < b ? b : a; };
  for (const std::size_t n : {1, 5, 4095, 4096, 4097, 8192, 20000}) {
    const std::vector<int> xs(n, 1);
    told("stream", n, 0, [&](const fg::options& o) { pool.reduce(o, op, one_pass(xs)); }, true);
    told("stream of text", n, 0, [&](const fg::options& o) { pool.reduce(o, words, one_pass(std::vector<std::string>(n, "a"))); }, true);
    told("stream with total", n, 0, [&](const fg::options& o) {
      fg::options expected = o;
      expected.total = n;
      pool.reduce(expected, op, one_pass(xs));
    });
  }
}

TEST_P(progress, is_told_as_work_goes_on) {
  int calls = 0;
  const fg::options asked{.chunk_size = 1, .progress = [&](std::size_t, std::size_t) { ++calls; }};
  pool.map(asked, [](int i) { return i; }, fg::iota(100));
  EXPECT_GE(calls, 2);
}
