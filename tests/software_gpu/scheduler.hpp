// SPDX-License-Identifier: MIT
// Who runs next: the set of threads that can, and the four orders of taking one out of it.
#pragma once

#include <software_gpu/emulator.hpp>

#include <cstdint>

namespace software_gpu::detail {

inline constexpr unsigned most_threads = 4096;  ///< under way at once

/// Positions below `most_threads`, found by two looks at 64 bits.
class position_set {
 public:
  void clear() noexcept;
  void insert(unsigned position) noexcept;
  void erase(unsigned position) noexcept;
  bool empty() const noexcept { return summary_ == 0; }
  /// The first one at or after `position`, going round; the set must not be empty.
  unsigned next(unsigned position) const noexcept;

 private:
  std::uint64_t words_[most_threads / 64] = {};
  std::uint64_t summary_ = 0;  // bit w: words_[w] is not zero
};

/// Chooses among seats: slot of a resident block times its threads, plus the thread's number. Allocates nothing.
class scheduler {
 public:
  static constexpr unsigned nobody = ~0u;

  void start(order how, std::uint64_t seed, unsigned slots, unsigned threads) noexcept;
  void can_run(unsigned seat) noexcept { ready_.insert(position_[seat]); }
  void cannot_run(unsigned seat) noexcept { ready_.erase(position_[seat]); }
  /// Who goes on after the one on `seat` has had to stop, or after nobody.
  unsigned take(unsigned seat) noexcept;
  /// Who goes on at a point where the one on `seat` could: perhaps itself. A `poll` hands over only for fairness.
  unsigned take_at_point(unsigned seat, bool poll) noexcept;
  /// Block that starts as the n-th of so many.
  unsigned block(unsigned nth) const noexcept;
  void count_blocks(unsigned blocks) noexcept;

 private:
  std::uint64_t draw() noexcept;
  void change_priority(unsigned seat) noexcept;

  order order_ = order::in_order;
  std::uint64_t state_ = 0;
  unsigned seats_ = 0, blocks_ = 0, stride_ = 1, offset_ = 0, unbroken_ = 0;
  position_set ready_;
  // Where a seat lies in the order, and who sits at a position; seats never fill more than 16 bits.
  std::uint16_t position_[most_threads] = {};
  std::uint16_t seat_[most_threads] = {};
};

}  // namespace software_gpu::detail
