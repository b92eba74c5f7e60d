// SPDX-License-Identifier: MIT
// Files of the kernel cache: read, written, and removed when there are too many.
#include "gpu/kernel_cache.hpp"

#include "gpu/kept_files.hpp"
#include "gpu/nvrtc.hpp"
#include "gpu/sha256.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace foldgrid::detail::cuda {
namespace {

namespace fs = std::filesystem;

/// Stands at the head of every file, before the digest of the code and the code.
constexpr std::string_view magic = "foldgrid kernel 1\n";
constexpr std::size_t digest_size = 64;

fs::path folder_asked() {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string(value ? value : "");
  };
  const std::string asked = variable("FOLDGRID_CACHE");
  if (asked == "off") return {};
  if (!asked.empty()) return asked;
  if (const fs::path caches = variable("XDG_CACHE_HOME"); caches.is_absolute()) return caches / "foldgrid";
  if (const fs::path home = variable("HOME"); home.is_absolute()) return home / ".cache" / "foldgrid";
  return {};
}

struct kept_file {
  fs::path path;
  fs::file_time_type used;
  std::size_t bytes;
};

/// True for HH/HASH.cubin, and for such a file aside, which a process that died has left.
bool is_kept(const fs::path& file) {
  const std::string name = file.filename().string();
  const auto hexadecimal = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return name.size() > digest_size && std::all_of(name.begin(), name.begin() + digest_size, hexadecimal) &&
         name.compare(digest_size, 6, ".cubin") == 0 && file.parent_path().filename() == name.substr(0, 2);
}

/// All files of the cache, and no others that lie in its folder: those may be the user's. Other processes may remove them meanwhile.
std::vector<kept_file> files_of(const fs::path& folder) {
  std::vector<kept_file> found;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code gone;
    if (!at->is_regular_file(gone) || gone || !is_kept(at->path())) continue;
    const auto bytes = static_cast<std::size_t>(at->file_size(gone));
    if (gone) continue;
    const auto used = at->last_write_time(gone);
    if (!gone) found.push_back({at->path(), used, bytes});
  }
  return found;
}

}  // namespace

const kernel_cache& kernel_cache::get() {
  static const auto* const cache = new kernel_cache(folder_asked());
  return *cache;
}

kernel_cache::kernel_cache(fs::path folder, std::size_t most_bytes) : folder_(std::move(folder)), most_bytes_(most_bytes) {}

std::string kernel_cache::key_of(const std::string& text, int capability) {
  std::string all(FOLDGRID_VERSION);
  all.append("\n").append(std::to_string(capability));
  for (const char* const option : fixed_options) all.append("\n").append(option);
  return sha256(all.append("\n").append(text));
}

fs::path kernel_cache::file_of(const std::string& key) const { return folder_ / key.substr(0, 2) / (key + ".cubin"); }

std::optional<std::string> kernel_cache::find(const std::string& key) const noexcept {
  if (folder_.empty()) return std::nullopt;
  try {
    const fs::path path = file_of(key);
    const std::optional<std::string> all = text_in(path);
    if (!all) return std::nullopt;
    const std::size_t head = magic.size() + digest_size;
    if (all->size() > head && all->starts_with(magic)) {
      std::string code = all->substr(head);
      if (all->compare(magic.size(), digest_size, sha256(code)) == 0) {
        std::error_code ignored;
        fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);  // used: goes last
        return code;
      }
    }
    remove(key);
  } catch (...) {  // no memory, no such folder: compiled again
  }
  return std::nullopt;
}

void kernel_cache::keep(const std::string& key, const std::string& code) const noexcept {
  if (folder_.empty()) return;
  try {
    const unsigned before = put_file(folder_, file_of(key), std::string(magic).append(sha256(code)).append(code));
    if (before % 64 == 0) make_room();
  } catch (...) {  // a full disk, a read-only home: nothing is kept
  }
}

void kernel_cache::remove(const std::string& key) const noexcept {
  try {
    std::error_code ignored;
    fs::remove(file_of(key), ignored);
  } catch (...) {
  }
}

void kernel_cache::make_room() const {
  std::vector<kept_file> files = files_of(folder_);
  std::size_t total = 0;
  for (const kept_file& each : files) total += each.bytes;
  if (total <= most_bytes_) return;
  std::sort(files.begin(), files.end(), [](const kept_file& a, const kept_file& b) { return a.used < b.used; });
  for (const kept_file& each : files) {
    if (total <= most_bytes_ / 4 * 3) break;
    std::error_code ignored;
    fs::remove(each.path, ignored);
    total -= each.bytes;
  }
}

kernel_cache::contents kernel_cache::count() const noexcept {
  contents found;
  try {
    if (!folder_.empty())
      for (const kept_file& each : files_of(folder_)) {
        ++found.kernels;
        found.bytes += each.bytes;
      }
  } catch (...) {
  }
  return found;
}

}  // namespace foldgrid::detail::cuda
