// SPDX-License-Identifier: MIT
// What goes wrong in a stream: items that fail, inputs that throw, limits that run out; the rest is still given.
#include "../errors/caught.hpp"
#include "backends.hpp"
#include "numbers.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

class stream_errors : public on_a_backend {};
INSTANTIATE_TEST_SUITE_P(workers, stream_errors, testing::Values(0, 1, 2, 8));

namespace {
/// What a stream gave: the values, and the texts of the errors in their places.
struct walked {
  std::vector<int> values;
  std::vector<std::string> errors;
  bool ended_with_error = false;
};

template <class Stream>
walked walk(Stream&& stream) {
  walked found;
  for (auto at = stream.begin(); at != stream.end(); ++at) {
    try {
      found.values.push_back(*at);
      found.ended_with_error = false;
    } catch (const std::exception& e) {
      found.errors.push_back(e.what());
      found.ended_with_error = true;
    }
  }
  std::sort(found.values.begin(), found.values.end());
  return found;
}

std::vector<int> first(int n) {
  std::vector<int> all;
  for (int i = 0; i < n; ++i) all.push_back(i);
  return all;
}

int fails_at_3_and_7(int i) { return i == 3 || i == 7 ? throw std::out_of_range("item " + std::to_string(i)) : i; }
int same(int i) { return i; }
}  // namespace

TEST_P(stream_errors, an_item_throws_the_original_and_the_walk_goes_on) {
  auto stream = pool.imap(fails_at_3_and_7, fg::iota(10));
  int i = 0;
  for (auto at = stream.begin(); at != stream.end(); ++at, ++i) {
    if (i == 3 || i == 7) {
      EXPECT_EQ(std::string(caught<std::out_of_range>([&] { return *at; }).value().what()), "item " + std::to_string(i));
      EXPECT_THROW(static_cast<void>(*at), std::out_of_range) << "again";
    } else {
      EXPECT_EQ(*at, i);
    }
  }
  EXPECT_EQ(i, 10);
  const auto unordered = walk(pool.imap_unordered(fails_at_3_and_7, numbers(10)));
  EXPECT_EQ(unordered.values, (std::vector<int>{0, 1, 2, 4, 5, 6, 8, 9}));
  EXPECT_EQ(unordered.errors.size(), 2u);
}

TEST_P(stream_errors, any_item_may_fail) {
  for (const int k : {0, 5, 9}) {
    const auto fails = [k](int i) { return i == k ? throw std::out_of_range("x") : i; };
    for (const int buffer : {1, 3, 100}) {
      EXPECT_EQ(walk(pool.imap({.buffer_size = buffer}, fails, fg::iota(10))).values.size(), 9u);
      EXPECT_EQ(walk(pool.imap_unordered({.buffer_size = buffer}, fails, fg::iota(10))).errors.size(), 1u);
    }
  }
  EXPECT_EQ(walk(pool.imap([](int) -> int { throw std::out_of_range("x"); }, fg::iota(10))).errors.size(), 10u) << "and all of them";
}

TEST_P(stream_errors, an_error_leaves_the_loop_as_any_exception) {
  int seen = 0;
  EXPECT_THROW(
      {
        for (int each : pool.imap(fails_at_3_and_7, numbers())) seen += each;
      },
      std::out_of_range);
  EXPECT_EQ(seen, 3);
  EXPECT_EQ(pool.submit([] { return 1; }).get(), 1);
}

TEST_P(stream_errors, outcomes_do_not_throw) {
  std::vector<std::size_t> failed;
  for (const auto& each : pool.imap(fails_at_3_and_7, fg::iota(10)).outcomes()) {
    if (each.error()) {
      failed.push_back(each.index());
      EXPECT_THROW(std::rethrow_exception(each.error()), std::out_of_range);
    }
  }
  EXPECT_EQ(failed, (std::vector<std::size_t>{3, 7}));
  failed.clear();
  for (const auto& each : pool.imap_unordered(fails_at_3_and_7, fg::iota(10)).outcomes())
    if (!each) failed.push_back(each.index());
  std::sort(failed.begin(), failed.end());
  EXPECT_EQ(failed, (std::vector<std::size_t>{3, 7}));
}

TEST_P(stream_errors, an_input_that_throws_ends_the_stream_with_its_error) {
  for (const int n : {1, 10, 50}) {
    for (const int k : {0, n / 2, n - 1, n}) {
      for (const int buffer : {0, 1, 100}) {
        const fg::options asked{.buffer_size = buffer};
        const auto ordered = walk(pool.imap(asked, same, numbers(n, nullptr, k)));
        EXPECT_EQ(ordered.values, first(k));
        EXPECT_EQ(ordered.errors, (std::vector<std::string>{"no number " + std::to_string(k)}));
        EXPECT_TRUE(ordered.ended_with_error);
        const auto unordered = walk(pool.imap_unordered(asked, same, numbers(n, nullptr, k)));
        EXPECT_EQ(unordered.values, first(k));
        EXPECT_EQ(unordered.errors, ordered.errors);
        EXPECT_TRUE(unordered.ended_with_error);
      }
    }
  }
  EXPECT_THROW(pool.reduce(std::plus<>{}, pool.imap(same, numbers(10, nullptr, 6))), std::runtime_error);
  EXPECT_EQ(pool.submit([] { return 1; }).get(), 1) << "the pool stays usable";
}

TEST_P(stream_errors, an_input_whose_elements_throw_when_read) {
  const auto elements = std::views::iota(0, 10) | std::views::transform([](int i) { return i == 4 ? throw std::out_of_range("4") : i; });
  const auto found = walk(pool.imap(same, elements));
  EXPECT_EQ(found.values, first(4));
  EXPECT_EQ(found.errors, (std::vector<std::string>{"4"}));
}

TEST_P(stream_errors, one_of_several_inputs_throws) {
  const auto found = walk(pool.imap([](int a, int) { return a; }, numbers(), numbers(10, nullptr, 5)));
  EXPECT_EQ(found.values, first(5));
  EXPECT_EQ(found.errors, (std::vector<std::string>{"no number 5"}));
}

TEST_P(stream_errors, fail_fast_ends_after_the_first_error) {
  auto stream = pool.imap({.buffer_size = 2, .fail_fast = true}, fails_at_3_and_7, numbers(1000));
  std::vector<int> values;
  int errors = 0, cancelled = 0;
  for (auto&& each : stream.outcomes()) {
    if (each.has_value()) {
      values.push_back(each.value());
    } else {
      try {
        static_cast<void>(each.value());
      } catch (const fg::cancelled_error& e) {
        ++cancelled;
        EXPECT_NE(std::string(e.what()).find("imap: not begun, because another item failed (fail_fast)"), std::string::npos) << e.what();
      } catch (const std::out_of_range&) {
        ++errors;
      }
    }
  }
  EXPECT_EQ(errors, 1);
  EXPECT_LE(values.size(), 5u);
  EXPECT_LE(cancelled, 2);
  EXPECT_GE(values.size(), 3u);
}

TEST_P(stream_errors, a_timeout_is_the_last_item) {
  for (const bool ordered : {true, false}) {
    const fg::options asked{.timeout = 20ms};
    const auto found = ordered ? walk(pool.imap(asked, same, numbers())) : walk(pool.imap_unordered(asked, same, numbers()));
    EXPECT_EQ(found.errors.size(), 1u);
    EXPECT_TRUE(found.ended_with_error);
    EXPECT_EQ(found.values, first(static_cast<int>(found.values.size())));
  }
  EXPECT_THROW(
      {
        for ([[maybe_unused]] int each : pool.imap({.timeout = 0s}, same, numbers())) {
        }
      },
      fg::timeout_error);
  EXPECT_EQ(walk(pool.imap({.timeout = 100s}, same, numbers(10))).values, first(10));
}

TEST_P(stream_errors, a_stop_is_the_last_item) {
  std::stop_source source;
  auto stream = pool.imap({.stop = source.get_token()}, same, numbers());
  int values = 0;
  bool stopped = false;
  for (auto&& each : stream.outcomes()) {
    EXPECT_FALSE(stopped);
    if (each.has_value()) {
      if (++values == 10) source.request_stop();
    } else {
      EXPECT_THROW(static_cast<void>(each.value()), fg::cancelled_error);
      stopped = true;
    }
  }
  EXPECT_TRUE(stopped);
  EXPECT_LE(values, 10 + std::max(1, 2 * GetParam()));
}

TEST_P(stream_errors, request_stop_ends_the_stream) {
  auto stream = pool.imap(same, numbers());
  int values = 0;
  std::string last;
  for (auto&& each : stream.outcomes()) {
    if (each.has_value()) {
      if (++values == 10) pool.request_stop();
    } else {
      EXPECT_THROW(static_cast<void>(each.value()), fg::cancelled_error);
    }
  }
  EXPECT_GE(values, 10);
  EXPECT_EQ(walk(pool.imap(same, numbers(10))).values, first(10)) << "it can be used afterwards";
}

TEST_P(stream_errors, an_item_that_takes_too_long_has_timeout_error_with_its_index) {
  const auto f = [](const std::stop_token& token, int i) {
    while (i == 2 && !token.stop_requested()) std::this_thread::yield();
    return i;
  };
  auto stream = pool.imap({.task_timeout = 300ms}, f, fg::iota(5));
  int i = 0;
  for (auto at = stream.begin(); at != stream.end(); ++at, ++i) {
    if (i == 2) {
      expect_refused<fg::timeout_error>([&] { return *at; }, "item 2");
    } else {
      EXPECT_EQ(*at, i);
    }
  }
  EXPECT_EQ(i, 5);
}

TEST_P(stream_errors, a_wrong_total_is_misuse) {
  EXPECT_THROW(walk(pool.imap({.total = 4}, same, fg::iota(5))), std::invalid_argument) << "known at once";
  const auto found = walk(pool.imap({.total = 4}, same, numbers(5)));
  EXPECT_EQ(found.values, first(5));
  EXPECT_EQ(found.errors.size(), 1u);
  EXPECT_TRUE(found.ended_with_error);
  EXPECT_TRUE(walk(pool.imap({.total = 5}, same, numbers(5))).errors.empty());
}

TEST_P(stream_errors, negative_sizes_are_misuse) {
  EXPECT_THROW(pool.imap({.buffer_size = -1}, same, fg::iota(5)), std::invalid_argument);
  EXPECT_THROW(pool.imap_unordered({.buffer_size = -3}, same, numbers(5)), std::invalid_argument);
  EXPECT_THROW(pool.imap({.chunk_size = -1}, same, numbers(5)), std::invalid_argument);
  EXPECT_THROW(pool.imap({.total = -1}, same, numbers(5)), std::invalid_argument);
}

TEST_P(stream_errors, progress_counts_what_was_consumed_and_its_error_ends_the_stream) {
  std::vector<std::size_t> done, totals;
  const auto note = [&](std::size_t now, std::size_t total) {
    done.push_back(now);
    totals.push_back(total);
  };
  EXPECT_TRUE(walk(pool.imap({.progress = note}, same, fg::iota(5))).errors.empty());
  ASSERT_FALSE(done.empty());
  EXPECT_EQ(done.back(), 5u);
  EXPECT_EQ(totals.back(), 5u);
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  const auto fails = [](std::size_t now, std::size_t) {
    if (now == 3) throw std::logic_error("progress");
  };
  const auto found = walk(pool.imap({.progress = fails}, same, numbers()));
  EXPECT_EQ(found.errors, (std::vector<std::string>{"progress"}));
  EXPECT_TRUE(found.ended_with_error);
}
