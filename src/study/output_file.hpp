// SPDX-License-Identifier: MIT
// A file that appears whole or not at all: written under another name, then renamed.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace foldgrid::detail {

/// Every trouble is foldgrid::error, naming the file and the system's reason.
class output_file {
 public:
  explicit output_file(std::string path);
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;
  /// Removes what was not kept.
  ~output_file();

  void write(const void* bytes, std::size_t count);
  void write(std::string_view text) { write(text.data(), text.size()); }
  /// Bytes written so far.
  std::size_t size() const noexcept { return size_; }
  /// Ends the file and gives it its name.
  void keep();

 private:
  [[noreturn]] void fail(int code);
  std::string path_, part_;
  std::FILE* file_;
  std::size_t size_ = 0;
};

}  // namespace foldgrid::detail
