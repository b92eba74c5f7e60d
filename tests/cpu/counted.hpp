// SPDX-License-Identifier: MIT
// A value that counts its instances, copies and moves, and can be told to throw when copied.
#pragma once

#include <atomic>

struct counted {
  static inline std::atomic<long> alive = 0, copies = 0, moves = 0, throws_after = -1;
  static void reset() {
    copies = moves = 0;
    throws_after = -1;
  }
  struct refused {};

  long value;

  explicit counted(long v) : value(v) { ++alive; }
  counted(const counted& other) : value(other.value) {
    if (throws_after >= 0 && throws_after-- == 0) throw refused{};
    ++alive;
    ++copies;
  }
  counted(counted&& other) noexcept : value(other.value) {
    other.value = -1;
    ++alive;
    ++moves;
  }
  counted& operator=(const counted& other) {
    value = other.value;
    ++copies;
    return *this;
  }
  counted& operator=(counted&& other) noexcept {
    value = other.value;
    if (&other != this) other.value = -1;
    ++moves;
    return *this;
  }
  ~counted() { --alive; }
};
