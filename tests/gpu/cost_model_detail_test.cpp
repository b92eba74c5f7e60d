// SPDX-License-Identifier: MIT
// The cost model on recorded machines: what it expects, where it sends calls, what it learns, and how firmly it stays with that; and the
// file its figures are kept in, against damage and other processes.
#include <gpu/cost_model.hpp>
#include <gpu/kept_files.hpp>
#include <gpu/machine_file.hpp>

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
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

class machine_file : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "machine-file-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    file = file_of_machine(folder / "new", "a CPU, 4 workers");
    record.figures.copy_in = {1.25e10, origin::measured};
    record.functions[0x1234567890abcdef] = {7, {1.5e-9, 2.5e-12}};
    record.functions[1] = {0, {0, 1e-6}};
  }
  void TearDown() override { fs::remove_all(folder); }

  fs::path folder, file;
  machine_record record{.cpu = "a CPU, 4 workers", .gpu = "a GPU", .figures = estimated_machine(4), .functions = {}};
};

TEST_F(machine_file, gives_back_what_it_keeps) {
  EXPECT_FALSE(read_machine(file, record.cpu, 4));
  keep_machine(file, record);
  EXPECT_EQ(fs::status(file.parent_path()).permissions(), fs::perms::owner_all);
  const auto found = read_machine(file, record.cpu, 4);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->gpu, "a GPU");
  EXPECT_EQ(found->figures.copy_in.value, 1.25e10);
  EXPECT_EQ(found->figures.copy_in.from, origin::measured);
  EXPECT_EQ(found->figures.cpu_rate.value, 3.2e10);
  EXPECT_EQ(found->figures.cpu_rate.from, origin::estimated);
  EXPECT_EQ(found->functions.size(), 2u);
  EXPECT_EQ(found->functions.at(0x1234567890abcdef).cost.cpu, 1.5e-9);
  EXPECT_EQ(found->functions.at(0x1234567890abcdef).state, 7u);
  EXPECT_EQ(text_of(*found), text_of(record));
  EXPECT_FALSE(read_machine(file, "another CPU, 4 workers", 4));
  EXPECT_NE(file_of_machine(folder, "a CPU, 4 workers"), file_of_machine(folder, "a CPU, 5 workers"));
  EXPECT_NE(name_of_cpu(3).find(", 3 workers"), std::string::npos);
}

TEST_F(machine_file, refuses_what_is_damaged) {
  const std::string good = text_of(record);
  const auto refused = [](const std::string& text, const std::string& words) {
    try {
      record_of(text, 4);
      ADD_FAILURE() << "not refused: " << words;
    } catch (const std::invalid_argument& e) {
      EXPECT_NE(std::string(e.what()).find(words), std::string::npos) << e.what();
    }
  };
  refused("", "line 1: expected \"end\", found \"the end of the file\"");
  refused("foldgrid machine 2\nend\n", "line 1: expected \"foldgrid machine 1\", found \"foldgrid machine 2\"");
  refused("foldgrid machine 1\ncopy_inn 1 measured\nend\n", "line 2: expected a figure's name");
  refused("foldgrid machine 1\ncopy_in fast measured\nend\n", "line 2: expected a number, found \"fast\"");
  refused("foldgrid machine 1\ncopy_in 0 measured\nend\n", "line 2: expected a number from 1e+06 to 1e+15, found \"0\"");
  refused("foldgrid machine 1\ncopy_in nan measured\nend\n", "line 2: expected a number from");
  refused("foldgrid machine 1\ncopy_in 1e9 guessed\nend\n", "line 2: expected \"estimated\" or \"measured\", found \"guessed\"");
  refused("foldgrid machine 1\nfunction 1 2 cpu -1 gpu 0\nend\n", "line 2: expected a number from 0 to");
  refused("foldgrid machine 1\nend\ncopy_in 1e9 measured\n", "line 3: expected nothing after \"end\"");
  for (std::size_t k = 0; k + 4 < good.size(); ++k) EXPECT_THROW(record_of(good.substr(0, k), 4), std::invalid_argument) << "cut at " << k;

  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int k = 0; k < 2000; ++k) {
    std::string bad = good;
    for (int changes = 0; changes < 3; ++changes) bad[random() % bad.size()] = static_cast<char>(random());
    try {
      const machine_record found = record_of(bad, 4);
      for (const figure_name& each : figure_names) {
        EXPECT_GE((found.figures.*each.member).value, each.least) << each.name;
        EXPECT_LE((found.figures.*each.member).value, each.most) << each.name;
      }
    } catch (const std::invalid_argument&) {
    }
  }
  keep_machine(file, record);
  std::ofstream(file) << good.substr(0, good.size() / 2);
  EXPECT_FALSE(read_machine(file, record.cpu, 4));
  keep_machine(file, record);
  EXPECT_TRUE(read_machine(file, record.cpu, 4));
}

TEST_F(machine_file, is_whole_while_processes_write_it) {
  keep_machine(file, record);
  std::vector<pid_t> children;
  for (int child = 0; child < 2; ++child) {
    const pid_t id = fork();
    ASSERT_GE(id, 0);
    if (id == 0) {
      for (int k = 0; k < 300 + 200 * child; ++k) {
        record.functions[static_cast<std::uint64_t>(k % 100)] = {0, {1e-9, 1e-12}};
        keep_machine(file, record);
      }
      _exit(0);
    }
    children.push_back(id);
  }
  int seen = 0;
  for (std::size_t ended = 0; ended < children.size(); ++seen) {
    if (const auto found = read_machine(file, record.cpu, 4); !found || found->gpu != "a GPU") ADD_FAILURE() << "a part was read";
    if (waitpid(children[ended], nullptr, WNOHANG) > 0) ++ended;
  }
  EXPECT_GT(seen, 10);
  EXPECT_EQ(std::distance(fs::directory_iterator(file.parent_path()), fs::directory_iterator()), 1) << "nothing is left behind";
}

TEST_F(machine_file, does_without_a_disk) {
  keep_machine("/dev/null/nowhere/machine.txt", record);
  EXPECT_FALSE(read_machine("/dev/null/nowhere/machine.txt", record.cpu, 4));
  EXPECT_FALSE(read_machine(folder, record.cpu, 4)) << "a folder";
}

}  // namespace
