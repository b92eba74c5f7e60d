// SPDX-License-Identifier: MIT
// The file that finished points are kept in: one SQLite database with a rollback journal, for one writer.
#pragma once

#include <foldgrid/detail/study_sweep.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

struct sqlite3;

namespace foldgrid::detail {

/// What a checkpoint belongs to.
struct checkpoint_key {
  std::string study, axes, function, tag;
  std::vector<std::string> results;
  std::size_t points;
};

/// Open, it is locked: nobody else can read or write it. What goes wrong is error; a file of another study is std::invalid_argument.
/// Neither changes the file.
class checkpoint {
 public:
  checkpoint(std::string path, const checkpoint_key& key);
  checkpoint(const checkpoint&) = delete;
  checkpoint& operator=(const checkpoint&) = delete;
  ~checkpoint();

  /// Calls take(first, count, values) for all that was saved, oldest first, and fail(...) for the points that failed. Damage is error.
  /// Comes before save().
  void load(const std::function<void(std::size_t first, std::size_t count, const double* values)>& take,
            const std::function<void(std::size_t point, int code, const std::string& message)>& fail);
  digits from() const noexcept { return digits_; }

  /// Saves ranges of points (first: end) out of all values, and who failed among them, at once: all of it, or nothing.
  void save(const std::map<std::size_t, std::size_t>& ranges, const std::vector<double>& values,
            const std::map<std::size_t, point_failure>& failures, digits from);

 private:
  class statement;
  void close() noexcept;
  [[noreturn]] void fail(const std::string& doing);
  void run(const char* sql, const std::string& doing);
  long long number(const char* sql);
  void create(const checkpoint_key& key);
  void check_key(const checkpoint_key& key);

  std::string path_;
  sqlite3* file_ = nullptr;
  std::size_t columns_, points_;
  digits digits_ = digits::anywhere;
  std::uint64_t checks_ = 0;  // of all rows
};

}  // namespace foldgrid::detail
