// SPDX-License-Identifier: MIT
// One thread for each call with a task_timeout, which stops the tokens of items that run too long.
#pragma once

#include <foldgrid/detail/call.hpp>

#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace foldgrid::detail {

inline std::int64_t steady_nanoseconds() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The duration in nanoseconds; less than nothing is 0, more than a hundred years is a hundred years. NaN is std::invalid_argument.
inline std::int64_t clamped_nanoseconds(std::chrono::duration<double> duration) {
  constexpr double century = 3.2e9;
  const double seconds = duration.count();
  if (std::isnan(seconds)) throw std::invalid_argument("asked to wait for a time that is not a number; give seconds");
  return static_cast<std::int64_t>((seconds < 0 ? 0 : seconds > century ? century : seconds) * 1e9);
}

/// All items of a call have the same limit, so the one that started first is due first: a list in order of start.
class item_watcher {
 public:
  explicit item_watcher(std::chrono::duration<double> limit);
  ~item_watcher();
  void add(item_watch& item);
  void remove(item_watch& item) noexcept;

 private:
  void watch(const std::stop_token& stop);

  const std::int64_t limit_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  item_watch* first_ = nullptr;
  item_watch* last_ = nullptr;
  std::jthread thread_;
};

}  // namespace foldgrid::detail
