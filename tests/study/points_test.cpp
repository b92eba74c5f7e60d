// SPDX-License-Identifier: MIT
// Axes, products, zips and filters; kinds of functions and results; failures and retries.
#include "../temporary_folder.hpp"
#include "bits.hpp"
#include "pools.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace fg = foldgrid;

namespace study_points_test {
FOLDGRID_STRUCT(pair_of, (double sum; int whole;))
FOLDGRID_FUNCTION_USING((pair_of), both, (double x, double y), { return pair_of{x + y, 3}; })
FOLDGRID_FUNCTION(brittle, (double x), { return x > 4 ? (fg::fail(7), 0.0) : 1 / x; })
}  // namespace study_points_test
using namespace study_points_test;

namespace {

using strings = std::vector<std::string>;
using numbers = std::vector<double>;

TEST(study_points, a_product_has_its_last_axis_fastest) {
  fg::study study("product");
  study.axis("a", {1, 2}).axis("b", std::vector<int>{10, 20, 30});
  EXPECT_EQ(study.size(), 6u);
  const fg::table table = study.run(two(), [](double a, double b) { return a * b; });
  EXPECT_EQ(table.names(), (strings{"a", "b", "result"}));
  EXPECT_EQ(table.column("a"), (numbers{1, 1, 1, 2, 2, 2}));
  EXPECT_EQ(table.column("b"), (numbers{10, 20, 30, 10, 20, 30}));
  EXPECT_EQ(table.column("result"), (numbers{10, 20, 30, 20, 40, 60}));
}

TEST(study_points, axes_of_zeros_and_of_words) {
  fg::study study("words");
  study.axis("phase", {0}).axis("method", {"slow", "fast"}).axis("gas", std::vector<std::string_view>{"argon", "neon", "xenon"});
  EXPECT_EQ(study.size(), 6u);
  EXPECT_EQ(study.run(two(), [](double, double m, double g) { return 10 * m + g; }).column("result"), (numbers{0, 1, 2, 10, 11, 12}));
}

double plain(double x) { return x * x; }

TEST(study_points, plain_functions_are_functions) {
  fg::study study("plain");
  study.axis("x", {1, 2, 3});
  const numbers squares{1, 4, 9};
  EXPECT_EQ(study.run(two(), plain).column("result"), squares);
  EXPECT_EQ(study.run(two(), &plain).column("result"), squares);
  EXPECT_EQ(study.run(two(), std::function<double(double)>(plain)).column("result"), squares);
  EXPECT_EQ(study.argmax(two(), plain).value, 9);
  EXPECT_EQ(study.statistics(two(), plain).count, 3u);
}

double sum_of(double x, double y) { return x + y; }
double difference_of(double x, double y) { return x - y; }

TEST(study_points, functions_without_a_name_must_be_given_one_for_a_checkpoint) {
  fg::study study("plane");
  study.axis("x", fg::linspace(0.1, 0.9, 4)).axis("y", fg::linspace(-3, 3, 5));
  const temporary_folder at;
  const std::string file = at / "run.fg";
  const auto refused = [&](const auto& f) {
    try {
      study.run(two(), f, {.checkpoint = file});
      ADD_FAILURE();
    } catch (const std::invalid_argument& e) {
      EXPECT_NE(std::string(e.what()).find(".function = \"name\""), std::string::npos) << e.what();
    }
  };
  refused(sum_of);
  refused(&sum_of);
  refused(std::function<double(double, double)>(sum_of));
  refused(std::ref(sum_of));
  refused(fg::bind_front([](double (*f)(double, double), double x, double y) { return f(x, y); }, &sum_of));
  EXPECT_FALSE(std::filesystem::exists(file));
  const fg::table sums = study.run(two(), sum_of, {.checkpoint = file, .function = "sum_of"});
  EXPECT_THROW(study.run(two(), difference_of, {.checkpoint = file, .function = "difference_of"}), std::invalid_argument);
  fg::study_report report;
  const fg::table again = study.run(two(), sum_of, {.checkpoint = file, .function = "sum_of", .report = &report});
  EXPECT_EQ(bits_of(again), bits_of(sums));
  EXPECT_EQ(report.computed, 0u);
}

TEST(study_points, axes_are_what_inputs_are) {
  fg::study study("inputs");
  study.axis("linear", fg::linspace(0.1, 0.7, 7)).axis("decades", fg::logspace(-1, 1, 3)).axis("whole", fg::iota(3, 5));
  const fg::table table = study.run(two(), [](auto... x) { return (x + ...); });
  const auto linear = fg::linspace(0.1, 0.7, 7);
  const auto decades = fg::logspace(-1, 1, 3);
  for (std::size_t i = 0; i < table.rows(); ++i) {
    EXPECT_EQ(table.at(i, 0), linear[i / 6]);
    EXPECT_EQ(table.at(i, 1), decades[i / 2 % 3]);
    EXPECT_EQ(table.at(i, 2), static_cast<double>(3 + i % 2));
  }
}

TEST(study_points, zipped_axes_walk_together) {
  fg::study study("zip");
  study.axis("a", {1, 2, 3}).zip("b", {4, 5, 6}).axis("c", {0, 1});
  const fg::table table = study.run(two(), [](double a, double b, double c) { return 100 * a + 10 * b + c; });
  EXPECT_EQ(table.column("result"), (numbers{140, 141, 250, 251, 360, 361}));
}

TEST(study_points, filters_keep_points_in_order) {
  fg::study study("filter");
  study.axis("a", fg::iota(100)).filter([](double a) { return std::fmod(a, 2) == 0; }).axis("b", fg::iota(100));
  study.filter([](double a, double b) { return b < a; });
  numbers a, b;
  for (int i = 0; i < 100; i += 2)
    for (int j = 0; j < i; ++j) {
      a.push_back(i);
      b.push_back(j);
    }
  const fg::table table = study.run(two(), [](double x, double y) { return x - y; });
  EXPECT_EQ(table.column("a"), a);
  EXPECT_EQ(table.column("b"), b);
  EXPECT_EQ(study.argmax(two(), [](double x, double y) { return x - y; }).parameters, (numbers{98, 0}));
}

TEST(study_points, a_filter_may_keep_nothing) {
  fg::study study("none");
  study.axis("a", fg::iota(10)).filter([](double) { return false; });
  EXPECT_EQ(study.run(two(), [](double x) { return x; }).rows(), 0u);
  EXPECT_EQ(study.statistics(two(), [](double x) { return x; }).count, 0u);
}

TEST(study_points, words_are_positions) {
  fg::study study("words");
  study.axis("method", {"euler", "heun"}).axis("name", strings{"x", "y", "z"});
  EXPECT_EQ(study.run(two(), [](double method, double name) { return 10 * method + name; }).column("result"),
            (numbers{0, 1, 2, 10, 11, 12}));
}

TEST(study_points, results_of_every_kind) {
  struct plain {
    double a;
    float b;
    int c;
  };
  fg::study study("kinds");
  study.axis("x", {3}).axis("y", {4});
  EXPECT_EQ(study.run(one(), both).names(), (strings{"x", "y", "sum", "whole"}));
  EXPECT_EQ(study.run(one(), [](double x, double y) { return plain{x, 0.5f, static_cast<int>(y)}; }).names(),
            (strings{"x", "y", "result1", "result2", "result3"}));
  const fg::table tuple = study.run(one(), [](double x, double y) { return std::tuple(x, y > 1, 'a'); }, {.results = {"p", "q", "r"}});
  EXPECT_EQ(tuple.names(), (strings{"x", "y", "p", "q", "r"}));
  EXPECT_EQ(tuple.at(0, 3), 1);
  EXPECT_EQ(tuple.at(0, 4), 97);
  EXPECT_EQ(study.run(one(), [](double x, double y) { return std::array{x, y}; }).at(0, 3), 4);
  EXPECT_EQ(study.run(one(), [](double x, double y) { return x < y; }).at(0, 2), 1);
}

TEST(study_points, the_same_bits_on_any_workers) {
  fg::study study("bits");
  study.axis("x", fg::linspace(0.1, 0.9, 301)).axis("y", fg::linspace(-3, 3, 97));
  const auto f = [](double x, double y) { return std::pair(1 / x - y, x * y / 3); };
  const auto expected = bits_of(study.run(one(), f));
  for (const int workers : {1, 2, 3, 7}) {
    const fg::executor pool{{.where = fg::backend::threads, .workers = workers}};
    EXPECT_EQ(bits_of(study.run(pool, f)), expected) << workers;
  }
}

TEST(study_points, failures_are_kept_and_the_rest_goes_on) {
  fg::study study("failures");
  study.axis("x", fg::iota(0, 100));
  const auto f = [](double x) { return x == 17 || x == 60 ? throw std::domain_error("no value at " + std::to_string(x)) : 2 * x; };
  for (const fg::executor* pool : {&one(), &two()}) {
    fg::study_report report;
    const fg::table table = study.run(*pool, f, {.report = &report});
    ASSERT_EQ(table.failures().size(), 2u);
    EXPECT_EQ(table.failures()[0].point, 17u);
    EXPECT_EQ(table.failures()[1].parameters, (numbers{60}));
    EXPECT_EQ(table.failures()[1].message, "no value at 60.000000");
    EXPECT_TRUE(std::isnan(table.at(17, 1)));
    EXPECT_EQ(table.at(18, 1), 36);
    EXPECT_EQ(report.failed, 2u);
    EXPECT_EQ(report.computed, 100u);
  }
  const fg::table codes = study.run(two(), brittle);
  ASSERT_EQ(codes.failures().size(), 95u);
  EXPECT_EQ(codes.failures()[0].code, 7);
}

TEST(study_points, retries_try_again) {
  fg::study study("retries");
  study.axis("x", fg::iota(50));
  std::atomic<int> calls = 0;
  const auto at_third = [&](double x) { return ++calls % 3 == 0 ? x : throw std::runtime_error("not yet"); };
  EXPECT_EQ(study.run(one(), at_third).failures().size(), 34u);
  calls = 0;
  EXPECT_TRUE(study.run(one(), at_third, {.retries = 2}).failures().empty());
  EXPECT_EQ(calls, 150);
}

TEST(study_points, progress_reaches_the_total) {
  fg::study study("progress");
  study.axis("x", fg::iota(1000));
  std::size_t last = 0, ends = 0;
  study.run(two(), [](double x) { return x; }, {.progress = [&](std::size_t done, std::size_t total) {
              EXPECT_GT(done, last);
              EXPECT_EQ(total, 1000u);
              last = done;
              ends += done == total;
            }});
  EXPECT_EQ(ends, 1u);
}

TEST(study_points, misuse_says_what_to_do) {
  const auto f = [](double x, double y) { return x + y; };
  const auto says = [](auto call) { return thrown<std::invalid_argument>(call); };
  fg::study study("misuse");
  EXPECT_EQ(says([&] { study.axis("", {1}); }), "study 'misuse': asked for an axis without a name; give it one");
  EXPECT_EQ(says([&] { study.axis("x", std::vector<double>()); }), "study 'misuse': asked for axis 'x' without values; give at least one");
  EXPECT_EQ(says([&] { study.zip("x", {1}); }),
            "study 'misuse': asked to let 'x' walk together with the axis before it, found none; give an axis first");
  study.axis("x", {1, 2});
  EXPECT_EQ(says([&] { study.axis("x", {1}); }), "study 'misuse': asked for two axes called 'x'; give each its own name");
  EXPECT_EQ(says([&] { study.zip("y", {1}); }),
            "study 'misuse': asked to let 'y' walk together with 'x', found 1 and 2 values; give as many");
  EXPECT_EQ(says([&] { study.run(one(), f); }),
            "study 'misuse': given a function that takes 2 numbers, found 1 axis (x); give a function with a parameter for each axis, in "
            "their order");
  EXPECT_EQ(says([&] { study.axis("big", std::vector<long>{(1l << 53) + 1}); }),
            "axis 'big': given 9007199254740993, which a double cannot hold exactly; give whole numbers of at most 2^53");
  EXPECT_EQ(says([&] { study.run(one(), [](double x) { return x; }, {.results = {"a", "b"}}); }),
            "study 'misuse': given names for 2 results, found that the function gives 1 numbers; give a name for each");
  EXPECT_EQ(says([&] { study.run(one(), [](double x) { return x; }, {.results = {"x"}}); }),
            "study 'misuse': asked for a result and an axis that are both called 'x'; name the results by the option .results");
  EXPECT_EQ(says([&] { study.run(one(), [](double x) { return x; }, {.retries = -1}); }),
            "study 'misuse': asked for -1 retries; give 0 or more");
  EXPECT_EQ(says([&] { study.filter(f); }),
            "study 'misuse': given a filter that takes 2 numbers, found 1 axis (x); give a function with a parameter for each axis, in "
            "their order");
}

TEST(study_points, a_broken_executor_is_told) {
  fg::executor gone{{.where = fg::backend::threads, .workers = 1}};
  gone.shutdown();
  fg::study study("gone");
  study.axis("x", {1});
  EXPECT_THROW(study.run(gone, [](double x) { return x; }), fg::broken_executor);
}

}  // namespace
