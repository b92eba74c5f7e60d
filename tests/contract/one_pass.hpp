// SPDX-License-Identifier: MIT
// A range of unknown length that can be walked once, over the elements of a vector.
#pragma once

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

template <class T>
struct one_pass {
  explicit one_pass(std::vector<T> elements) : values(std::move(elements)) {}
  one_pass(one_pass&&) = default;
  one_pass& operator=(one_pass&&) = default;

  struct iterator {
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    one_pass* source = nullptr;
    iterator() = default;
    explicit iterator(one_pass& of) : source(&of) {}
    iterator(iterator&&) = default;
    iterator& operator=(iterator&&) = default;
    T operator*() const { return std::move(source->values[source->at]); }
    iterator& operator++() {
      ++source->at;
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator& i, std::default_sentinel_t) { return i.source->at == i.source->values.size(); }
  };
  iterator begin() { return iterator(*this); }
  std::default_sentinel_t end() const { return {}; }

  std::vector<T> values;
  std::size_t at = 0;
};
