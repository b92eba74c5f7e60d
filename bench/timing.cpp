// SPDX-License-Identifier: MIT
// The timing table: every verb with tasks that sleep, against the ideal time, and with tasks that do nothing, for what the library costs
// each of them. Measured by Google Benchmark, which also keeps the figures.
#include "statistics.hpp"
#include "text.hpp"
#include "timing_table.hpp"
#include "timing_verbs.hpp"

#include <foldgrid/foldgrid.hpp>

#include <benchmark/benchmark.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace fg = foldgrid;
using bench::verb;
using bench::verbs;

namespace {

constexpr const char* help =
    "foldgrid_timing: every verb with tasks that sleep and with tasks that do nothing\n"
    "  --tasks N         tasks that sleep, of each verb but apply, which runs 1 of 50 of them one after another (1000)\n"
    "  --seconds S       what each of them sleeps (0.1)\n"
    "  --workers N       tasks at a time (12)\n"
    "  --empty N         tasks that do nothing, of each verb (100000)\n"
    "  --items N         items of the stream whose memory is watched (10000000)\n"
    "  --repeats N       repeats of what takes no time, of which the median is taken (25)\n"
    "  --quick           20 tasks of 0.01 s, 10000 that do nothing, 3 repeats\n"
    "  --help            this text\n"
    "--benchmark_out=FILE keeps the figures as JSON. Exit status 1 when a result was wrong.\n";

struct settings {
  long long tasks = 1000, empty = 100'000, items = 10'000'000, repeats = 25;
  int workers = 12;
  double seconds = 0.1;
} setting;

bool wrong = false;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

long long identity(long long i) {
  benchmark::DoNotOptimize(i);
  return i;
}
long long nap(long long i) {
  std::this_thread::sleep_for(std::chrono::duration<double>(setting.seconds));
  return i;
}

/// Seconds that n tasks take; notes a wrong result.
template <class Run>
double timed(long long n, Run run) {
  const double start = now();
  const long long sum = run(n);
  const double seconds = now() - start;
  if (sum != (n - 1) * n / 2) wrong = true;
  return seconds;
}

long long plain_loop(long long n) {
  long long sum = 0;
  for (long long i = 0; i < n; ++i) sum += identity(i);
  return sum;
}

fg::executor_options on(int workers) { return {.where = fg::backend::threads, .workers = workers}; }

/// Registers a benchmark whose figures are counters.
void add(const std::string& name, std::function<void(benchmark::State&)> measure) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [measure](benchmark::State& state) {
                                 wrong = false;
                                 measure(state);
                                 if (wrong) state.SkipWithError("a wrong result");
                               })
      ->Iterations(1)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
}

void keep_time(benchmark::State& state, double seconds) {
  for (auto _ : state) state.SetIterationTime(seconds);
}

/// Tasks that sleep: the ideal time is what it takes when nothing but the sleep does. `allowed` is how many times that, where they sleep
/// long enough for such a bar; 0 for any.
void add_sleeping(const std::string& name, long long tasks, int workers, double seconds, double allowed,
                  std::function<long long(const fg::executor&, long long)> run, bool one_at_a_time) {
  add("sleeping/" + name, [=](benchmark::State& state) {
    const fg::executor pool(on(workers));
    const double took = timed(tasks, [&](long long n) { return run(pool, n); });
    keep_time(state, took);
    const long long at_once = one_at_a_time ? 1 : workers;
    const double ideal = static_cast<double>((tasks + at_once - 1) / at_once) * seconds;
    state.counters["tasks"] = static_cast<double>(tasks);
    state.counters["workers"] = workers;
    state.counters["ideal"] = ideal;
    if (allowed > 0 && seconds >= 0.1) state.counters["must"] = allowed * ideal;
  });
}

void add_empty(const verb& each) {
  add("empty/" + each.name, [each](benchmark::State& state) {
    const fg::executor pool(on(setting.workers));
    std::vector<double> loop, ours;
    each.run(pool, setting.empty);
    for (long long r = 0; r < setting.repeats; ++r) {
      loop.push_back(timed(setting.empty, plain_loop));
      ours.push_back(timed(setting.empty, [&](long long n) { return each.run(pool, n); }));
    }
    const double per_task = 1e9 / static_cast<double>(setting.empty);
    const double took = bench::estimate_median(ours).median, plain = bench::estimate_median(loop).median;
    keep_time(state, took);
    state.counters["tasks"] = static_cast<double>(setting.empty);
    state.counters["workers"] = setting.workers;
    state.counters["ns per task"] = took * per_task;
    state.counters["plain loop"] = plain * per_task;
  });
}

/// One thread per task, as the standard library has it.
void add_std_async() {
  add("empty/std::async", [](benchmark::State& state) {
    const double took = timed(setting.empty, [](long long n) {
      long long sum = 0;
      for (long long first = 0; first < n; first += 100) {  // no more threads at a time than the system bears
        std::vector<std::future<long long>> all;
        for (long long i = first; i < n && i < first + 100; ++i) all.push_back(std::async(std::launch::async, identity, i));
        for (auto& each : all) sum += each.get();
      }
      return sum;
    });
    const double loop = timed(setting.empty, plain_loop), per_task = 1e9 / static_cast<double>(setting.empty);
    keep_time(state, took);
    state.counters["tasks"] = static_cast<double>(setting.empty);
    state.counters["workers"] = 100;
    state.counters["ns per task"] = took * per_task;
    state.counters["plain loop"] = loop * per_task;
  });
}

/// Resident bytes of this process.
double resident() {
  std::ifstream file("/proc/self/statm");
  double all = 0, resident = 0;
  file >> all >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// What a long stream adds to the memory of the process after its first tenth.
void add_memory() {
  add("memory/imap", [](benchmark::State& state) {
    const fg::executor pool(on(setting.workers));
    double early = 0, most = 0;
    const double took = timed(setting.items, [&](long long n) {
      long long sum = 0, seen = 0;
      for (const long long each : pool.imap({.buffer_size = 4096}, identity, fg::iota(n))) {
        sum += each;
        if (++seen == n / 10) early = resident();
        if (seen % (n / 100 + 1) == 0 && seen > n / 10) most = std::max(most, resident());
      }
      return sum;
    });
    keep_time(state, took);
    state.counters["tasks"] = static_cast<double>(setting.items);
    state.counters["workers"] = setting.workers;
    state.counters["early MiB"] = early / 0x1p20;
    state.counters["most MiB"] = most / 0x1p20;
  });
}

template <class Number>
bool take(int argc, char** argv, int& i, std::string_view name, Number& to) {
  if (argv[i] != name) return false;
  const double value = i + 1 < argc ? std::strtod(argv[i + 1], nullptr) : 0;
  if (!(value > 0)) {
    std::fprintf(stderr, "foldgrid_timing: %s wants a positive number; see --help\n", argv[i]);
    std::exit(1);
  }
  to = static_cast<Number>(value);
  ++i;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::string program = "foldgrid_timing", command = program;
  std::vector<char*> left{program.data()};
  for (int i = 1; i < argc; ++i)  // first, whatever else is said
    if (argv[i] == std::string_view("--quick"))
      setting = {.tasks = 20, .empty = 10'000, .items = 100'000, .repeats = 3, .workers = setting.workers, .seconds = 0.01};
  for (int i = 1; i < argc; ++i) {
    const int first = i;
    if (argv[i] == std::string_view("--help")) return std::fputs(help, stdout) < 0;
    if (argv[i] == std::string_view("--quick")) {
    } else if (!take(argc, argv, i, "--tasks", setting.tasks) && !take(argc, argv, i, "--seconds", setting.seconds) &&
               !take(argc, argv, i, "--workers", setting.workers) && !take(argc, argv, i, "--empty", setting.empty) &&
               !take(argc, argv, i, "--items", setting.items) && !take(argc, argv, i, "--repeats", setting.repeats)) {
      left.push_back(argv[i]);
      if (std::string_view(argv[i]).starts_with("--benchmark_out")) continue;
    }
    for (int k = first; k <= i; ++k) command.append(" ").append(argv[k]);
  }
  int count = static_cast<int>(left.size());
  left.push_back(nullptr);
  benchmark::Initialize(&count, left.data());
  if (benchmark::ReportUnrecognizedArguments(count, left.data())) return 1;
  benchmark::AddCustomContext("processor", bench::processor());
  benchmark::AddCustomContext("command", command);

  // 8.5 s for what ideally takes 8.4 s
  for (const verb& each : verbs(nap))
    add_sleeping(each.name, each.one_at_a_time ? setting.tasks / 50 + 1 : setting.tasks, setting.workers, setting.seconds, 8.5 / 8.4,
                 each.run, each.one_at_a_time);
  // 2.1 s for what ideally takes 2 s
  const auto long_nap = [](long long i) {
    std::this_thread::sleep_for(std::chrono::duration<double>(20 * setting.seconds));
    return i;
  };
  for (const verb& each : verbs(long_nap))
    if (each.name == "map" || each.name == "submit")
      add_sleeping(each.name + ", long tasks", 20, 20, 20 * setting.seconds, 1.05, each.run, false);
  for (const verb& each : verbs(identity)) add_empty(each);
  add_std_async();
  add_memory();

  bench::timing_table shown(command);
  benchmark::RunSpecifiedBenchmarks(&shown);
  return shown.failed();
}
