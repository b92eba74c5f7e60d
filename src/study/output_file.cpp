// SPDX-License-Identifier: MIT
// Writes a file under another name, and renames it when all of it is on the disk.
#include "study/output_file.hpp"

#include <foldgrid/error.hpp>

#include <cerrno>
#include <cstring>
#include <utility>

namespace foldgrid::detail {

output_file::output_file(std::string path) : path_(std::move(path)), part_(path_ + ".part"), file_(std::fopen(part_.c_str(), "wb")) {
  if (file_ == nullptr) fail(errno);
  std::setvbuf(file_, nullptr, _IOFBF, std::size_t{1} << 18);
}

output_file::~output_file() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  std::remove(part_.c_str());
}

void output_file::fail(int code) {
  throw error("table: asked to write '" + path_ + "', found: " + std::strerror(code) +
              "; give a folder that exists and has room, and may be written to");
}

void output_file::write(const void* bytes, std::size_t count) {
  if (std::fwrite(bytes, 1, count, file_) != count) fail(errno);
  size_ += count;
}

void output_file::keep() {
  if (std::fflush(file_) != 0) fail(errno);
  if (std::rename(part_.c_str(), path_.c_str()) != 0) fail(errno);
  const int closed = std::fclose(file_);
  file_ = nullptr;
  if (closed != 0) fail(errno);
}

}  // namespace foldgrid::detail
