// SPDX-License-Identifier: MIT
// Eight threads call every kind of verb on one executor for so many seconds, while other threads keep all cores busy: every result is
// checked, and resident memory must stay as it was after the first tenth of the time, in which each thread has called each verb.
//   soak [SECONDS]     5 when not given
#include "../seed.hpp"

#include <foldgrid/foldgrid.hpp>

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace fg = foldgrid;

namespace {

using value = std::uint64_t;
using steady = std::chrono::steady_clock;

constexpr int callers = 8;
constexpr double most_growth = 8;  // MiB
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sees_memory = false;  // they keep what is freed
#else
constexpr bool sees_memory = true;
#endif

void expect(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}
template <class E, class F>
bool throws(F&& f) {
  try {
    return f(), false;
  } catch (const E&) {
    return true;
  }
}

value square(value x) { return x * x + 1; }
value sum_of_squares(value n) {
  value sum = 0;
  for (value i = 0; i < n; ++i) sum += square(i);
  return sum;
}

/// One of the threads that call.
class caller {
 public:
  caller(const fg::executor& pool, value seed) : pool_(pool), random_(seed) {}

  struct verb {
    const char* name;
    void (caller::*call)();
  };
  static constexpr int verb_count = 13;
  static const verb verbs[verb_count];

  void call(value which) { (this->*verbs[which].call)(); }
  value below(value n) { return random_() % n; }

 private:
  std::vector<value> numbers(value n) {
    std::vector<value> all(n);
    std::iota(all.begin(), all.end(), value{0});
    return all;
  }

  void map() {
    const auto xs = numbers(below(3000));
    const auto found = pool_.map({.chunk_size = below(100)}, square, xs);
    expect(found.size() == xs.size(), "map: length");
    for (value i = 0; i < found.size(); ++i) expect(found[i] == square(i), "map: value");
  }
  void reduce() {
    const value n = 1 + below(3000);
    std::vector<std::string> words(1 + below(60));
    std::string all;
    for (auto& each : words) all += each = std::string(1, static_cast<char>('a' + below(26)));
    expect(pool_.reduce(std::plus<>{}, numbers(n)) == n * (n - 1) / 2, "reduce: sum");
    expect(pool_.reduce(std::plus<>{}, words) == all, "reduce: order");
  }
  void map_reduce() {
    const value n = 1 + below(5000);
    expect(pool_.map_reduce(square, std::plus<>{}, numbers(n)) == sum_of_squares(n), "map_reduce");
  }
  void submit() {
    std::vector<fg::future<value>> all;
    for (value i = 0; i < 40; ++i) all.push_back(pool_.submit(square, i));
    if (below(2) == 0) fg::wait(all, static_cast<fg::return_when>(below(3)));
    for (value i = 0; i < all.size(); ++i) expect(all[i].get() == square(i), "submit");
  }
  void imap() {
    const value n = 1 + below(200), leave_after = below(2) == 0 ? n : below(n);
    value i = 0;
    for (const value each : pool_.imap({.buffer_size = below(20)}, square, numbers(n))) {
      expect(each == square(i), "imap");
      if (++i == leave_after) break;
    }
    expect(i >= std::min(n, leave_after), "imap: length");
  }
  void imap_unordered() {
    const value n = 1 + below(200), leave_after = below(2) == 0 ? n : below(n);
    value sum = 0, taken = 0;
    for (const value each : pool_.imap_unordered({.buffer_size = below(20)}, square, numbers(n))) {
      sum += each;
      if (++taken == leave_after) break;
    }
    if (leave_after == n) expect(sum == sum_of_squares(n), "imap_unordered");
  }
  void reduce_stream() {
    const value n = 1 + below(300);
    expect(pool_.reduce(std::plus<>{}, pool_.imap(square, numbers(n))) == sum_of_squares(n), "reduce of a stream");
  }
  void when_all() {
    std::vector<fg::future<value>> all;
    for (value i = 0; i < 10; ++i) all.push_back(pool_.submit(square, i));
    auto several = fg::when_all(all);
    auto left = pool_.submit(square, 7);
    auto right = pool_.map_async(square, numbers(20));
    auto two = fg::when_all(left, right);
    const auto found = several.get();
    for (value i = 0; i < 10; ++i) expect(found[i] == square(i), "when_all");
    const auto [one, more] = two.get();
    expect(one == square(7) && more.size() == 20 && more[19] == square(19), "when_all of two");
  }
  void cancel() {
    std::vector<fg::future<value>> all;
    for (value i = 0; i < 30; ++i) all.push_back(pool_.submit(square, i));
    for (value i = 0; i < all.size(); ++i) {
      const bool cancelled = below(2) == 0 && all[i].cancel();
      if (cancelled) {
        expect(throws<fg::cancelled_error>([&] { static_cast<void>(all[i].get()); }), "cancel: no error");
      } else if (below(4) != 0) {  // others are dropped
        expect(all[i].get() == square(i), "cancel: value");
      }
    }
    std::stop_source stop;
    stop.request_stop();
    expect(throws<fg::cancelled_error>([&] { pool_.map({.stop = stop.get_token()}, square, numbers(10)); }), "a stopped map");
  }
  void timeouts() {
    const auto slow = [](value x) { return std::this_thread::sleep_for(std::chrono::microseconds(200)), x; };
    try {
      expect(pool_.map({.timeout = std::chrono::microseconds(below(20000))}, slow, numbers(40)).size() == 40, "map with a timeout");
    } catch (const fg::timeout_error&) {
    }
    auto late = pool_.submit(slow, 5);
    try {
      expect(late.get(std::chrono::microseconds(below(400))) == 5, "get with a timeout");
    } catch (const fg::timeout_error&) {
      expect(late.get() == 5, "get after a timeout");
    }
    const auto until_stopped = [](const std::stop_token& stop) {
      while (!stop.stop_requested()) std::this_thread::yield();
    };
    auto endless = pool_.submit({.task_timeout = std::chrono::milliseconds(1)}, until_stopped);
    expect(throws<fg::timeout_error>([&] { endless.get(); }), "a task that takes too long");
  }
  void exceptions() {
    const value n = 1 + below(500), bad = below(n);
    const auto f = [bad](value x) { return x >= bad ? throw std::runtime_error("bad") : x; };
    try {
      pool_.map(f, numbers(n));
      expect(false, "map: no error");
    } catch (const fg::task_error& e) {
      expect(e.index() == bad, "map: another index than the smallest");
    }
    for (const auto& each : pool_.map_outcomes(f, numbers(n))) expect(each.has_value() == (each.index() < bad), "map_outcomes");
    std::atomic<bool> told = false;
    auto task = pool_.submit(f, n);
    task.on_done([&](const fg::outcome<value>& found) { told = !found.has_value(); });
    expect(throws<std::runtime_error>([&] { static_cast<void>(task.get()); }), "submit: no error");
    while (!told) std::this_thread::yield();
  }
  void nested() {
    const value n = 1 + below(200);
    const auto inner = [this, n](value seed) {
      std::vector<value> xs(n, seed);
      auto half = pool_.submit([this, xs] { return pool_.reduce(std::plus<>{}, xs); });
      const auto squares = pool_.map(square, xs);
      return half.get() + std::accumulate(squares.begin(), squares.end(), value{0});
    };
    auto task = pool_.submit(inner, 3);
    const auto all = pool_.map(inner, numbers(6));
    for (value seed = 0; seed < 6; ++seed) expect(all[seed] == n * (seed + square(seed)), "nested map");
    expect(task.get() == n * (3 + square(3)), "nested task");
  }
  void another_executor() {
    fg::future<value> outlives;
    {
      const fg::executor own{{.where = fg::backend::threads, .workers = 1 + below(4)}};
      for (value i = 0; i < 5; ++i) outlives = own.submit(square, i);
      expect(own.map(square, numbers(50))[49] == square(49), "map of another executor");
    }
    expect(outlives.get() == square(4), "a future that outlives its executor");
  }

  const fg::executor& pool_;
  std::mt19937_64 random_;
};

const caller::verb caller::verbs[] = {
    {"map", &caller::map},
    {"reduce", &caller::reduce},
    {"map_reduce", &caller::map_reduce},
    {"submit", &caller::submit},
    {"imap", &caller::imap},
    {"imap_unordered", &caller::imap_unordered},
    {"reduce of a stream", &caller::reduce_stream},
    {"when_all", &caller::when_all},
    {"cancel", &caller::cancel},
    {"timeouts", &caller::timeouts},
    {"exceptions", &caller::exceptions},
    {"nested", &caller::nested},
    {"another executor", &caller::another_executor},
};

double resident_mib() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

}  // namespace

int main(int argc, char** argv) {
  const std::chrono::duration<double> asked(argc > 1 ? std::strtod(argv[1], nullptr) : 5);
  if (!(asked.count() > 0)) return std::fprintf(stderr, "usage: soak [SECONDS]; SECONDS must be a number above 0\n"), 2;
  mallopt(M_ARENA_MAX, 2);  // else what threads free stays with them, which is no growth of the library's
  const auto seed = test_seed();
  const auto began = steady::now();
  const auto over = [&](double part) { return steady::now() - began > asked * part; };
  std::atomic<bool> failed = false;
  std::atomic<std::uint64_t> calls[caller::verb_count] = {};
  const fg::executor pool{{.where = fg::backend::threads, .workers = 4}};
  std::vector<std::jthread> threads;
  for (unsigned core = 0; core < std::max(1u, std::thread::hardware_concurrency()); ++core)
    threads.emplace_back([](const std::stop_token& stop) {
      for (volatile value busy = 0; !stop.stop_requested();) busy = busy + 1;
    });
  std::vector<std::jthread> calling;
  std::atomic<int> left = callers, beginning = callers;
  for (int i = 0; i < callers; ++i)
    calling.emplace_back([&, i] {
      caller here(pool, seed + static_cast<value>(i));
      try {
        for (value k = 0; k < caller::verb_count; ++k) here.call(k);
        --beginning;
        while (!failed && !over(1)) {
          const value which = here.below(caller::verb_count);
          here.call(which);
          ++calls[which];
        }
      } catch (const std::exception& e) {
        std::fprintf(stderr, "soak: thread %d: %s\n", i, e.what());
        failed = true;
      }
      --left;
    });

  double before = 0, most = 0;
  while (left != 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    double& highest = over(0.1) && beginning == 0 ? most : before;
    highest = std::max(highest, resident_mib());
    if (steady::now() - began > asked + std::chrono::seconds(60)) {
      std::fprintf(stderr, "soak: %d of %d threads have not ended a minute after the time was over\n", left.load(), callers);
      std::abort();
    }
  }
  calling.clear();
  std::uint64_t all = 0;
  for (int i = 0; i < caller::verb_count; ++i) {
    std::printf("%-18s %10llu calls\n", caller::verbs[i].name, static_cast<unsigned long long>(calls[i].load()));
    all += calls[i];
  }
  std::printf("%llu calls in %.0f s; resident: at most %.1f MiB in the first tenth, %.1f MiB later (may grow by %.0f)\n",
              static_cast<unsigned long long>(all), asked.count(), before, most, most_growth);
  if (sees_memory && most > before + most_growth) {
    std::fprintf(stderr, "soak: memory grew by %.1f MiB, more than %.0f\n", most - before, most_growth);
    failed = true;
  }
  return failed ? 1 : 0;
}
