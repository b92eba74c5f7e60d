// SPDX-License-Identifier: MIT
// Options, stops and reports over ranks.
#include "ranks.hpp"

#include <mpi.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <numeric>
#include <ranges>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

const auto slow = [](int i) {
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return i;
};
/// Runs until it is stopped, or much too long.
const auto until_stopped = [](const std::stop_token& token, int) {
  for (int tenths = 0; tenths < 2000 && !token.stop_requested(); ++tenths) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return token.stop_requested() ? 1 : 0;
};

double seconds_of(auto&& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

}  // namespace

TEST(mpi_options, mpi_is_started_for_several_processes_only) {
  int started = 0;
  MPI_Initialized(&started);
  EXPECT_EQ(started != 0, process_count() > 1);
}

TEST(mpi_options, progress_counts_every_item_once) {
  std::size_t last = 0;
  pool().map(
      {.chunk_size = 7,
       .progress =
           [&](std::size_t done, std::size_t total) {
             EXPECT_GE(done, last);
             EXPECT_EQ(total, 100u);
             last = done;
           }},
      [](int i) { return i; }, fg::iota(100));
  EXPECT_EQ(last, 100u);
  last = 0;
  pool().map_reduce(
      {.progress = [&](std::size_t done, std::size_t) { last = done; }}, [](int i) { return i; }, std::plus<>{}, fg::iota(1000));
  EXPECT_EQ(last, 1000u);
}

TEST(mpi_options, report) {
  fg::run_report report;
  const std::vector<double> xs(1000, 1.0);
  pool().map({.report = &report}, [](double x) { return 2 * x; }, xs);
  EXPECT_EQ(report.elements, 1000u);
  EXPECT_EQ(report.bytes_in, 8000u);
  EXPECT_EQ(report.bytes_out, 8000u);
  EXPECT_EQ(report.where == fg::backend::mpi, process_count() > 1);
  if (process_count() > 1) {
    EXPECT_NE(report.device.find(std::to_string(process_count() - 1) + " worker rank"), std::string::npos) << report.device;
  }
}

TEST(mpi_options, misuse_is_told_before_any_work) {
  const auto f = [](int i) { return i; };
  EXPECT_THROW(pool().map({.chunk_size = -1}, f, fg::iota(3)), std::invalid_argument);
  EXPECT_THROW(pool().map({.total = 4}, f, fg::iota(3)), std::invalid_argument);
  EXPECT_THROW(pool().map({.strict = true}, std::plus<>{}, fg::iota(3), fg::iota(4)), std::invalid_argument);
  EXPECT_THROW(pool().sum(std::vector<double>{}), std::invalid_argument);
  EXPECT_THROW(pool().argmin(std::vector<double>{}), std::invalid_argument);
  EXPECT_THROW(pool().reduce_rows(std::plus<>{}, std::vector<double>(5), 2, 3), std::invalid_argument);
  std::vector<int> out(2);
  EXPECT_THROW(pool().map_into(out, f, fg::iota(3)), std::invalid_argument);
  EXPECT_TRUE(pool().map(f, fg::iota(0)).empty());
}

TEST(mpi_options, a_timeout_ends_the_call) {
  const double seconds = seconds_of([] { EXPECT_THROW(pool().map({.timeout = 0.1s}, slow, fg::iota(100000)), fg::timeout_error); });
  EXPECT_LT(seconds, 8);
}

TEST(mpi_options, a_stop_ends_the_call_and_what_runs_sees_it) {
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(100ms);
    source.request_stop();
  });
  EXPECT_THROW(pool().map({.stop = source.get_token()}, until_stopped, fg::iota(1000)), fg::cancelled_error);
}

TEST(mpi_options, request_stop_reaches_tasks) {
  auto running = pool().submit(until_stopped, 1);
  std::this_thread::sleep_for(100ms);
  pool().request_stop();
  try {
    EXPECT_EQ(running.get(), 1);
  } catch (const fg::cancelled_error&) {  // it had not begun
  }
  EXPECT_EQ(pool().apply([](int i) { return i + 1; }, 1), 2);
}

TEST(mpi_options, an_item_that_runs_too_long) {
  try {
    pool().map(
        {.chunk_size = 1, .task_timeout = 0.05s},
        [](const std::stop_token& token, int i) {
          for (int ms = 0; i == 4 && ms < 5000 && !token.stop_requested(); ++ms) std::this_thread::sleep_for(std::chrono::milliseconds(1));
          return i;
        },
        fg::iota(9));
    FAIL();
  } catch (const fg::task_error& e) {
    EXPECT_EQ(e.index(), 4u);
    EXPECT_THROW(std::rethrow_if_nested(e), fg::timeout_error);
  }
}

TEST(mpi_options, fail_fast_begins_little_more) {
  const auto outcomes =
      pool().map_outcomes({.chunk_size = 1, .fail_fast = true}, [](int i) { return i == 0 ? throw i : slow(i); }, fg::iota(5000));
  std::size_t done = 0;
  for (const auto& each : outcomes) done += each.has_value() ? 1 : 0;
  EXPECT_LT(done, 4000u);
  EXPECT_THROW(static_cast<void>(outcomes[4999].value()), fg::cancelled_error);
}

TEST(mpi_options, a_source_that_throws_delivers_its_error) {
  std::vector<int> numbers(100);
  std::iota(numbers.begin(), numbers.end(), 0);
  auto source = std::views::transform(numbers, [](int i) { return i == 60 ? throw std::length_error("source") : i; });
  EXPECT_THROW(pool().map([](int i) { return i; }, source), std::length_error);
  EXPECT_EQ(pool().sum(fg::iota(1, 28)), 378);
}
