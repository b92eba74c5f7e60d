// SPDX-License-Identifier: MIT
// Streams that are dropped while their items run, and walked while their executor is shut down, again and again.
#include "backends.hpp"
#include "numbers.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

static constexpr int stream_rounds = 1000;

class stream_races : public testing::TestWithParam<int> {
 protected:
  std::optional<fg::executor> pool{std::in_place, on(GetParam())};
};
INSTANTIATE_TEST_SUITE_P(workers, stream_races, testing::Values(1, 2, 8));

TEST_P(stream_races, dropped_while_its_items_run) {
  for (int round = 0; round < stream_rounds; ++round) {
    auto owned = std::make_unique<std::vector<int>>(20, 3);
    std::atomic<int> running = 0;
    {
      const auto f = [&](int i) {
        ++running;
        const int found = owned->at(static_cast<std::size_t>(i));
        --running;
        return found;
      };
      const auto leave = [&](auto&& stream) {
        int seen = 0;
        for (int each : stream) {
          EXPECT_EQ(each, 3);
          if (++seen > round % 5) break;
        }
      };
      const fg::options asked{.buffer_size = 1 + round % 7};
      if (round % 2 == 0) {
        leave(pool->imap(asked, f, fg::iota(20)));
      } else {
        leave(pool->imap_unordered(asked, f, fg::iota(20)));
      }
    }
    ASSERT_EQ(running, 0);
    owned.reset();
  }
}

TEST_P(stream_races, walked_against_shutdown) {
  for (int round = 0; round < stream_rounds; ++round) {
    pool.emplace(on(GetParam()));
    auto stream = round % 2 == 0 ? pool->imap([](int i) { return i; }, numbers())
                                 : pool->imap({.buffer_size = 1}, [](int i) { return i; }, numbers());
    std::jthread closes([&] { pool->shutdown(true, round % 3 == 0); });
    int next = 0;
    bool broken = false;
    for (auto&& each : stream.outcomes()) {
      const int expected = next++;
      try {
        EXPECT_EQ(each.value(), expected);
      } catch (const fg::cancelled_error&) {
        EXPECT_EQ(round % 3, 0);
      } catch (const fg::broken_executor&) {
        broken = true;
      }
    }
    ASSERT_TRUE(broken);
  }
}
