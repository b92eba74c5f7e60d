// SPDX-License-Identifier: MIT
// A source of 0, 1, 2, ... in one pass, as a generator: it may be endless, counts what it has made, and may throw in place of a number.
#pragma once

#include <atomic>
#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <string>

struct numbers {
  static constexpr int none = -1;

  explicit numbers(int numbers_in_all = none, std::atomic<int>* count = nullptr, int failing = none)
      : length(numbers_in_all), made(count), fails_at(failing) {}
  numbers(numbers&&) = default;
  numbers& operator=(numbers&&) = default;

  struct iterator {
    using value_type = int;
    using difference_type = std::ptrdiff_t;
    numbers* source = nullptr;
    iterator() = default;
    explicit iterator(numbers& of) : source(&of) {}
    iterator(iterator&&) = default;
    iterator& operator=(iterator&&) = default;
    int operator*() const { return source->at; }
    iterator& operator++() {
      source->make(source->at + 1);
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator& i, std::default_sentinel_t) { return i.source->at == i.source->length; }
  };
  iterator begin() {
    make(0);
    return iterator(*this);
  }
  std::default_sentinel_t end() const { return {}; }

  void make(int number) {
    if (number == fails_at) throw std::runtime_error("no number " + std::to_string(number));
    at = number;
    if (made && at != length) ++*made;
  }

  int length;
  std::atomic<int>* made;
  int fails_at;
  int at = 0;
};
