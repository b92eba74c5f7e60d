// SPDX-License-Identifier: MIT
// Things that happen at the same moment, again and again: each ends in one of its two ways, and nothing hangs or is lost.
#include "../errors/caught.hpp"
#include "backends.hpp"
#include "numbers.hpp"

#include <atomic>
#include <barrier>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

static constexpr int rounds = 1000;

/// A thread beside the test's own, which does something once a round, both having arrived.
class rival {
 public:
  template <class Act>
  rival(int runs, Act act)
      : thread_([this, runs, act] {
          for (int round = 0; round < runs; ++round) {
            ready_.arrive_and_wait();
            act(round);
            ready_.arrive_and_wait();
          }
        }) {}
  template <class Act>
  void against(Act&& act) {
    ready_.arrive_and_wait();
    act();
    ready_.arrive_and_wait();
  }

 private:
  std::barrier<> ready_{2};
  std::jthread thread_;
};

class races : public testing::TestWithParam<int> {
 protected:
  std::optional<fg::executor> pool{std::in_place, on(GetParam())};
};
INSTANTIATE_TEST_SUITE_P(workers, races, testing::Values(1, 2, 8));

TEST_P(races, cancel_against_start) {
  int cancelled = 0;
  for (int round = 0; round < rounds; ++round) {
    std::atomic<int> runs = 0;
    auto found = pool->submit([&] { return ++runs; });
    if (round % 2 == 0) std::this_thread::yield();
    const bool won = found.cancel();
    cancelled += won;
    if (won) {
      ASSERT_THROW(found.get(), fg::cancelled_error);
      ASSERT_EQ(runs, 0);
    } else {
      ASSERT_EQ(found.get(), 1);
    }
    ASSERT_EQ(found.cancel(), won);
  }
  RecordProperty("cancelled", cancelled);
}

TEST_P(races, cancel_against_start_by_a_task_that_waits) {
  for (int round = 0; round < rounds; ++round) {
    fg::future<int> child;
    gate submitted;
    auto parent = pool->submit([&] {
      child = pool->submit([] { return 1; });
      submitted.open();
      child.wait();
    });
    submitted.wait();
    const bool won = child.cancel();
    parent.get();
    if (won) {
      ASSERT_THROW(child.get(), fg::cancelled_error);
    } else {
      ASSERT_EQ(child.get(), 1);
    }
  }
}

TEST_P(races, a_result_against_a_limit) {
  for (int round = 0; round < rounds; ++round) {
    auto found = pool->submit([] { return std::make_unique<int>(7); });
    const auto limit = std::chrono::nanoseconds(round * 50 % 40000);
    if (round % 3 == 0) {
      const bool ready = found.wait(limit);
      ASSERT_TRUE(!ready || found.ready());
    }
    try {
      ASSERT_EQ(*found.get(limit), 7);
    } catch (const fg::timeout_error&) {
      ASSERT_EQ(*found.get(), 7);
    }
  }
}

TEST_P(races, wait_for_many_against_their_ends) {
  for (int round = 0; round < rounds; ++round) {
    std::vector<fg::future<int>> all;
    for (int i = 0; i < 5; ++i) all.push_back(pool->submit([i] { return i; }));
    const auto limit = std::chrono::nanoseconds(round * 50 % 60000);
    const auto when = static_cast<fg::return_when>(round % 3);
    const auto found = fg::wait(all, when, limit);
    ASSERT_EQ(found.done.size() + found.not_done.size(), 5u);
    for (const std::size_t each : found.done) ASSERT_TRUE(all[each].ready());
    ASSERT_FALSE(fg::wait(all, fg::return_when::first_completed).done.empty());
    ASSERT_TRUE(fg::wait(all, fg::return_when::first_exception).not_done.empty());
  }
}

TEST_P(races, as_completed_against_cancel) {
  std::vector<fg::future<int>> all;
  rival cancels(rounds, [&](int) {
    for (std::size_t i = all.size(); i-- > 0;) all[i].cancel();
  });
  for (int round = 0; round < rounds; ++round) {
    all.clear();
    for (int i = 0; i < 5; ++i) all.push_back(pool->submit([i] { return i; }));
    cancels.against([&] {
      int seen = 0;
      for (auto& each : fg::as_completed(all)) {
        EXPECT_TRUE(each.ready());
        ++seen;
      }
      EXPECT_EQ(seen, 5);
    });
  }
}

TEST_P(races, when_all_against_the_ends_of_its_parts) {
  for (int round = 0; round < rounds; ++round) {
    auto a = pool->submit([] { return 1; });
    auto b = pool->submit([] { return std::make_unique<int>(2); });
    auto whole = fg::when_all(a, b);
    if (round % 4 == 0 && whole.cancel()) continue;
    if (round % 4 == 1) {
      const bool first = a.cancel();
      if (first) {
        ASSERT_THROW(whole.get(), fg::cancelled_error);
        continue;
      }
    }
    ASSERT_EQ(*std::get<1>(whole.get()), 2);
  }
}

TEST_P(races, callbacks_against_the_end) {
  std::atomic<int> seen = 0;
  for (int round = 0; round < rounds; ++round) {
    auto found = pool->submit([] { return std::make_unique<int>(1); });
    for (int i = 0; i < 3; ++i) found.on_done([&](const fg::outcome<std::unique_ptr<int>>& outcome) { seen += *outcome.value(); });
    ASSERT_EQ(*found.get(), 1) << "get() takes nothing away while callbacks read it";
    ASSERT_EQ(seen, 3 * (round + 1));
  }
}

TEST_P(races, submit_against_shutdown) {
  for (int round = 0; round < rounds; ++round) {
    pool.emplace(on(GetParam()));
    std::atomic<int> runs = 0;
    int accepted = 0;
    std::vector<fg::future<void>> all;
    std::jthread submits([&] {
      try {
        for (;;) {
          all.push_back(pool->submit([&] { ++runs; }));
          ++accepted;
        }
      } catch (const fg::broken_executor&) {
      }
    });
    if (round % 2 == 0) std::this_thread::yield();
    const bool cancels = round % 3 == 0;
    pool->shutdown(round % 5 != 0, cancels);
    submits.join();
    int done = 0, cancelled = 0;
    for (auto& each : all) {
      try {
        each.get();
        ++done;
      } catch (const fg::cancelled_error&) {
        ++cancelled;
      }
    }
    ASSERT_EQ(done + cancelled, accepted) << "each that was accepted is done";
    ASSERT_EQ(done, runs);
    ASSERT_TRUE(cancels || cancelled == 0) << "what was accepted is drained, round " << round;
  }
}

TEST_P(races, submit_against_request_stop) {
  rival stops(rounds, [&](int) { pool->request_stop(); });
  for (int round = 0; round < rounds; ++round) {
    std::vector<fg::future<int>> all;
    std::vector<int> streamed;
    stops.against([&] {
      for (int i = 0; i < 5; ++i) all.push_back(pool->submit([i] { return i; }));
      for (auto&& each : pool->imap([](int i) { return i; }, numbers(5)).outcomes())
        if (each.has_value()) streamed.push_back(each.value());
    });
    for (int i = 0; i < 5; ++i) {
      try {
        ASSERT_EQ(all[static_cast<std::size_t>(i)].get(), i);
      } catch (const fg::cancelled_error&) {
      }
    }
    for (std::size_t i = 1; i < streamed.size(); ++i) ASSERT_LT(streamed[i - 1], streamed[i]);
  }
}

TEST_P(races, futures_and_executors_dropped_in_any_order) {
  std::atomic<int> runs = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<fg::future<int>> all;
    std::optional<fg::stream<int>> stream;
    {
      const fg::executor local{on(GetParam())};
      for (int i = 0; i < 4; ++i) all.push_back(local.submit([&] { return ++runs; }));
      if (round % 2 == 0) stream = local.imap([](int i) { return i; }, numbers());
      if (stream) static_cast<void>(stream->begin());
      if (round % 3 == 0) all.clear();
    }
    for (auto& each : all) ASSERT_TRUE(each.ready());
  }
  EXPECT_EQ(runs, 4 * rounds);
}

TEST_P(races, many_threads_submit_to_one_executor) {
  std::vector<std::jthread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < rounds / 4; ++round) {
        auto found = pool->submit([t, round] { return t * round; });
        auto nested = pool->submit([&] { return pool->submit([] { return 1; }).get(); });
        int sum = 0;
        for (int each : pool->imap({.buffer_size = 2}, [](int i) { return i; }, numbers(4))) sum += each;
        wrong += found.get() != t * round || nested.get() != 1 || sum != 6;
      }
    });
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

TEST_P(races, single_tasks_one_after_another_never_hang) {
  for (int round = 0; round < 20 * rounds; ++round) ASSERT_EQ(pool->submit([round] { return round; }).get(), round);
}

TEST_P(races, tasks_against_maps) {
  std::atomic<bool> over = false;
  std::vector<std::jthread> maps;
  maps.emplace_back([&] {
    while (!over) EXPECT_EQ(pool->map({.chunk_size = 1}, [](int i) { return i; }, fg::iota(4)).size(), 4u);
  });
  for (int round = 0; round < rounds; ++round) {
    auto one = pool->submit([&] { return pool->map({.chunk_size = 1}, [](int i) { return i; }, fg::iota(3)).size(); });
    auto two = pool->submit([] { return 2; });
    EXPECT_EQ(one.get() + static_cast<std::size_t>(two.get()), 5u);
  }
  over = true;
}

/// Whoever is woken for the task must not go to the map and leave the task to workers that sleep.
TEST_P(races, a_task_that_a_map_waits_for) {
  gate opened[rounds / 4];
  rival mapping(rounds / 4, [&](int round) {
    const auto wait = [&opened, round](int i) {
      opened[round].wait();
      return i;
    };
    EXPECT_EQ(pool->map({.chunk_size = 1}, wait, fg::iota(20)).size(), 20u);
  });
  for (int round = 0; round < rounds / 4; ++round) {
    if (round % 3 == 0) std::this_thread::sleep_for(200us);  // workers fall asleep
    mapping.against([&] {
      if (round % 2 == 0) std::this_thread::sleep_for(std::chrono::microseconds(round % 50));
      pool->submit([&opened, round] { opened[round].open(); }).get();
    });
  }
}

TEST_P(races, as_many_tasks_as_workers_wait_for_one_another) {
  for (int round = 0; round < rounds / 4; ++round) {
    if (round % 3 == 0) std::this_thread::sleep_for(200us);
    std::barrier<> all_here(GetParam());
    std::vector<fg::future<void>> all;
    for (int i = 0; i < GetParam(); ++i) all.push_back(pool->submit([&] { all_here.arrive_and_wait(); }));
    for (auto& each : all) each.get();
  }
}
