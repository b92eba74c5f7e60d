// SPDX-License-Identifier: MIT
// What a call tells back: the report's fields, and the line of FOLDGRID_LOG=info.
#include "../contract/one_pass.hpp"
#include "standard_error.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace fg = foldgrid;
using namespace std::chrono_literals;

static const std::vector<double> xs(1000, 1.0);
static double same(double x) { return x; }

TEST(report, says_where_and_why) {
  const auto report_of = [](const fg::executor& pool) {
    fg::run_report report;
    pool.map({.report = &report}, same, xs);
    return report;
  };
  const auto serial = report_of(fg::executor{{.where = fg::backend::serial}});
  EXPECT_EQ(serial.where, fg::backend::serial);
  EXPECT_EQ(serial.device, "the calling thread");
  EXPECT_EQ(serial.reason, "asked for");
  const auto threads = report_of(fg::executor{{.where = fg::backend::threads, .workers = 12}});
  EXPECT_EQ(threads.where, fg::backend::threads);
  EXPECT_EQ(threads.device, "12 workers");
  EXPECT_EQ(threads.reason, "asked for");
  EXPECT_EQ(report_of(fg::executor{{.where = fg::backend::threads, .workers = 1}}).device, "1 worker");
  const auto automatic = report_of(fg::executor{});
  EXPECT_NE(automatic.where, fg::backend::automatic);
  EXPECT_FALSE(automatic.device.empty());
  EXPECT_NE(automatic.reason.find("automatic"), std::string::npos);
}

TEST(report, counts_elements_and_bytes) {
  const fg::executor pool{{.workers = 2}};
  fg::run_report report;
  std::vector<float> out(1000);
  const fg::options asked{.report = &report};
  const auto expect = [&](std::size_t elements, std::size_t in, std::size_t back, const char* what) {
    EXPECT_EQ(report.elements, elements) << what;
    EXPECT_EQ(report.bytes_in, in) << what;
    EXPECT_EQ(report.bytes_out, back) << what;
    EXPECT_GT(report.seconds, 0) << what;
    EXPECT_LT(report.seconds, 60) << what;
    EXPECT_GE(report.compute_seconds, 0) << what;
    EXPECT_LE(report.compute_seconds + report.copy_seconds, report.seconds * 1.001) << what;
    report = {};
  };
  pool.map(asked, same, xs);
  expect(1000, 8000, 8000, "map");
  pool.map(asked, [](double a, double b) { return a < b; }, xs, xs);
  expect(1000, 16000, 1000, "map of two to bool");
  pool.map(asked, same, fg::linspace(0, 1, 50));
  expect(50, 0, 400, "map of a lazy input");
  pool.map(asked, [](double x) { return std::to_string(x); }, xs);
  expect(1000, 8000, 0, "map to text");
  pool.map_into(asked, out, same, xs);
  expect(1000, 8000, 4000, "map_into");
  pool.reduce(asked, std::plus<>{}, xs);
  expect(1000, 8000, 0, "reduce");
  pool.sum(asked, one_pass(std::vector<int>(77, 1)));
  EXPECT_EQ(report.elements, 77u);
  pool.reduce_rows(asked, std::plus<>{}, xs, 10, 100);
  expect(1000, 8000, 80, "reduce_rows");
  pool.reduce_columns(asked, std::plus<>{}, xs, 10, 100);
  expect(1000, 8000, 800, "reduce_columns");
  pool.minmax(asked, xs);
  expect(1000, 8000, 0, "minmax");
  pool.first_nonfinite(asked, xs);
  expect(1000, 8000, 0, "first_nonfinite");
  pool.map_reduce(asked, same, std::plus<>{}, xs);
  expect(1000, 8000, 0, "map_reduce");
}

TEST(report, measures_the_time_of_the_call) {
  const fg::executor pool{{.workers = 2}};
  fg::run_report report;
  pool.map({.report = &report}, [](int) { std::this_thread::sleep_for(30ms); }, fg::iota(2));
  EXPECT_GE(report.seconds, 0.029);
  EXPECT_LT(report.seconds, 10);
}

TEST(report, is_filled_when_the_call_fails) {
  const fg::executor pool{{.where = fg::backend::threads, .workers = 2}};
  fg::run_report report;
  EXPECT_THROW(pool.map({.report = &report}, [](int i) { return i == 3 ? throw 1 : i; }, fg::iota(10)), fg::task_error);
  EXPECT_EQ(report.elements, 10u);
  EXPECT_EQ(report.device, "2 workers");
}

TEST(report, backends_have_names) {
  EXPECT_STREQ(fg::to_string(fg::backend::automatic), "automatic");
  EXPECT_STREQ(fg::to_string(fg::backend::serial), "serial");
  EXPECT_STREQ(fg::to_string(fg::backend::threads), "threads");
  EXPECT_STREQ(fg::to_string(fg::backend::gpu), "gpu");
  EXPECT_STREQ(fg::to_string(fg::backend::mpi), "mpi");
}

TEST(log, prints_a_line_per_call_when_asked_for) {
  setenv("FOLDGRID_LOG", "info", 1);
  const fg::executor pool{{.where = fg::backend::threads, .workers = 2}};
  unsetenv("FOLDGRID_LOG");
  const std::string map = error_output([&] { pool.map(same, xs); });
  EXPECT_EQ(std::count(map.begin(), map.end(), '\n'), 1) << map;
  for (const char* word : {"foldgrid", "map", "1000", "threads", "2 workers", "asked for"})
    EXPECT_NE(map.find(word), std::string::npos) << map;
  const std::string small = error_output([&] { pool.sum(std::vector<double>{1, 2}); });
  EXPECT_EQ(std::count(small.begin(), small.end(), '\n'), 1) << small;
  EXPECT_NE(small.find("sum of 2 elements"), std::string::npos) << small;
}

TEST(log, is_silent_otherwise) {
  unsetenv("FOLDGRID_LOG");
  const fg::executor pool{{.workers = 2}};
  EXPECT_EQ(error_output([&] { pool.map(same, xs); }), "");
  setenv("FOLDGRID_LOG", "", 1);
  const fg::executor other{{.workers = 2}};
  EXPECT_EQ(error_output([&] { other.map(same, xs); }), "");
  unsetenv("FOLDGRID_LOG");
}
