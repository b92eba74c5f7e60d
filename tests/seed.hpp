// SPDX-License-Identifier: MIT
// The seed of randomized tests: printed once, and taken from the environment variable FOLDGRID_SEED when that is set.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

inline std::uint64_t test_seed() {
  static const std::uint64_t seed = [] {
    const char* const given = std::getenv("FOLDGRID_SEED");
    const std::uint64_t chosen = given ? std::strtoull(given, nullptr, 0) : std::random_device{}();
    std::printf("FOLDGRID_SEED=%llu\n", static_cast<unsigned long long>(chosen));
    std::fflush(stdout);
    return chosen;
  }();
  return seed;
}
