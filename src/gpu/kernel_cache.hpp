// SPDX-License-Identifier: MIT
// Compiled kernels kept on disk, so that a program's second run compiles nothing.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace foldgrid::detail::cuda {

/// A folder of compiled kernels, FOLDER/HH/HASH.cubin, shared by processes. Files appear whole (written aside, then renamed) and carry
/// a digest of what they hold: a damaged one is not used and is removed. Trouble with the disk is never an error: nothing is kept then.
class kernel_cache {
 public:
  /// The cache of this process: the folder that the environment variable FOLDGRID_CACHE names ("off" for none), or
  /// $XDG_CACHE_HOME/foldgrid, or ~/.cache/foldgrid.
  static const kernel_cache& get();
  /// Empty for none. At most about `most_bytes` are kept; the kernels that were used least recently go first.
  explicit kernel_cache(std::filesystem::path folder, std::size_t most_bytes = std::size_t{256} << 20);

  /// Names a kernel by all its code depends on.
  static std::string key_of(const std::string& text, int capability);

  /// The code kept under a key.
  std::optional<std::string> find(const std::string& key) const noexcept;
  void keep(const std::string& key, const std::string& code) const noexcept;
  void remove(const std::string& key) const noexcept;

  const std::filesystem::path& folder() const noexcept { return folder_; }
  struct contents {
    std::size_t kernels = 0, bytes = 0;
  };
  contents count() const noexcept;

 private:
  std::filesystem::path file_of(const std::string& key) const;
  void make_room() const;

  std::filesystem::path folder_;
  std::size_t most_bytes_;
};

}  // namespace foldgrid::detail::cuda
