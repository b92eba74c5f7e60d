// SPDX-License-Identifier: MIT
// The kernel text for tests that launch it themselves: the text in its order, exact memory, sizes, orders of threads and random values.
#pragma once

#include "../seed.hpp"
#include "emulator.hpp"

#include <foldgrid/port.cuh>

#include <foldgrid/tuning.cuh>

#include <foldgrid/types.cuh>

#include <foldgrid/operators.cuh>

#include <foldgrid/search.cuh>

#include <foldgrid/inputs.cuh>

#include <foldgrid/tree_reduce.cuh>

#include <foldgrid/failures.cuh>

#include <foldgrid/segments.cuh>

#include <foldgrid/map.cuh>

#include <cstring>
#include <memory>
#include <random>
#include <type_traits>
#include <vector>

namespace gpu = foldgrid::gpu;

/// Memory of exactly so many elements, so that ASan sees both ends.
template <class T>
struct exact {
  explicit exact(std::size_t n) : data(new T[n]) {}
  std::unique_ptr<T[]> data;
};

template <class T>
bool equal_bits(const T& a, const T& b) {
  return std::memcmp(&a, &b, sizeof(T)) == 0;
}

inline const std::vector<std::size_t>& sizes() {
  static const std::vector<std::size_t> all = [] {
    std::vector<std::size_t> made{1,   2,   3,    4,    5,    7,    8,    31,   32,   33,   63,   127,  128,   129,  255,
                                  256, 257, 1000, 1023, 1024, 1025, 4095, 4096, 4097, 8191, 8192, 8193, 16385, 40000};
    std::mt19937_64 random(test_seed());
    for (int k = 0; k < 4; ++k) made.push_back(1 + random() % 30000);
    return made;
  }();
  return all;
}

inline software_gpu::options how(std::size_t k) {
  return {.scheduling = software_gpu::all_orders[k % software_gpu::all_orders.size()], .seed = test_seed() + k};
}

template <class T>
std::vector<T> random_values(std::size_t n) {
  std::mt19937_64 random(test_seed() ^ n);
  std::vector<T> values(n);
  for (T& each : values) {
    if constexpr (std::is_floating_point_v<T>) {
      each = static_cast<T>(static_cast<double>(static_cast<std::int64_t>(random())) * 0x1p-60);
    } else {
      each = static_cast<T>(random());
    }
  }
  return values;
}
