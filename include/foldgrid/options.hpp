// SPDX-License-Identifier: MIT
// What an executor and a call can be told.
#pragma once

#include <foldgrid/error.hpp>
#include <foldgrid/report.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <semaphore>  // declares std::chrono::duration at a fraction of <chrono>'s cost
#include <stop_token>
#include <string>
#include <type_traits>

namespace foldgrid {

/// A number of things, made from any integer. Negative numbers are kept, so that they can be refused with a clear
/// message instead of becoming huge.
class count {
 public:
  constexpr count() noexcept = default;
  template <std::integral Integer>
  constexpr count(Integer value) noexcept  // implicit: `.chunk_size = 64`
      : bits_(static_cast<std::uint64_t>(value)), negative_(is_negative(value)) {}

  constexpr bool negative() const noexcept { return negative_; }
  /// The number; meaningless when negative().
  constexpr std::size_t value() const noexcept { return static_cast<std::size_t>(bits_); }
  /// The number as decimal text, for messages.
  std::string text() const { return negative_ ? std::to_string(static_cast<std::int64_t>(bits_)) : std::to_string(bits_); }
  friend constexpr bool operator==(const count&, const count&) noexcept = default;

 private:
  template <std::integral Integer>
  static constexpr bool is_negative(Integer value) noexcept {
    if constexpr (std::is_signed_v<Integer>) {
      return value < 0;
    } else {
      return false;  // nvcc warns of the comparison
    }
  }
  std::uint64_t bits_ = 0;
  bool negative_ = false;
};

/// What a progress callback looks like: (items done, items in all); the total is 0 while it is unknown. Calls are
/// serialised, come from any of the working threads and never go back; the last one of a successful call has
/// done == total. foldgrid::progress_bar is one. What it throws ends the call and is rethrown to the caller.
using progress_callback = std::function<void(std::size_t done, std::size_t total)>;

/// Options of a call, given first: `pool.map({.chunk_size = 64}, f, xs)`. No option can change a result's bits.
struct options {
  /// Items claimed at a time; 0 chooses by measuring, larger than the input is one chunk. Reductions round down to 2^k.
  count chunk_size = {};
  /// Elements a stream may be ahead of its consumer; 0 means 2 x workers.
  count buffer_size = {};
  /// Expected number of items; a different real number is std::invalid_argument.
  std::optional<count> total = {};
  /// Called as work goes on.
  progress_callback progress = {};
  /// Once stopped nothing new starts; what runs is awaited, then cancelled_error.
  std::stop_token stop = {};
  /// Once past nothing new starts; what runs is awaited, then timeout_error. Seconds from the call.
  std::optional<std::chrono::duration<double>> timeout = {};
  /// An item that runs longer has its stop_token stopped; it is awaited, and its result is timeout_error.
  std::optional<std::chrono::duration<double>> task_timeout = {};
  /// After a failure nothing new starts. Without it every other item still runs.
  bool fail_fast = {};
  /// Inputs of unequal length are std::invalid_argument instead of stopping at the shortest.
  bool strict = {};
  /// A reduce waits for each level of the tree before it starts the next (the same value).
  bool sync = {};
  /// Filled with where and how the call ran.
  run_report* report = {};
};

/// Options of an executor.
struct executor_options {
  /// Where to run; automatic takes the best there is.
  backend where = {};
  /// Threads that work at a time; 0 means one per core this process may use (affinity mask, cgroup quota).
  /// Negative or above 65,536 is std::invalid_argument.
  count workers = {};
  /// Index of the GPU.
  int gpu = {};
  /// Run once by each worker before its first item. With one, verbs run on the workers only, not on the caller's thread.
  std::function<void()> initializer = {};
};

}  // namespace foldgrid
