// SPDX-License-Identifier: MIT
// What a run found: lines for people, and records that become JSON.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gpu_check {

/// The text as a JSON string, quotes included.
std::string json_text(std::string_view text);

/// Keys and values in the order in which they were added, written as one JSON object.
class record {
 public:
  template <class Value>
  record& add(std::string_view key, const Value& value) {
    if constexpr (std::same_as<Value, bool>) {
      return add_text(key, value ? "true" : "false");
    } else if constexpr (std::integral<Value>) {
      return add_text(key, std::to_string(value));
    } else if constexpr (std::floating_point<Value>) {
      return add_number(key, value);
    } else {
      return add_text(key, json_text(value));
    }
  }
  std::string json() const { return "{" + body_ + "}"; }

 private:
  record& add_text(std::string_view key, std::string_view value);
  record& add_number(std::string_view key, double value);  // NaN and infinity become null
  std::string body_;
};

/// Lines are printed at once; records and lines are kept for the files.
class results {
 public:
  /// A line as printf writes it.
  [[gnu::format(printf, 2, 3)]] void say(const char* format, ...);
  /// The same, after the seconds since the start.
  [[gnu::format(printf, 2, 3)]] void progress(const char* format, ...);
  void keep(const std::string& group, const record& found) { groups_[group].push_back(found.json()); }
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }
  /// Writes FOLDER/NAME.json and FOLDER/NAME.txt. Throws std::runtime_error.
  void write(const std::filesystem::path& folder, const std::string& name, const record& context) const;

 private:
  void line(const std::string& text);
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::string text_;
  std::map<std::string, std::vector<std::string>> groups_;
};

}  // namespace gpu_check
