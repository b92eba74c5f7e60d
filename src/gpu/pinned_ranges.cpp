// SPDX-License-Identifier: MIT
// Pins memory of the user, and remembers which.
#include "gpu/pinned_ranges.hpp"

#include "gpu/device.hpp"

#include "forks.hpp"

#include <foldgrid/pin.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>

namespace foldgrid {
namespace detail::cuda {
namespace {

/// By first address: where each range ends. Ranges do not overlap, as the driver refuses that.
struct pinned_set {
  std::mutex mutex;
  held_over_fork over_fork{mutex};
  std::map<const std::byte*, const std::byte*, std::less<>> ends;

  static pinned_set& get() {
    static auto* const all = new pinned_set;  // outlives every static object
    return *all;
  }
};

}  // namespace

bool is_pinned(const void* data, std::size_t bytes) {
  pinned_set& all = pinned_set::get();
  const auto* const first = static_cast<const std::byte*>(data);
  const std::lock_guard lock(all.mutex);
  const auto after = all.ends.upper_bound(first);
  return after != all.ends.begin() && first + bytes <= std::prev(after)->second;
}

namespace {

/// How many bytes from here on lie in one pinned range, or in none.
std::size_t alike(const std::byte* data, std::size_t bytes) {
  pinned_set& all = pinned_set::get();
  const std::lock_guard lock(all.mutex);
  const auto after = all.ends.upper_bound(data);
  const std::byte* edge = after == all.ends.end() ? data + bytes : after->first;
  if (after != all.ends.begin() && data < std::prev(after)->second) edge = std::prev(after)->second;
  return std::min(bytes, static_cast<std::size_t>(edge - data));
}

template <class Copy>
void in_parts(const void* host, std::size_t bytes, Copy&& copy) {
  for (std::size_t at = 0, part; at < bytes; at += part) copy(at, part = alike(static_cast<const std::byte*>(host) + at, bytes - at));
}

}  // namespace

void copy_in_parts(address to, const void* from, std::size_t bytes, stream on) {
  in_parts(from, bytes, [&](std::size_t at, std::size_t part) {
    FOLDGRID_CUDA(cuMemcpyHtoDAsync, to + at, static_cast<const std::byte*>(from) + at, part, on);
  });
}
void copy_out_parts(void* to, address from, std::size_t bytes, stream on) {
  in_parts(to, bytes, [&](std::size_t at, std::size_t part) {
    FOLDGRID_CUDA(cuMemcpyDtoHAsync, static_cast<std::byte*>(to) + at, from + at, part, on);
  });
}

}  // namespace detail::cuda

pinned::pinned(const void* data, std::size_t bytes) {
  using namespace detail::cuda;
  if (bytes == 0) {
    reason_ = "pin: there is nothing to pin in an empty range";
    return;
  }
  if (driver::get().device_count == 0) {
    reason_ = "pin: " + driver::get().reason;
    return;
  }
  pinned_set& all = pinned_set::get();
  const auto* const first = static_cast<const std::byte*>(data);
  try {
    const context_guard current(device_object::get(0).context_handle());
    FOLDGRID_CUDA(cuMemHostRegister, const_cast<void*>(data), bytes, host_memory_portable);  // long: nobody waits for it
    try {
      const std::lock_guard lock(all.mutex);
      all.ends.emplace(first, first + bytes);
    } catch (...) {
      driver::get().cuMemHostUnregister(const_cast<void*>(data));
      throw;
    }
    data_ = data;
  } catch (const error& e) {
    reason_ = std::string("pin: ") + e.what();
  }
}

void pinned::unpin(const void* data) noexcept {
  using namespace detail::cuda;
  pinned_set& all = pinned_set::get();
  try {
    {
      const std::lock_guard lock(all.mutex);
      all.ends.erase(static_cast<const std::byte*>(data));
    }
    const context_guard current(device_object::get(0).context_handle());
    driver::get().cuMemHostUnregister(const_cast<void*>(data));
  } catch (...) {  // the device is gone, and with it the pinning
  }
}

}  // namespace foldgrid
