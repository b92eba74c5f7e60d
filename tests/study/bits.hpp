// SPDX-License-Identifier: MIT
// Tables compared bit by bit, a folder for a test's files, and what a call threw.
#pragma once

#include <foldgrid/study.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

/// The bits of every number of a table, row after row.
inline std::vector<std::uint64_t> bits_of(const foldgrid::table& table) {
  std::vector<std::uint64_t> all;
  for (std::size_t row = 0; row < table.rows(); ++row)
    for (std::size_t k = 0; k < table.names().size(); ++k) all.push_back(std::bit_cast<std::uint64_t>(table.at(row, k)));
  return all;
}

/// A fresh folder that is removed in the end.
class folder {
 public:
  folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "foldgrid-study-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// What an Error that the call throws says; empty when it throws none.
template <class Error, class Call>
std::string thrown(Call&& call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}
