// SPDX-License-Identifier: MIT
// Checkpoints with damage: a run that goes on with one has the bits of an uninterrupted run, or ends with an error that says so.
#include "../random_bytes.hpp"
#include "bits.hpp"
#include "pools.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fg = foldgrid;
using namespace std::chrono_literals;

namespace {

fg::study small() {
  fg::study study("small");
  return std::move(study.axis("x", fg::linspace(0.1, 0.9, 20)).axis("y", fg::iota(10)));
}
constexpr auto ratio = [](double x, double y) { return y == 7 ? throw std::runtime_error("no license") : x / (1 + y); };

/// All that a table tells: bits of the results, and which points failed how.
std::pair<std::vector<std::uint64_t>, std::vector<std::string>> all_of(const fg::table& table) {
  std::vector<std::string> failed;
  for (const fg::point_failure& each : table.failures())
    failed.push_back(std::to_string(each.point) + " " + std::to_string(each.code) + " " + each.message);
  return {bits_of(table), failed};
}

class damaged_checkpoint : public testing::Test {
 protected:
  fg::table run(const std::string& file, bool retry_failed = false) const {
    return small().run(one(), ratio, {.checkpoint = file, .function = "ratio", .retry_failed = retry_failed});
  }
  /// Saved in several chunks; stopped after so many points.
  std::string made(const char* name, std::size_t stop_after) const {
    const std::string file = at / name;
    std::stop_source stop;
    std::size_t calls = 0;
    const auto counted = [&](double x, double y) {
      if (++calls == stop_after) stop.request_stop();
      return ratio(x, y);
    };
    try {
      small().run(one(), counted, {.checkpoint = file, .function = "ratio", .stop = stop.get_token(), .save_every = 0s});
    } catch (const fg::cancelled_error&) {
    }
    return file;
  }
  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  static void change(const std::string& path, const std::string& sql) {
    sqlite3* file = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &file), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(file, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(file);
    EXPECT_GT(sqlite3_total_changes(file), 0) << sql;
    sqlite3_close(file);
  }

  const temporary_folder at;
};

TEST_F(damaged_checkpoint, rows_that_are_missing_or_changed_are_noticed) {
  const std::string whole = made("whole.fg", 1000), file = at / "changed.fg";
  for (const std::string sql : {"UPDATE chunks SET first = first - 1 WHERE first > 0", "UPDATE chunks SET id = id + 1000 WHERE id = 1",
                                "DELETE FROM chunks WHERE id = 2", "DELETE FROM chunks", "UPDATE chunks SET points = 0",
                                "DELETE FROM failures WHERE point = 7", "UPDATE failures SET point = 12 WHERE point = 17",
                                "UPDATE failures SET point = 1000000000 WHERE point = 7", "UPDATE failures SET point = -1 WHERE point = 7",
                                "UPDATE failures SET code = 1 WHERE point = 7", "UPDATE failures SET message = 'license' WHERE point = 7",
                                "UPDATE study SET digits = 'gpu'", "UPDATE study SET checks = checks + 1"}) {
    std::ofstream(file, std::ios::binary) << content(whole);
    change(file, sql);
    const std::string changed = content(file);
    for (const bool retry_failed : {false, true}) {
      const std::string said = thrown<fg::error>([&] { run(file, retry_failed); });
      EXPECT_NE(said.find("damaged; restore a copy, or remove it to begin anew"), std::string::npos) << sql << ": " << said;
    }
    EXPECT_EQ(content(file), changed) << sql;
  }
  EXPECT_EQ(all_of(run(whole)), all_of(small().run(one(), ratio)));
}

TEST_F(damaged_checkpoint, one_of_another_format_is_refused) {
  const std::string file = made("older.fg", 1000);
  sqlite3* open = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &open), SQLITE_OK);
  sqlite3_exec(open, "PRAGMA user_version = 1", nullptr, nullptr, nullptr);
  sqlite3_close(open);
  EXPECT_EQ(thrown<fg::error>([&] { run(file); }),
            "study: asked to open checkpoint '" + file +
                "', found format 1 of an older foldgrid, where this one knows 2; use the older one, or give another file");
}

TEST_F(damaged_checkpoint, random_damage_gives_the_same_bits_or_an_error) {
  const std::string good[] = {content(made("whole.fg", 1000)), content(made("part.fg", 120))};
  const auto expected = all_of(small().run(one(), ratio));
  const std::string file = at / "damaged.fg";
  int gone_on = 0, refused = 0;
  random_rounds(200, [&](std::mt19937_64& random) {
    std::string bytes = good[random() % 2];
    for (std::uint64_t left = 1 + random() % 4; left != 0;) {  // most of a page may be empty: where something is
      const std::size_t place = random() % bytes.size();
      if (bytes[place] == 0 && random() % 8 != 0) continue;
      bytes[place] = static_cast<char>(bytes[place] ^ (1 << random() % 8));
      --left;
    }
    if (random() % 4 == 0) bytes = damaged(std::move(bytes), random);
    std::ofstream(file, std::ios::binary) << bytes;
    try {
      EXPECT_EQ(all_of(run(file, random() % 2 == 0)), expected);
      ++gone_on;
    } catch (const fg::error&) {
      ++refused;
    } catch (const std::invalid_argument&) {  // another study's, as it looks
      ++refused;
    }
    std::filesystem::remove(file);
    std::filesystem::remove(file + "-journal");
    std::filesystem::remove(file + "-wal");
  });
  std::printf("%d runs went on, %d were refused\n", gone_on, refused);
}

}  // namespace
