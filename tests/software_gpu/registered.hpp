// SPDX-License-Identifier: MIT
// The host's memory that was pinned at the stand-in driver.
#pragma once

#include <cstddef>
#include <iterator>
#include <map>

namespace software_gpu {

/// Ranges that do not overlap.
class registered_ranges {
 public:
  /// True when the bytes lie in one registered range, or in none.
  bool is_alike(const void* data, std::size_t bytes) const {
    const char* const first = static_cast<const char*>(data);
    for (const auto& [from, to] : ends_)
      if (first < to && from < first + bytes) return from <= first && first + bytes <= to;
    return true;
  }
  /// False when some of it is registered already.
  bool insert(const void* data, std::size_t bytes) {
    const char* const first = static_cast<const char*>(data);
    const auto after = ends_.lower_bound(first);
    if (after != ends_.end() && after->first < first + bytes) return false;
    if (after != ends_.begin() && std::prev(after)->second > first) return false;
    ends_.emplace(first, first + bytes);
    return true;
  }
  bool erase(const void* data) { return ends_.erase(static_cast<const char*>(data)) != 0; }

 private:
  std::map<const char*, const char*> ends_;
};
inline registered_ranges& registered() {
  static registered_ranges all;
  return all;
}

}  // namespace software_gpu
