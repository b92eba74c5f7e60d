// SPDX-License-Identifier: MIT
// The progress bar: one line at the end without a terminal, a bar that is redrawn on one; around verbs and around ranges.
#include "../contract/one_pass.hpp"
#include "standard_error.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>
#include <regex.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <thread>
#include <vector>

namespace fg = foldgrid;
using namespace std::chrono_literals;

static long lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

/// Whether the text contains a match of the extended POSIX pattern.
static bool matches(const std::string& text, const char* pattern) {
  regex_t compiled;
  if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0) return false;
  const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  return found;
}

static int slow(int i) {
  std::this_thread::sleep_for(2ms);
  return i;
}

TEST(progress_bar, without_a_terminal_prints_one_line_at_the_end) {
  const fg::executor pool{{.workers = 2}};
  const std::string text = error_output([&] { pool.map({.chunk_size = 1, .progress = fg::progress_bar("sweep")}, slow, fg::iota(100)); });
  EXPECT_EQ(lines(text), 1) << text;
  EXPECT_EQ(text.find('\r'), std::string::npos) << text;
  EXPECT_TRUE(matches(text, "^sweep: 100%.* 100/100 \\[[0-9:]+<00:00, [0-9.]+k?/s\\]\n$")) << text;
}

TEST(progress_bar, without_a_label) {
  const fg::executor pool{{.workers = 2}};
  const std::string text = error_output([&] { pool.map({.progress = fg::progress_bar()}, slow, fg::iota(10)); });
  EXPECT_EQ(lines(text), 1) << text;
  EXPECT_EQ(text.find("100%"), 0u) << text;
}

TEST(progress_bar, ends_its_line_after_an_error) {
  const fg::executor pool{{.workers = 2}};
  const std::string text = error_output([&] {
    EXPECT_THROW(pool.map(
                     {.chunk_size = 1, .progress = fg::progress_bar("sweep")}, [](int i) { return i == 50 ? throw 1 : i; }, fg::iota(100)),
                 fg::task_error);
  });
  EXPECT_EQ(lines(text), 1) << text;
}

TEST(progress_bar, on_a_terminal_is_redrawn) {
  const fg::executor pool{{.workers = 2}};
  const std::string text =
      terminal_output(100, [&] { pool.map({.chunk_size = 1, .progress = fg::progress_bar("sweep")}, slow, fg::iota(400)); });
  EXPECT_GE(std::count(text.begin(), text.end(), '\r'), 3) << text;
  EXPECT_EQ(lines(text), 1) << text;
  EXPECT_TRUE(matches(text, "\rsweep: +[0-9]+%\\|#* *\\| [0-9]+/400 \\[00:0[0-9]<00:0[0-9], [0-9.]+k?/s\\]")) << text;
  EXPECT_NE(text.find("100%"), std::string::npos);
  EXPECT_NE(text.find("400/400"), std::string::npos);
  EXPECT_LT(std::count(text.begin(), text.end(), '\r'), 60) << "drawn more often than ten times a second";
}

TEST(progress_bar, fits_a_narrow_terminal) {
  const std::string text = terminal_output(45, [] {
    const fg::progress_bar bar("a label");
    for (std::size_t i = 1; i <= 100; ++i) bar(i, 100);
  });
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 3, "\x1b[K") == 0) {  // takes no room
      i += 2;
      continue;
    }
    width = text[i] == '\r' || text[i] == '\n' ? 0 : width + 1;
    EXPECT_LE(width, 45u) << text;
  }
}

TEST(progress_bar, over_an_lvalue_refers_to_it) {
  std::vector<int> xs(50, 1);
  const std::string text = error_output([&] {
    for (int& x : fg::progress_bar("xs").over(xs)) ++x;
  });
  EXPECT_EQ(xs, std::vector<int>(50, 2));
  EXPECT_NE(text.find("50/50"), std::string::npos) << text;
  EXPECT_EQ(lines(text), 1) << text;
}

TEST(progress_bar, over_an_rvalue_keeps_it) {
  int sum = 0;
  const std::string text = error_output([&] {
    for (const int x : fg::progress_bar("list").over(std::list<int>{1, 2, 3})) sum += x;
  });
  EXPECT_EQ(sum, 6);
  EXPECT_NE(text.find("3/3"), std::string::npos) << text;
}

TEST(progress_bar, over_a_one_pass_range_with_and_without_a_total) {
  int sum = 0;
  const std::string unknown = error_output([&] {
    for (const int x : fg::progress_bar("read").over(one_pass(std::vector<int>{1, 2, 3}))) sum += x;
  });
  EXPECT_TRUE(matches(unknown, "^read: 3 \\[[0-9:]+, .*/s\\]\n$")) << unknown;
  const std::string known = error_output([&] {
    for (const int x : fg::progress_bar("read").over(one_pass(std::vector<int>{1, 2, 3}), 3)) sum += x;
  });
  EXPECT_NE(known.find("3/3"), std::string::npos) << known;
  EXPECT_EQ(sum, 12);
}

TEST(progress_bar, over_a_loop_that_is_left_early) {
  const std::vector<int> xs(100, 1);
  const std::string text = error_output([&] {
    int seen = 0;
    for ([[maybe_unused]] const int x : fg::progress_bar("xs").over(xs))
      if (++seen == 10) break;
  });
  EXPECT_EQ(lines(text), 1) << text;
  EXPECT_NE(text.find("9/100"), std::string::npos) << text;
}

TEST(progress_bar, over_nothing) {
  const std::vector<int> none;
  const std::string text = error_output([&] {
    for ([[maybe_unused]] const int x : fg::progress_bar("none").over(none)) ADD_FAILURE();
  });
  EXPECT_LE(lines(text), 1) << text;
}

TEST(progress_bar, goes_around_an_input_of_a_verb) {
  const fg::executor pool{{.workers = 2}};
  const std::string text = error_output([&] { EXPECT_EQ(pool.sum(fg::progress_bar("sum").over(fg::iota(28))), 378); });
  EXPECT_NE(text.find("28/28"), std::string::npos) << text;
}

TEST(progress_bar, that_is_walked_again_shows_nothing_more) {
  const std::vector<int> xs{1, 2, 3};
  int sum = 0;
  error_output([&] {
    auto range = fg::progress_bar("once").over(xs);
    for (const int x : range) sum += x;
    for (const int x : range) sum += x;
  });
  EXPECT_EQ(sum, 12);
}
