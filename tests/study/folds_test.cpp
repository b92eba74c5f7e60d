// SPDX-License-Identifier: MIT
// Folds that store nothing: the best points, mean and variance on the fixed tree, histograms.
#include "bits.hpp"

#include <foldgrid/foldgrid.hpp>
#include <foldgrid/tree.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

namespace fg = foldgrid;

namespace study_folds_test {
FOLDGRID_FUNCTION(bumpy, (double x, double y), { return (x - 0.3) * (x - 0.3) + y * y / (1 + x) - 0.01 * floor(50 * x * y); })
}  // namespace study_folds_test
using namespace study_folds_test;

namespace {

fg::study plane() {
  fg::study study("plane");
  return std::move(study.axis("x", fg::linspace(0, 1, 1031)).axis("y", fg::linspace(-1, 1, 1021)));  // more than one wave
}
std::vector<double> values_of(const fg::study& study) {
  const fg::executor one{{.where = fg::backend::serial}};
  return study.run(one, bumpy).column("result");
}

TEST(study_folds, best_are_the_sorted_first) {
  const fg::study study = plane();
  const std::vector<double> values = values_of(study);
  std::vector<std::size_t> order(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return std::pair(values[a], a) < std::pair(values[b], b); });
  for (const int workers : {1, 3}) {
    const fg::executor pool{{.where = fg::backend::threads, .workers = workers}};
    const auto best = study.best(pool, bumpy, 25);
    ASSERT_EQ(best.size(), 25u);
    for (std::size_t k = 0; k < best.size(); ++k) {
      EXPECT_EQ(best[k].point, order[k]);
      EXPECT_EQ(best[k].value, values[order[k]]);
    }
    EXPECT_EQ(study.argmin(pool, bumpy).point, order.front());
    EXPECT_EQ(study.argmax(pool, bumpy).value, values[order.back()]);
    EXPECT_EQ(study.best(pool, bumpy, 1, fg::best_is::largest)[0].value, values[order.back()]);
  }
}

TEST(study_folds, best_passes_over_nan_and_takes_the_first_of_equals) {
  fg::study study("ties");
  study.axis("x", fg::iota(10));
  const fg::executor pool;
  const auto f = [](double x) { return x < 2 ? std::numeric_limits<double>::quiet_NaN() : std::fmod(x, 2); };
  const auto best = study.best(pool, f, 100);
  ASSERT_EQ(best.size(), 8u);
  EXPECT_EQ(best[0].point, 2u);
  EXPECT_EQ(best[4].point, 3u);
  EXPECT_TRUE(study.best(pool, f, 0).empty());
  EXPECT_THROW(study.argmin(pool, [](double) { return NAN; }), std::invalid_argument);
  EXPECT_THROW(study.best(pool, f, -1), std::invalid_argument);
}

TEST(study_folds, statistics_are_the_fixed_tree) {
  const fg::study study = plane();
  const std::vector<double> values = values_of(study);
  struct moments {
    double mean, squares, count;
  };
  std::vector<moments> leaves;
  for (const double value : values) leaves.push_back({value, 0, 1});
  const moments expected = fg::tree_reduce(
      [](const moments& a, const moments& b) {
        const double count = a.count + b.count, apart = b.mean - a.mean;
        return moments{a.mean + apart * (b.count / count), a.squares + b.squares + apart * apart * (a.count * b.count / count), count};
      },
      leaves);
  for (const int workers : {1, 2, 5}) {
    const fg::executor pool{{.where = fg::backend::threads, .workers = workers}};
    const fg::statistics found = study.statistics(pool, bumpy);
    EXPECT_EQ(found.count, values.size());
    EXPECT_EQ(std::bit_cast<std::uint64_t>(found.mean), std::bit_cast<std::uint64_t>(expected.mean));
    EXPECT_EQ(found.variance, expected.squares / (expected.count - 1));
    EXPECT_EQ(found.standard_error(), std::sqrt(found.variance / static_cast<double>(values.size())));
  }
}

TEST(study_folds, variance_of_numbers_far_from_zero) {
  fg::study study("far");
  study.axis("x", {4, 7, 13, 16});
  const fg::executor pool;
  const fg::statistics found = study.statistics(pool, [](double x) { return 1e9 + x; });
  EXPECT_EQ(found.mean, 1e9 + 10);
  EXPECT_EQ(found.variance, 30);
  fg::study single("single");
  single.axis("x", {4});
  EXPECT_EQ(single.statistics(pool, [](double x) { return x; }).variance, 0);
}

TEST(study_folds, histograms_count_everything_once) {
  fg::study study("histogram");
  study.axis("x", fg::iota(-5, 106));
  const fg::executor pool;
  const fg::histogram found = study.histogram(pool, [](double x) { return x == 50 ? NAN : x / 100; }, 0, 1, 4);
  EXPECT_EQ(found.counts, (std::vector<std::size_t>{25, 25, 24, 26}));
  EXPECT_EQ(found.below, 5u);
  EXPECT_EQ(found.above, 5u);
  EXPECT_EQ(found.nans, 1u);
  EXPECT_THROW(study.histogram(pool, [](double x) { return x; }, 1, 1, 4), std::invalid_argument);
  EXPECT_THROW(study.histogram(pool, [](double x) { return x; }, 0, 1, 0), std::invalid_argument);
}

TEST(study_folds, a_failing_point_is_named) {
  const fg::study study = plane();
  const fg::executor pool{{.where = fg::backend::threads, .workers = 2}};
  const auto f = [](double x, double) { return x == 1 ? throw std::domain_error("too far") : x; };
  try {
    study.best(pool, f, 3);
    FAIL();
  } catch (const fg::task_error& failed) {
    EXPECT_EQ(failed.index(), 1030u * 1021u);
    EXPECT_STREQ(failed.what(), "study 'plane': point 1051630 (x = 1, y = -1) failed: too far");
    EXPECT_THROW(std::rethrow_if_nested(failed), std::domain_error);
  }
  EXPECT_EQ(thrown<fg::task_error>([&] { study.statistics(pool, f); }), "study 'plane': point 1051630 (x = 1, y = -1) failed: too far");
}

TEST(study_folds, options_reach_them) {
  const fg::study study = plane();
  const fg::executor pool;
  std::size_t last = 0;
  fg::run_report report;
  study.best(pool, bumpy, 3, fg::best_is::smallest,
             {.progress =
                  [&](std::size_t done, std::size_t total) {
                    last = done;
                    EXPECT_EQ(total, 1031u * 1021u);
                  },
              .report = &report});
  EXPECT_EQ(last, 1031u * 1021u);
  EXPECT_EQ(report.elements, 1031u * 1021u);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(study.statistics(pool, bumpy, {.stop = stop.get_token()}), fg::cancelled_error);
  EXPECT_THROW(study.best(pool, bumpy, 3, fg::best_is::smallest, {.stop = stop.get_token()}), fg::cancelled_error);
}

}  // namespace
