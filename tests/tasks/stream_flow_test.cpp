// SPDX-License-Identifier: MIT
// How far a stream runs ahead, what it holds meanwhile, and how it is left before its end.
#include "../errors/caught.hpp"
#include "backends.hpp"
#include "numbers.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <ranges>
#include <sstream>
#include <stop_token>
#include <thread>
#include <vector>

class stream_flow : public on_a_backend {
 protected:
  /// The ordered stream and the unordered one, one after the other.
  template <class Walk>
  void both(Walk walk) {
    walk([this](const fg::options& asked, auto&&... given) { return pool.imap(asked, std::forward<decltype(given)>(given)...); });
    walk([this](const fg::options& asked, auto&&... given) { return pool.imap_unordered(asked, std::forward<decltype(given)>(given)...); });
  }
};
INSTANTIATE_TEST_SUITE_P(workers, stream_flow, testing::Values(0, 1, 2, 8));

TEST_P(stream_flow, never_more_than_buffer_size_elements_ahead) {
  both([&](auto make) {
    for (const int buffer : {1, 2, 3, 5, 16, 64, 0}) {
      const int most = buffer != 0 ? buffer : serial() ? 1 : 2 * GetParam();
      std::atomic<int> made = 0;
      auto stream = make({.buffer_size = buffer}, [](int i) { return i; }, numbers(300, &made));
      EXPECT_EQ(made, 0);
      int consumed = 0;
      for (auto at = stream.begin(); at != stream.end();) {
        ASSERT_LE(made, consumed + most) << "buffer " << buffer;
        static_cast<void>(*at);
        ASSERT_LE(made, consumed + most) << "buffer " << buffer;
        ++at;
        ++consumed;
      }
      EXPECT_EQ(consumed, 300);
      EXPECT_EQ(made, 300);
    }
  });
}

TEST_P(stream_flow, the_whole_buffer_is_used) {
  if (serial()) GTEST_SKIP() << "an item is computed when it is pulled";
  both([&](auto make) {
    for (const int buffer : {1, 2, 5, 64}) {
      counter done;
      auto stream = make({.buffer_size = buffer}, [&](int i) { return done.add(), i; }, numbers());
      auto at = stream.begin();
      done.wait_for(buffer);  // nobody consumes
      ++at;
      done.wait_for(buffer + 1);
      EXPECT_EQ(done.now(), buffer + 1);
    }
  });
}

TEST_P(stream_flow, an_endless_input_may_be_left_at_any_time) {
  both([&](auto make) {
    for (const int last : {0, 1, 50}) {
      std::atomic<int> made = 0;
      int consumed = 0;
      for ([[maybe_unused]] int each : make({.buffer_size = 4}, [](int i) { return i; }, numbers(numbers::none, &made)))
        if (consumed++ == last) break;
      EXPECT_LE(made, consumed + 4);
    }
  });
}

namespace {
/// How many objects there are, and how many there were at most.
struct tally {
  std::atomic<int> now = 0, most = 0;
};

/// Counts itself.
class live {
 public:
  explicit live(std::shared_ptr<tally> in) : in_(std::move(in)) { born(); }
  live(const live& other) : in_(other.in_) { born(); }
  live& operator=(const live&) = delete;
  ~live() { --in_->now; }

 private:
  void born() {
    const int now = ++in_->now;
    for (int before = in_->most; before < now && !in_->most.compare_exchange_weak(before, now);) {
    }
  }
  std::shared_ptr<tally> in_;
};

auto counted_elements(int n, const std::shared_ptr<tally>& in) {
  return std::views::iota(0, n) | std::views::transform([in](int) { return live(in); });
}
}  // namespace

TEST_P(stream_flow, holds_no_more_results_and_elements_than_fit_into_the_buffer) {
  both([&](auto make) {
    for (const int buffer : {1, 3, 10}) {
      const auto elements = std::make_shared<tally>(), results = std::make_shared<tally>();
      const auto f = [&](const live&) { return live(results); };
      for ([[maybe_unused]] live&& each : make({.buffer_size = buffer}, f, counted_elements(sanitized ? 2000 : 20000, elements))) {
      }
      EXPECT_EQ(elements->now, 0);
      EXPECT_LE(results->most, 2 * buffer + 2 + GetParam()) << "each and one that it is made from";
      EXPECT_LE(elements->most, 2 * buffer + 2 + GetParam());
    }
  });
}

TEST_P(stream_flow, an_element_is_gone_when_its_item_is_done) {
  if (serial()) GTEST_SKIP() << "an item is computed when it is pulled";
  for (int round = 0; round < 100; ++round) {
    const auto elements = std::make_shared<tally>();
    auto stream = pool.imap({.buffer_size = 5}, [&](const live&) { return 1; }, counted_elements(5, elements));
    auto at = stream.begin();
    for (int passed = 0; passed < 5; ++passed, ++at) {
      static_cast<void>(*at);
      ASSERT_LE(elements->now, 4 - passed);
    }
  }
}

TEST_P(stream_flow, a_result_is_gone_when_it_has_been_passed) {
  both([&](auto make) {
    for (int round = 0; round < 300; ++round) {
      const auto elements = std::make_shared<tally>(), results = std::make_shared<tally>();
      auto stream = make({.buffer_size = 5}, [&](const live&) { return live(results); }, counted_elements(5, elements));
      auto at = stream.begin();
      for (int passed = 0; passed < 5; ++passed) {
        static_cast<void>(*at);
        ++at;
      }
      ASSERT_EQ(results->now, 0) << "round " << round;
    }
  });
}

TEST_P(stream_flow, dropping_one_cancels_what_has_not_begun_and_waits_for_what_runs) {
  if (serial()) GTEST_SKIP() << "nothing is pending";
  both([&](auto make) {
    const int workers = GetParam(), buffer = workers + 10;
    const auto elements = std::make_shared<tally>();
    std::atomic<int> ended = 0;
    counter begun;
    gate end;
    std::jthread opens;
    {
      auto stream = make(
          {.buffer_size = buffer},
          [&](const live&) {
            begun.add();
            end.wait();
            ++ended;
            return 1;
          },
          counted_elements(buffer, elements));
      static_cast<void>(stream.begin());
      begun.wait_for(workers);
      opens = std::jthread([&] {
        while (elements->now > workers) std::this_thread::yield();  // the elements of pending items
        end.open();
      });
    }
    EXPECT_EQ(begun.now(), workers);
    EXPECT_EQ(ended, workers);
    EXPECT_EQ(elements->now, 0);
  });
}

TEST_P(stream_flow, one_that_is_overwritten_is_dropped) {
  std::atomic<int> running = 0;
  const auto f = [&](int i) {
    ++running;
    std::this_thread::yield();
    --running;
    return i;
  };
  auto stream = pool.imap(f, numbers());
  static_cast<void>(stream.begin());
  stream = pool.imap(f, numbers(3));
  EXPECT_EQ(running, 0);
  int consumed = 0;
  for ([[maybe_unused]] int each : stream) ++consumed;
  EXPECT_EQ(consumed, 3);
}

TEST_P(stream_flow, what_is_computed_can_be_had_after_a_shutdown_then_it_is_broken) {
  for (const bool destroyed : {false, true}) {
    auto short_lived = std::make_optional<fg::executor>(on(GetParam()));
    auto ordered = short_lived->imap({.buffer_size = 4}, [](int i) { return i; }, numbers());
    auto unordered = short_lived->imap_unordered({.buffer_size = 4}, [](int i) { return i; }, numbers());
    auto at = ordered.begin();
    auto other = unordered.begin();
    for (int i = 0; i < 10; ++i) {
      ++at;
      ++other;
    }
    short_lived->shutdown();
    if (destroyed) short_lived.reset();
    const int ahead = serial() ? 1 : 4;
    for (int i = 0; i < ahead; ++i, ++at) EXPECT_EQ(*at, 10 + i);
    EXPECT_THROW(static_cast<void>(*at), fg::broken_executor);
    ++at;
    EXPECT_TRUE(at == ordered.end());
    for (int i = 0; i < ahead; ++i, ++other) EXPECT_NO_THROW(static_cast<void>(*other));
    EXPECT_THROW(static_cast<void>(*other), fg::broken_executor);
    ++other;
    EXPECT_TRUE(other == unordered.end());
  }
}

TEST_P(stream_flow, items_that_a_shutdown_cancels_say_so) {
  if (serial()) GTEST_SKIP() << "nothing is pending";
  occupied workers(pool, GetParam());
  auto stream = pool.imap({.buffer_size = 3}, [](int i) { return i; }, numbers());
  auto at = stream.begin();
  pool.shutdown(false, true);
  for (int i = 0; i < 3; ++i, ++at) EXPECT_THROW(static_cast<void>(*at), fg::cancelled_error);
  EXPECT_THROW(static_cast<void>(*at), fg::broken_executor);
  ++at;
  EXPECT_TRUE(at == stream.end());
}

TEST_P(stream_flow, one_that_outlives_its_executor_may_be_dropped) {
  std::atomic<int> runs = 0;
  for (int round = 0; round < 50; ++round) {
    std::optional<fg::stream<int>> stream;
    {
      const fg::executor short_lived{on(GetParam())};
      stream = short_lived.imap([&](int i) { return ++runs, i; }, numbers());
      static_cast<void>(*stream->begin());
    }
  }
  EXPECT_GE(runs, 50);
}

TEST_P(stream_flow, outcomes_of_a_temporary_own_the_stream) {
  both([&](auto make) {
    int consumed = 0;
    for (auto&& each : make({.buffer_size = 2}, [](int i) { return std::make_unique<int>(i); }, numbers()).outcomes()) {
      const std::unique_ptr<int> mine = std::move(each).value();
      EXPECT_GE(*mine, 0);
      if (++consumed == 100) break;
    }
    EXPECT_EQ(consumed, 100);
  });
}

TEST_P(stream_flow, nothing_to_do_ends_a_stream_that_is_late_or_stopped) {
  std::stop_source stopped;
  stopped.request_stop();
  both([&](auto make) {
    const auto f = [](int i) { return i; };
    for ([[maybe_unused]] int each : make({.timeout = std::chrono::seconds(0)}, f, std::vector<int>{})) ADD_FAILURE();
    for ([[maybe_unused]] int each : make({.stop = stopped.get_token()}, f, std::vector<int>{})) ADD_FAILURE();
  });
}

TEST_P(stream_flow, reads_nothing_behind_the_shortest_input) {
  both([&](auto make) {
    std::istringstream typed("0 1 2 3 4");
    int sum = 0, next = 0;
    for (int each : make({}, [](int a, int b) { return a + b; }, fg::iota(3), std::views::istream<int>(typed))) sum += each;
    EXPECT_EQ(sum, 6);
    typed >> next;
    EXPECT_EQ(next, 3);
  });
}

TEST_P(stream_flow, a_repeated_value_is_shared) {
  both([&](auto make) {
    int sum = 0;
    auto add = [](int i, const std::unique_ptr<int>& shared) { return i + *shared; };
    for (int each : make({}, add, fg::iota(100), fg::repeat(std::make_unique<int>(7)))) sum += each;
    EXPECT_EQ(sum, 4950 + 700);
  });
}
