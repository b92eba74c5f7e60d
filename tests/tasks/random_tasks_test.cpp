// SPDX-License-Identifier: MIT
// Random programs of tasks that submit, wait, cancel, throw, map and stream, nested in each other, compared with what they must give;
// FOLDGRID_RANDOM_RUNS says how many.
#include "../seed.hpp"
#include "backends.hpp"
#include "numbers.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using value = std::uint64_t;

constexpr value mix(value a, value b) {
  value x = (a ^ (b + 0x9E3779B97F4A7C15u + (a << 6) + (a >> 2))) * 0xBF58476D1CE4E5B9u;
  return x ^ (x >> 31);
}

struct failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A node of a random tree of tasks. Its value depends on its seed alone, not on how it is computed.
struct node {
  value seed;
  int depth;

  bool fails() const { return mix(seed, 1) % 8 == 0; }
  int children() const { return depth == 0 ? 0 : static_cast<int>(mix(seed, 2) % 5); }
  node child(int i) const { return {mix(seed, 10 + static_cast<value>(i)), depth - 1}; }
};

constexpr value of_a_failure = 17;

/// What the node must give; nothing when it must throw.
std::optional<value> expected(const node& of) {
  value sum = mix(of.seed, 3);
  for (int i = 0; i < of.children(); ++i) sum += expected(of.child(i)).value_or(of_a_failure) * static_cast<value>(i + 1);
  if (of.fails()) return std::nullopt;
  return sum;
}

/// Computes nodes on an executor, each in one of many ways, chosen by its seed.
class program {
 public:
  program(value seed, int workers) : pool_(on(workers)), seed_(seed) {}

  value compute(const node& of) const {
    value sum = mix(of.seed, 3);
    const std::vector<value> parts = compute_children(of);
    for (std::size_t i = 0; i < parts.size(); ++i) sum += parts[i] * (i + 1);
    if (of.fails()) throw failed("node");
    return sum;
  }
  const fg::executor& pool() const { return pool_; }
  node root(int i) const { return {mix(seed_, 1000 + static_cast<value>(i)), 3}; }

 private:
  using future = fg::future<value>;

  value caught(const node& of) const {
    try {
      return compute(of);
    } catch (const failed&) {
      return of_a_failure;
    }
  }
  static value value_of(future& of) {
    try {
      return of.get();
    } catch (const failed&) {
      return of_a_failure;
    }
  }
  future begin(const node& of) const {
    if (mix(of.seed, 4) % 4 == 0) return pool_.submit({.timeout = std::chrono::hours(1)}, [this, of] { return compute(of); });
    return pool_.submit([this, of] { return compute(of); });
  }

  std::vector<value> compute_children(const node& of) const {
    std::mt19937_64 random(of.seed);
    const int n = of.children();
    std::vector<node> nodes;
    for (int i = 0; i < n; ++i) nodes.push_back(of.child(i));
    if (n == 0) return {};
    switch (random() % 4) {
      case 0:
        return by_data(nodes, random);
      case 1:
        return by_streams(nodes, random);
      default:
        return by_futures(nodes, random);
    }
  }

  std::vector<value> by_data(const std::vector<node>& nodes, std::mt19937_64& random) const {
    const auto f = [this](const node& each) { return caught(each); };
    const fg::options asked{.chunk_size = random() % (nodes.size() + 2)};
    std::vector<value> found;
    switch (random() % 4) {
      case 0:
        return pool_.map(asked, f, nodes);
      case 1:
        return pool_.map_async(asked, f, nodes).get();
      case 2: {
        std::vector<fg::call<value>> calls;
        for (const node& each : nodes) calls.push_back(fg::delayed(f)(each));
        return pool_.parallel(asked, calls);
      }
      default:
        for (const auto& each : pool_.map_outcomes(asked, [this](const node& one) { return compute(one); }, nodes))
          found.push_back(each.has_value() ? each.value() : of_a_failure);
        return found;
    }
  }

  std::vector<value> by_streams(const std::vector<node>& nodes, std::mt19937_64& random) const {
    const auto f = [this](const node& each) { return compute(each); };
    const fg::options asked{.buffer_size = random() % 6};
    std::vector<value> found(nodes.size(), 0);
    const std::size_t leave_after = random() % 3 == 0 ? random() % nodes.size() : nodes.size();
    std::size_t taken = 0;
    const auto take = [&](auto&& stream) {
      for (const auto& each : stream.outcomes()) {
        found[each.index()] = each.has_value() ? each.value() : of_a_failure;
        if (++taken > leave_after) break;
      }
    };
    if (random() % 2 == 0) {
      take(pool_.imap(asked, f, nodes));
    } else {
      take(pool_.imap_unordered(asked, f, nodes));
    }
    if (taken > leave_after)
      for (std::size_t i = 0; i < nodes.size(); ++i) found[i] = expected(nodes[i]).value_or(of_a_failure);
    return found;
  }

  std::vector<value> by_futures(const std::vector<node>& nodes, std::mt19937_64& random) const {
    std::vector<future> all;
    std::vector<value> found;
    std::atomic<std::size_t> told = 0;
    for (const node& each : nodes) all.push_back(begin(each));
    const bool tells = random() % 3 == 0;
    if (tells)
      for (auto& each : all) each.on_done([&](const fg::outcome<value>&) { ++told; });
    switch (random() % 6) {
      case 0:
        fg::wait(all, static_cast<fg::return_when>(random() % 3));
        break;
      case 1:
        fg::wait(all, static_cast<fg::return_when>(random() % 3), std::chrono::nanoseconds(random() % 50000));
        break;
      case 2: {
        std::size_t left = all.size();
        for (auto& each : fg::as_completed(all)) left -= each.ready() ? 1 : 0;
        if (left != 0) throw std::logic_error("as_completed gave a future that was not done");
        break;
      }
      case 3:
        for (auto& each : all) static_cast<void>(each.wait(std::chrono::nanoseconds(random() % 20000)));
        break;
      case 4: {
        if (tells) break;  // the values are taken before their callbacks have run
        auto whole = fg::when_all(all);
        const auto error = whole.exception();
        const bool fails = std::any_of(nodes.begin(), nodes.end(), [](const node& each) { return !expected(each); });
        if (fails != (error != nullptr)) throw std::logic_error("when_all");
        if (!error) return whole.get();
        for (const node& each : nodes) found.push_back(expected(each).value_or(of_a_failure));
        return found;
      }
      default:
        break;
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (random() % 4 == 0 && all[i].cancel()) {
        try {
          static_cast<void>(all[i].get());
          throw std::logic_error("a cancelled future has a value");
        } catch (const fg::cancelled_error&) {
        }
        found.push_back(expected(nodes[i]).value_or(of_a_failure));
        continue;
      }
      if (random() % 4 == 0) {
        try {
          found.push_back(all[i].get(std::chrono::nanoseconds(random() % 20000)));
          continue;
        } catch (const fg::timeout_error&) {
        } catch (const failed&) {
        }
      }
      found.push_back(value_of(all[i]));
    }
    if (tells) {
      while (told != all.size()) std::this_thread::yield();  // those of failed and cancelled ones may still be told
    }
    return found;
  }

  const fg::executor pool_;
  const value seed_;
};

/// Ends the process, and says with which seed, when one program takes too long.
class watchdog {
 public:
  void begins(long run, value seed) {
    seed_ = seed;
    run_ = run;
    began_ = std::chrono::steady_clock::now().time_since_epoch().count();
  }

 private:
  std::atomic<long> run_ = 0;
  std::atomic<value> seed_ = 0;
  std::atomic<std::chrono::steady_clock::rep> began_ = std::chrono::steady_clock::now().time_since_epoch().count();
  std::jthread thread_{[this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      const auto now = std::chrono::steady_clock::now().time_since_epoch();
      if (now - std::chrono::steady_clock::duration(began_.load()) < std::chrono::seconds(20)) continue;
      std::fprintf(stderr, "program %ld of FOLDGRID_SEED=%llu has not ended after 20 s\n", run_.load(),
                   static_cast<unsigned long long>(seed_.load()));
      std::abort();
    }
  }};
};

void run_program(value seed) {
  std::mt19937_64 random(seed);
  const int workers = static_cast<int>(random() % 9), callers = 1 + static_cast<int>(random() % 3),
            roots = 1 + static_cast<int>(random() % 4);
  const program some(seed, workers);
  std::vector<std::jthread> threads;
  for (int caller = 0; caller < callers; ++caller)
    threads.emplace_back([&, caller] {
      std::vector<fg::future<value>> all;
      for (int i = 0; i < roots; ++i)
        all.push_back(some.pool().submit([&, i, caller] { return some.compute(some.root(roots * caller + i)); }));
      for (int i = 0; i < roots; ++i) {
        const auto must = expected(some.root(roots * caller + i));
        try {
          const value found = all[static_cast<std::size_t>(i)].get();
          EXPECT_EQ(found, must.value_or(0)) << "root " << i << " of caller " << caller << ", " << workers << " workers";
          EXPECT_TRUE(must) << "it must throw";
        } catch (const failed&) {
          EXPECT_FALSE(must) << "it must not throw";
        } catch (const std::exception& e) {
          ADD_FAILURE() << e.what();
        }
      }
    });
  threads.clear();
  if (random() % 3 == 0) some.pool().shutdown(random() % 2 == 0, random() % 2 == 0);
}

}  // namespace

TEST(random_tasks, give_what_they_must) {
  const char* const given = std::getenv("FOLDGRID_RANDOM_RUNS");
  const long runs = given ? std::strtol(given, nullptr, 0) : 1000;
  watchdog dog;
  for (long run = 0; run < runs; ++run) {
    SCOPED_TRACE("program " + std::to_string(run) + " of FOLDGRID_SEED=" + std::to_string(test_seed()));
    dog.begins(run, test_seed());
    run_program(test_seed() + static_cast<value>(run) * 0x9E3779B97F4A7C15u);
    if (testing::Test::HasFailure()) return;
  }
}
