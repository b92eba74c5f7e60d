// SPDX-License-Identifier: MIT
// Reads files whole, and writes them so that nobody sees a part.
#include "gpu/kept_files.hpp"

#include <unistd.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <system_error>

namespace foldgrid::detail::cuda {

namespace fs = std::filesystem;

std::optional<std::string> text_in(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return std::nullopt;  // a device or a pipe may have no end
  std::ifstream from(file, std::ios::binary);
  if (!from) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(from), std::istreambuf_iterator<char>()};
}

unsigned put_file(const fs::path& folder, const fs::path& file, const std::string& bytes) {
  static std::atomic<unsigned> count = 0;
  const unsigned number = count++;
  std::error_code error;
  if (fs::create_directories(folder, error)) fs::permissions(folder, fs::perms::owner_all, error);
  fs::create_directories(file.parent_path(), error);
  const fs::path aside = file.string().append(".").append(std::to_string(getpid())).append(".").append(std::to_string(number));
  std::ofstream to(aside, std::ios::binary);
  to << bytes;
  to.close();
  if (to) fs::rename(aside, file, error);
  if (!to || error) fs::remove(aside, error);
  return number;
}

}  // namespace foldgrid::detail::cuda
