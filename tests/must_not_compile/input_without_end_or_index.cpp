// EXPECT: foldgrid: the input never ends and has no index
// SPDX-License-Identifier: MIT
// One pass over what never ends, and nothing beside it that does.
#include <foldgrid/foldgrid.hpp>

#include <cstddef>
#include <iterator>

namespace fg = foldgrid;

struct clock_ticks {
  struct iterator {
    using value_type = int;
    using difference_type = std::ptrdiff_t;
    int operator*() const { return 1; }
    iterator& operator++() { return *this; }
    void operator++(int) {}
  };
  iterator begin() const { return {}; }
  std::unreachable_sentinel_t end() const { return {}; }
};

void misuse(const fg::executor& pool) {
  pool.map([](int a, int b) { return a + b; }, clock_ticks{}, fg::repeat(1));
}
