// SPDX-License-Identifier: MIT
// Waiting a little before sleeping.
#pragma once

#include <chrono>

namespace foldgrid::detail {

constexpr auto spin_time = std::chrono::microseconds(100);

inline void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Waits a little for one of two conditions that are likely to come true soon; tells whether one did. The second one is looked at once a
/// microsecond or so: it may be dear, or better be left alone.
template <class Condition, class Rarely>
bool spin_until(Condition done, Rarely rarely_done) noexcept {
  const auto end = std::chrono::steady_clock::now() + spin_time;
  do {
    for (int i = 0; i < 32; ++i) {
      if (done()) return true;
      pause();
    }
    if (rarely_done()) return true;
  } while (std::chrono::steady_clock::now() < end);
  return done();
}
template <class Condition>
bool spin_until(Condition done) noexcept {
  return spin_until(done, [] { return false; });
}

/// Waits as long as going to sleep and being woken would take, and looks seldom, so that who works on what is waited for is not disturbed.
template <class Condition>
bool spin_apart(Condition done) noexcept {
  constexpr auto apart = std::chrono::microseconds(1);
  for (int look = 0; look < 5; ++look) {
    const auto next = std::chrono::steady_clock::now() + apart;
    do pause();
    while (std::chrono::steady_clock::now() < next);
    if (done()) return true;
  }
  return false;
}

}  // namespace foldgrid::detail
