// SPDX-License-Identifier: MIT
// Measures rows: every repeat runs every way once, each time starting with another one, so that what the machine does meanwhile hits all.
#include "side_by_side.hpp"

#include "statistics.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>
#include <utility>

namespace bench {
namespace {

constexpr double least_sample = 1e-3;  // seconds
constexpr double long_run = 0.1;       // seconds beside which waking threads up does not count
constexpr double cache_bytes = 16 << 20;

/// Threads of the way before may still spin and take a core from the way measured next.
void let_others_sleep() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

double timed(const way& which, std::size_t times) {
  const auto start = std::chrono::steady_clock::now();
  which.repeat(times);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Runs per sample, so that a sample is long enough for the clock; and whether one run is long.
std::pair<std::size_t, bool> runs_per_sample(const way& which) {
  std::size_t times = 1;
  for (;;) {
    double best = timed(which, times);
    if (best / static_cast<double>(times) >= long_run) return {1, true};
    for (int k = 0; k < 2; ++k) best = std::min(best, timed(which, times));
    if (best >= least_sample) return {times, false};
    const double factor = best > 0 ? 1.1 * least_sample / best : 100;
    times = static_cast<std::size_t>(std::ceil(static_cast<double>(times) * std::clamp(factor, 1.1, 100.0)));
  }
}

struct measured_way {
  estimate seconds{};
  estimate ratio{1, 1, 1};
  bool counts = false;  // the best of its role, whose ratio has a bar
  double bar = 0;
};

struct measured_row {
  row made;
  bool done = false;
  std::string error;
  std::vector<measured_way> ways;
};

double bar_of(const row_facts& facts, const way& which, double seconds) {
  double bar = which.plays == role::rival ? facts.rival_bar : facts.limit_bar;
  if (facts.array_bytes > cache_bytes && bar == 1) bar = 0.97;
  if (facts.allowed_seconds > 0) bar = std::min(bar, seconds / (seconds + facts.allowed_seconds));
  return bar;
}

void measure(measured_row& result) {
  const std::vector<way>& ways = result.made.ways;
  const std::size_t count = ways.size(), repeats = setting().repeats;
  for (const way& each : ways) {
    if (!each.right()) result.error = each.name + " gives a wrong result";
  }
  if (!result.error.empty()) return;

  std::vector<std::pair<std::size_t, bool>> runs(count);
  std::vector<std::vector<double>> seconds(count, std::vector<double>(repeats));
  for (std::size_t k = 0; k < count; ++k) {
    let_others_sleep();
    runs[k] = runs_per_sample(ways[k]);
  }
  for (std::size_t r = 0; r < repeats; ++r) {
    for (std::size_t turn = 0; turn < count; ++turn) {
      const std::size_t k = (r + turn) % count;
      let_others_sleep();
      const auto [times, is_long] = runs[k];
      if (!is_long) ways[k].repeat(1);  // its threads wake up
      seconds[k][r] = timed(ways[k], times) / static_cast<double>(times) * ways[k].share;
    }
  }

  result.ways.resize(count);
  for (std::size_t k = 0; k < count; ++k) {
    std::vector<double> ratios(repeats);
    for (std::size_t r = 0; r < repeats; ++r) ratios[r] = seconds[k][r] / seconds[0][r];
    result.ways[k].ratio = estimate_median(std::move(ratios));
    result.ways[k].seconds = estimate_median(seconds[k]);
    result.ways[k].bar = bar_of(result.made.facts, ways[k], result.ways[k].seconds.median);
  }
  for (const role plays : {role::rival, role::limit}) {
    measured_way* best = nullptr;
    for (std::size_t k = 0; k < count; ++k)
      if (ways[k].plays == plays && (!best || result.ways[k].seconds.median < best->seconds.median)) best = &result.ways[k];
    if (best && best->bar > 0) best->counts = true;
  }
}

void report(benchmark::State& state, measured_row& result, std::size_t k) {
  if (!result.done) {
    measure(result);
    result.made.release();
    result.done = true;
  }
  if (!result.error.empty()) {
    state.SkipWithError(result.error.c_str());
    return;
  }
  const measured_way& mine = result.ways[k];
  for (auto _ : state) state.SetIterationTime(mine.seconds.median);
  state.counters["seconds low"] = mine.seconds.low;
  state.counters["seconds high"] = mine.seconds.high;
  const double gigabytes = result.made.facts.bytes * 1e-9;
  if (gigabytes > 0) state.counters["GB/s"] = gigabytes / mine.seconds.median;
  if (k == 0) return;
  if (gigabytes > 0) state.counters["ours GB/s"] = gigabytes / result.ways[0].seconds.median;
  state.counters["ours seconds"] = result.ways[0].seconds.median;
  state.counters["ratio"] = mine.ratio.median;
  state.counters["low"] = mine.ratio.low;
  state.counters["high"] = mine.ratio.high;
  if (!mine.counts) return;
  state.counters["bar"] = mine.bar;
  state.counters["met"] = mine.ratio.high >= mine.bar;
}

}  // namespace

settings& setting() {
  static settings all;
  return all;
}

void register_row(row made) {
  if (setting().quick && !made.facts.quick) return;
  const auto result = std::make_shared<measured_row>();
  result->made = std::move(made);
  const row_facts& facts = result->made.facts;
  for (std::size_t k = 0; k < result->made.ways.size(); ++k) {
    const way& each = result->made.ways[k];
    const std::string kind = each.plays == role::ours ? "ours" : each.plays == role::rival ? "rival" : "limit";
    const std::string name = facts.work + "/" + facts.size + "/" + kind + "/" + each.name;
    benchmark::RegisterBenchmark(name.c_str(), [result, k](benchmark::State& state) { report(state, *result, k); })
        ->UseManualTime()
        ->Iterations(1)
        ->Unit(benchmark::kMicrosecond);
  }
}

}  // namespace bench
