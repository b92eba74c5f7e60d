// SPDX-License-Identifier: MIT
// The cost model on recorded machines: what it expects, where it sends calls, what it learns, and how firmly it stays with that.
#include <gpu/cost_model.hpp>
#include <gpu/kept_files.hpp>
#include <gpu/machine_file.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace fs = std::filesystem;
using namespace foldgrid::detail;

namespace {

struct recorded {
  std::size_t workers;
  machine figures;
};
recorded machine_named(const std::string& name) {
  const auto text = cuda::text_in(fs::path(FOLDGRID_MACHINES) / (name + ".txt"));
  if (!text) throw std::runtime_error("no machine " + name);
  const machine_record record = record_of(*text, 1);
  return {std::stoul(record.cpu.substr(record.cpu.find(", ") + 2)), record.figures};
}

constexpr std::size_t million = 1'000'000;
call_size map_of_doubles(std::size_t n) { return {n, 8 * n, 8 * n, 16 * n, false}; }
call_size sum_of_doubles(std::size_t n) { return {n, 8 * n, 0, 8 * n, true}; }
call_size resident(std::size_t n) { return {n, 0, 0, 16 * n, false}; }
call_size computed(std::size_t n) { return {n, 0, 0, 0, true}; }

TEST(cost_model, expects_what_the_figures_say) {
  const auto [workers, h200] = machine_named("h200_16_cores");
  EXPECT_NEAR(gpu_seconds(h200, resident(100 * million), {}), 5e-6 + 1.6e9 / 4.3e12, 1e-9);
  EXPECT_NEAR(gpu_seconds(h200, computed(million), {.gpu = 1e-9}), 5e-6 + 1e-5 + 1e-3, 1e-9);
  EXPECT_NEAR(cpu_seconds(h200, sum_of_doubles(100 * million), {}, workers), 1e-5 + 8e8 / 1e11, 1e-9) << "as long as its bytes take";
  EXPECT_NEAR(cpu_seconds(h200, sum_of_doubles(million), {.cpu = 1e-6}, workers), 1e-5 + 1.0 / 16, 1e-9);
  // One piece: in pinned memory and out of it by the workers, copied in, computed, copied back, one after another.
  EXPECT_NEAR(gpu_seconds(h200, map_of_doubles(million), {.gpu = 1e-9}), 3e-5 - 1e-5 + 3.2e7 / 1e11 + 1.6e7 / 5.5e10 + 1e-3, 1e-9);
  // Many: the slowest stage decides.
  const double many = gpu_seconds(h200, map_of_doubles(1000 * million), {.gpu = 1e-9});
  EXPECT_GT(many, 1.0);
  EXPECT_LT(many, 1.01);
  // Where the figures of gpu.md begin: a device's arrays from about a megabyte on.
  EXPECT_GT(gpu_seconds(h200, {10'000, 0, 0, 80'000, true}, {}), cpu_seconds(h200, {10'000, 0, 0, 80'000, true}, {}, workers));
  EXPECT_LT(gpu_seconds(h200, {250'000, 0, 0, 2'000'000, true}, {}), cpu_seconds(h200, {250'000, 0, 0, 2'000'000, true}, {}, workers));
}

TEST(cost_model, sends_calls_where_each_machine_is_faster) {
  struct subject {
    const char* what;
    call_size call;
    double worker_seconds;  // of an item
    bool h200, laptop, old_gpu, two_cores;
  };
  const subject all[] = {
      {"a sum of an array of the host", sum_of_doubles(100 * million), 1e-12, false, false, false, false},
      {"a costly function", map_of_doubles(million), 1e-6, true, true, false, true},
      {"a function of ten nanoseconds", map_of_doubles(10 * million), 1e-8, true, false, false, true},
      {"few items", map_of_doubles(40'000), 5e-9, false, false, false, false},
      {"nothing to copy", computed(100 * million), 2e-9, true, true, false, true},
  };
  const auto expect = [&](const subject& each, const char* name, bool expected) {
    const auto [workers, figures] = machine_named(name);
    placing_habit ready{.on_gpu = {}, .gpu_is_ready = true};
    const placing found = choose_side(figures, each.call, {.cpu = each.worker_seconds}, workers, false, ready);
    EXPECT_EQ(found.on_gpu, expected) << each.what << " on " << name << ": " << found.cpu_seconds << " s, GPU " << found.gpu_seconds;
    EXPECT_TRUE(found.known);
    EXPECT_EQ(ready.on_gpu, found.on_gpu);
  };
  for (const subject& each : all) {
    expect(each, "h200_16_cores", each.h200);
    expect(each, "laptop", each.laptop);
    expect(each, "old_gpu", each.old_gpu);
    expect(each, "two_cores", each.two_cores);
  }
}

TEST(cost_model, follows_the_rule_where_nobody_has_timed_the_function) {
  const auto [workers, figures] = machine_named("old_gpu");
  for (const std::size_t n : {std::size_t{1} << 15, (std::size_t{1} << 22) - 1, std::size_t{1} << 22, std::size_t{1} << 26})
    for (const bool loops : {false, true})
      for (const call_size& call : {map_of_doubles(n), sum_of_doubles(n), computed(n)}) {
        placing_habit fresh;
        const placing found = choose_side(figures, call, {.gpu = 1e-3}, workers, loops, fresh);
        EXPECT_EQ(found.on_gpu, loops || (call.bytes_in == 0 && n >= (std::size_t{1} << 22)))
            << n << " items, " << call.bytes_in << " bytes";
        EXPECT_FALSE(found.known);
      }
}

TEST(cost_model, opens_a_gpu_when_that_has_paid) {
  const auto [workers, h200] = machine_named("h200_16_cores");
  placing_habit habit;
  const call_size call = map_of_doubles(million);
  int calls = 1;
  while (!choose_side(h200, call, {.cpu = 1e-6}, workers, false, habit).on_gpu && calls < 100) ++calls;
  EXPECT_EQ(calls, 5) << "each would have saved 62.5 - 1.6 ms, the first use takes 0.3 s";
  placing_habit other;
  EXPECT_TRUE(choose_side(h200, map_of_doubles(100 * million), {.cpu = 1e-6}, workers, false, other).on_gpu) << "one call of 6 s";
  placing_habit loop;
  EXPECT_TRUE(choose_side(h200, call, {.cpu = 1e-6}, workers, true, loop).on_gpu) << "the rule sends it there anyway";
}

TEST(cost_model, changes_sides_for_a_quarter) {
  const auto [workers, h200] = machine_named("h200_16_cores");
  const call_size call = computed(100 * million);
  const auto side = [&, &figures = h200, &crew = workers](bool before, double here, double there) {
    placing_habit habit{.on_gpu = before, .gpu_is_ready = true};
    return choose_side(figures, call, {.cpu = 1e-8 * here * static_cast<double>(crew), .gpu = 1e-8 * there}, crew, false, habit).on_gpu;
  };
  EXPECT_TRUE(side(true, 1, 1.2));
  EXPECT_FALSE(side(true, 1, 1.3));
  EXPECT_FALSE(side(false, 1.2, 1));
  EXPECT_TRUE(side(false, 1.3, 1));
}

TEST(cost_model, does_not_waver) {
  const auto [workers, truth] = machine_named("laptop");
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> noise(0.8, 1.2);
  const call_size call = map_of_doubles(10 * million);
  const function_cost real{.cpu = 8e-8 / 1e7 * 1e6 * 2, .gpu = 1e-9};  // 20 ms here, 20 ms there
  machine known = truth;
  function_cost cost{.cpu = real.cpu};
  placing_habit habit{.on_gpu = {}, .gpu_is_ready = true};
  int changes = 0;
  for (int k = 0; k < 300; ++k) {
    const std::optional<bool> before = habit.on_gpu;
    const placing found = choose_side(known, call, cost, workers, true, habit);
    changes += before && *before != found.on_gpu;
    if (found.on_gpu) {
      learn_from_gpu(known, cost, call, true, {gpu_seconds(truth, call, real) * noise(random), 8e7 / 6e9, 8e7 / 6e9});
    } else {
      learn_from_cpu(known, cost, call, workers, cpu_seconds(truth, call, real, workers) * noise(random));
    }
  }
  EXPECT_LE(changes, 3);
}

TEST(cost_model, comes_back_from_where_it_is_slower) {
  const auto [workers, truth] = machine_named("old_gpu");
  machine known = estimated_machine(workers);
  const call_size call = map_of_doubles(million);
  const function_cost real{.cpu = 1e-6, .gpu = 3e-7};
  function_cost cost;
  placing_habit habit;
  std::string sides;
  for (int k = 0; k < 50; ++k) {
    const placing found = choose_side(known, call, cost, workers, false, habit);
    sides += found.on_gpu ? 'g' : 'c';
    if (found.on_gpu) {
      if (std::exchange(habit.gpu_is_ready, true)) learn_from_gpu(known, cost, call, false, {gpu_seconds(truth, call, real), 0, 0});
    } else {
      learn_from_cpu(known, cost, call, workers, cpu_seconds(truth, call, real, workers));
    }
  }
  EXPECT_NE(sides.find('g'), std::string::npos) << "estimates have it tried: " << sides;
  EXPECT_LE(std::count(sides.begin(), sides.end(), 'g'), 3) << sides;
  EXPECT_EQ(sides.back(), 'c') << sides;
}

TEST(cost_model, learns_a_machine_from_its_calls) {
  const auto [workers, truth] = machine_named("laptop");
  machine known = estimated_machine(workers);
  const function_cost real{.cpu = 1e-7, .gpu = 5e-9};
  function_cost cost, sum;
  const call_size call = map_of_doubles(10 * million), large_sum = sum_of_doubles(100 * million);
  EXPECT_FALSE(learn_from_cpu(known, cost, map_of_doubles(5000), workers, 1e-4)) << "too short to say anything";
  EXPECT_EQ(cost.cpu, 0);
  EXPECT_FALSE(learn_from_gpu(known, cost, map_of_doubles(40'000), true, {5e-4, 0, 0}));
  EXPECT_EQ(known.transfer.from, origin::estimated) << "the loop may have taken that long";
  EXPECT_TRUE(learn_from_cpu(known, cost, call, workers, cpu_seconds(truth, call, real, workers)));
  for (int k = 0; k < 10; ++k) {
    learn_from_cpu(known, sum, large_sum, workers, cpu_seconds(truth, large_sum, {}, workers));
    learn_from_gpu(known, cost, call, false, {gpu_seconds(truth, call, real), 8e7 / 6e9, 8e7 / 6e9});
    learn_from_gpu(known, sum, resident(100'000), false, {gpu_seconds(truth, resident(100'000), {}), 0, 0});
  }
  EXPECT_NEAR(known.cpu_rate.value, 4e10, 4e8);
  EXPECT_NEAR(known.copy_in.value, 6e9, 1e6);
  EXPECT_EQ(known.copy_in.from, origin::measured);
  EXPECT_EQ(known.readback.from, origin::estimated);
  EXPECT_NEAR(known.launch.value, 1.5e-5, 5e-6);
  for (const std::size_t n : {5 * million, 10 * million, 40 * million}) {
    const call_size other = map_of_doubles(n);
    EXPECT_NEAR(gpu_seconds(known, other, cost) / gpu_seconds(truth, other, real), 1, 0.1) << n;
    EXPECT_NEAR(cpu_seconds(known, other, cost, workers) / cpu_seconds(truth, other, real, workers), 1, 0.1) << n;
  }
  EXPECT_FALSE(learn_from_cpu(known, cost, call, workers, cpu_seconds(truth, call, real, workers))) << "nothing new";
  const double before = cost.cpu;
  EXPECT_TRUE(learn_from_cpu(known, cost, call, workers, 3 * cpu_seconds(truth, call, real, workers)));
  EXPECT_NEAR(cost.cpu / before, 2, 0.01) << "what was known counts half";
}

}  // namespace
