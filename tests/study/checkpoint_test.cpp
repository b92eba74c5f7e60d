// SPDX-License-Identifier: MIT
// Checkpoints: a resumed run has the bits of an uninterrupted one and computes nothing twice, and every refusal leaves the file as it was.
#include "../seed.hpp"
#include "bits.hpp"
#include "limits.hpp"
#include "pools.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>
#include <thread>

namespace fg = foldgrid;
using namespace std::chrono_literals;

namespace study_checkpoint_test {
FOLDGRID_FUNCTION(ratio, (double x, double y), { return x / (1 + y * y); })
FOLDGRID_FUNCTION(wave, (double x, double y), { return sin(x) * y; })
}  // namespace study_checkpoint_test
using namespace study_checkpoint_test;

namespace {

fg::study plane(const char* name = "plane") {
  fg::study study(name);
  return std::move(study.axis("x", fg::linspace(0.1, 0.9, 40)).axis("y", fg::linspace(-3, 3, 25)));
}
std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
void change(const std::string& path, const char* sql) {
  sqlite3* file = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &file), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(file, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(file);
  sqlite3_close(file);
}
std::string quoted(const std::string& path) { return "'" + path + "'"; }

TEST(study_checkpoint, resumed_runs_have_equal_bits_and_compute_nothing_twice) {
  std::mt19937_64 random(test_seed());
  const fg::study study = plane();
  const auto expected = bits_of(study.run(one(), ratio));
  for (int run = 0; run < 10; ++run) {
    const temporary_folder at;
    std::mutex mutex;
    std::multiset<std::pair<double, double>> computed;
    std::size_t saved = 0, starts = 0;
    while (true) {
      const fg::executor pool{{.where = random() % 3 == 0 ? fg::backend::serial : fg::backend::threads, .workers = random() % 4 + 1}};
      std::stop_source stop;
      const std::size_t stop_after = random() % 400 + 1;
      std::atomic<std::size_t> calls = 0;
      const auto counted = [&](double x, double y) {
        if (++calls == stop_after) stop.request_stop();
        const std::lock_guard lock(mutex);
        computed.emplace(x, y);
        return ratio(x, y);
      };
      fg::study_report report;
      ++starts;
      try {
        const fg::table table = study.run(pool, counted,
                                          {.checkpoint = at / "run.fg",
                                           .function = "ratio",
                                           .results = {"result"},
                                           .stop = stop.get_token(),
                                           .save_every = std::chrono::duration<double>(0.002 * static_cast<double>(random() % 3)),
                                           .on_saved = [&](std::size_t now, std::size_t) { saved = now; },
                                           .report = &report});
        EXPECT_EQ(bits_of(table), expected);
        break;
      } catch (const fg::cancelled_error& e) {
        EXPECT_EQ(saved, computed.size());
        EXPECT_EQ(report.resumed + report.computed, computed.size());
        EXPECT_NE(std::string(e.what()).find("run again to go on"), std::string::npos);
      }
    }
    EXPECT_EQ(computed.size(), 1000u) << starts << " starts";
    EXPECT_EQ(std::set(computed.begin(), computed.end()).size(), 1000u);
  }
}

TEST(study_checkpoint, a_finished_run_is_read_again) {
  const temporary_folder at;
  const fg::study study = plane();
  fg::study_report report;
  const auto first = bits_of(study.run(two(), wave, {.checkpoint = at / "a.fg", .report = &report}));
  EXPECT_EQ(report.computed, 1000u);
  EXPECT_EQ(report.saves, 1u);
  std::size_t told = 0;
  EXPECT_EQ(
      bits_of(study.run(one(), wave, {.checkpoint = at / "a.fg", .progress = [&](auto done, auto) { told = done; }, .report = &report})),
      first);
  EXPECT_EQ(report.resumed, 1000u);
  EXPECT_EQ(report.computed, 0u);
  EXPECT_EQ(told, 1000u);
  EXPECT_FALSE(std::filesystem::exists(at / "a.fg-journal"));
}

TEST(study_checkpoint, failures_are_saved_and_tried_again_when_asked) {
  const temporary_folder at;
  const fg::study study = plane();
  std::atomic<bool> broken = true;
  const auto f = [&](double x, double y) { return broken && y == 3 ? throw std::runtime_error("no license") : x + y; };
  const std::string file = at / "f.fg";
  EXPECT_EQ(study.run(two(), f, {.checkpoint = file}).failures().size(), 40u);
  broken = false;
  const fg::table again = study.run(two(), f, {.checkpoint = file});
  ASSERT_EQ(again.failures().size(), 40u);
  EXPECT_EQ(again.failures()[3].message, "no license");
  EXPECT_EQ(again.failures()[3].point, 99u);
  fg::study_report report;
  EXPECT_TRUE(study.run(two(), f, {.checkpoint = file, .retry_failed = true, .report = &report}).failures().empty());
  EXPECT_EQ(report.computed, 40u);
  EXPECT_TRUE(study.run(two(), f, {.checkpoint = file}).failures().empty());
  EXPECT_EQ(bits_of(study.run(two(), f, {.checkpoint = file})), bits_of(study.run(two(), f)));
}

TEST(study_checkpoint, what_belongs_to_something_else_is_refused) {
  const temporary_folder at;
  const std::string file = at / "key.fg";
  plane().run(two(), ratio, {.checkpoint = file, .tag = "v1"});
  const std::string before = content(file);
  const auto says = [&](const fg::study& study, const auto& f, const fg::study_options& asked) {
    return thrown<std::invalid_argument>([&] { study.run(two(), f, asked); });
  };
  const std::string start = "study: asked to go on with checkpoint " + quoted(file);
  EXPECT_EQ(says(plane("other"), ratio, {.checkpoint = file, .tag = "v1"}),
            start + " for study 'other', found that it is of 'plane'; give another file, or the same study as then");
  EXPECT_EQ(says(plane(), wave, {.checkpoint = file, .tag = "v1"}),
            start + " for function 'wave', found that it is of 'ratio'; give another file, or the same function as then");
  EXPECT_EQ(says(plane(), ratio, {.checkpoint = file, .tag = "v2"}),
            start + " for tag 'v2', found that it is of 'v1'; give another file, or the same tag as then");
  EXPECT_EQ(says(plane(), ratio, {.checkpoint = file, .tag = "v1", .results = {"z"}}),
            start + " for results 'z', found that it is of 'result'; give another file, or the same results as then");
  fg::study finer("plane");
  finer.axis("x", fg::linspace(0.1, 0.9, 40)).axis("y", fg::linspace(-3, 3.1, 25));
  EXPECT_EQ(
      says(finer, ratio, {.checkpoint = file, .tag = "v1"}),
      start +
          " with 1000 points, found that it is of other axes (1000 points); give another file, or the names, values and filters of then");
  EXPECT_NE(says(plane().filter([](double x, double) { return x > 0.2; }), ratio, {.checkpoint = file, .tag = "v1"}), "");
  EXPECT_EQ(content(file), before);
}

TEST(study_checkpoint, what_is_no_checkpoint_is_refused_and_left_alone) {
  const temporary_folder at;
  const auto says = [&](const std::string& file) { return thrown<fg::error>([&] { plane().run(two(), ratio, {.checkpoint = file}); }); };
  const std::string text = at / "notes.txt";
  std::ofstream(text) << std::string(3000, 'x');
  EXPECT_EQ(says(text), "study: asked to open checkpoint " + quoted(text) + ", found a file that is no checkpoint; give another name");
  EXPECT_EQ(content(text), std::string(3000, 'x'));
  const std::string other = at / "other.db";
  change(other, "CREATE TABLE mine (x)");
  EXPECT_EQ(says(other), "study: asked to open checkpoint " + quoted(other) + ", found a database of another program; give another name");
  const std::string newer = at / "newer.fg";
  plane().run(two(), ratio, {.checkpoint = newer});
  change(newer, "PRAGMA user_version = 3");
  EXPECT_EQ(says(newer), "study: asked to open checkpoint " + quoted(newer) +
                             ", found format 3 of a newer foldgrid, where this one knows 2; use the newer one, or give another file");
  const std::string damaged = at / "damaged.fg";
  plane().run(two(), ratio, {.checkpoint = damaged});
  change(damaged, "UPDATE chunks SET result_values = zeroblob(length(result_values))");
  EXPECT_EQ(says(damaged), "study: asked to read checkpoint " + quoted(damaged) +
                               ", found points 0 to 1000 damaged; restore a copy, or remove it to begin anew");
  const std::string nowhere = at / "missing/run.fg";
  EXPECT_EQ(says(nowhere), "study: asked to open checkpoint " + quoted(nowhere) +
                               ", found that it cannot be opened or made there; give a folder that exists and may be written to");
}

TEST(study_checkpoint, a_second_writer_is_refused) {
  const temporary_folder at;
  const std::string file = at / "locked.fg";
  std::string said;
  const fg::table table = plane().run(one(),
                                      [&](double x, double y) {
                                        if (said.empty())
                                          said = thrown<fg::error>([&] { plane().run(one(), ratio, {.checkpoint = file}); });
                                        return ratio(x, y);
                                      },
                                      {.checkpoint = file, .function = "ratio"});
  EXPECT_EQ(said, "study: asked to open checkpoint " + quoted(file) +
                      ", found that another process or study is writing it; wait until that ends, or give another file");
  EXPECT_EQ(bits_of(plane().run(one(), ratio, {.checkpoint = file})), bits_of(table));
}

TEST(study_checkpoint, what_may_not_be_written_is_told) {
  const temporary_folder at;
  namespace fs = std::filesystem;
  const std::string file = at / "run.fg", fresh = at / "fresh.fg";
  plane().run(two(), ratio, {.checkpoint = file});
  const auto says = [&](const std::string& path) {
    const ordinary_user user;
    return thrown<fg::error>([&] { plane().run(one(), ratio, {.checkpoint = path, .tag = ""}); });
  };
  fs::permissions(file, static_cast<fs::perms>(0444));
  fs::permissions(at.path(), static_cast<fs::perms>(0555));
  EXPECT_EQ(says(file),
            "study: asked to open checkpoint " + quoted(file) + ", found that the file is read-only; allow writing to it, or copy it");
  EXPECT_EQ(says(fresh), "study: asked to open checkpoint " + quoted(fresh) +
                             ", found that it cannot be opened or made there; give a folder that exists and may be written to");
  fs::permissions(at.path(), fs::perms::all);
  fs::permissions(file, fs::perms::all);
  EXPECT_EQ(bits_of(plane().run(two(), ratio, {.checkpoint = file})), bits_of(plane().run(two(), ratio)));
}

TEST(study_checkpoint, no_room_loses_nothing_that_was_saved) {
  const temporary_folder at;
  const std::string file = at / "full.fg";
  fg::study study("room");
  study.axis("x", fg::iota(20'000));
  std::size_t saved = 0;
  const auto slow = [](double x) { return std::this_thread::sleep_for(2us), 1 / (1 + x); };
  const fg::study_options asked{.checkpoint = file, .save_every = 2ms, .on_saved = [&](std::size_t now, std::size_t) { saved = now; }};
  std::string said;
  {
    const file_limit limit(100'000);
    said = thrown<fg::error>([&] { study.run(two(), slow, asked); });
  }
  EXPECT_NE(said.find("study: asked to write checkpoint " + quoted(file) + ", found "), std::string::npos) << said;
  EXPECT_NE(said.find("what was saved before is whole"), std::string::npos) << said;
  EXPECT_GT(saved, 0u);
  fg::study_report report;
  fg::study_options again = asked;
  again.report = &report;
  const std::size_t before = saved;
  EXPECT_EQ(bits_of(study.run(two(), slow, again)), bits_of(study.run(two(), slow)));
  EXPECT_EQ(report.resumed, before);
}

TEST(study_checkpoint, timeouts_and_exceptions_keep_what_is_done) {
  const temporary_folder at;
  const std::string file = at / "late.fg";
  const fg::study study = plane();
  const auto slow = [](double x, double y) { return std::this_thread::sleep_for(200us), ratio(x, y); };
  const std::string said = thrown<fg::timeout_error>([&] { study.run(two(), slow, {.checkpoint = file, .timeout = 20ms}); });
  EXPECT_NE(said.find("study 'plane': out of time after "), std::string::npos) << said;
  const auto stops = [](std::size_t done, std::size_t) { done > 300 ? throw std::runtime_error("seen enough") : void(); };
  EXPECT_EQ(thrown<std::runtime_error>([&] { study.run(two(), slow, {.checkpoint = file, .progress = stops}); }), "seen enough");
  fg::study_report report;
  EXPECT_EQ(bits_of(study.run(two(), slow, {.checkpoint = file, .report = &report})), bits_of(study.run(one(), ratio)));
  EXPECT_GT(report.resumed, 300u);
}

TEST(study_checkpoint, points_that_suddenly_take_longer_are_saved_in_time) {
  const temporary_folder at;
  fg::study study("uneven");
  study.axis("x", fg::iota(4000));
  std::atomic<bool> late = false;
  const auto uneven = [](double x) {
    if (x >= 3000) std::this_thread::sleep_for(1ms);
    return x;
  };
  std::size_t least_left = 4000;
  study.run(two(), uneven, {.checkpoint = at / "uneven.fg", .save_every = 100ms, .on_saved = [&](std::size_t saved, std::size_t total) {
                              if (saved > 3100 && saved < total) late = true;
                              least_left = total - saved;
                            }});
  EXPECT_TRUE(late);
  EXPECT_EQ(least_left, 0u);
}

}  // namespace
