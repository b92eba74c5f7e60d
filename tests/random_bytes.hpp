// SPDX-License-Identifier: MIT
// Random bytes, and good ones with random damage, for whatever parses bytes; FOLDGRID_RANDOM_RUNS says how many rounds.
#pragma once

#include "seed.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

/// So many rounds unless the environment says otherwise; round(random) is called with a generator of its own each time.
template <class Round>
void random_rounds(long standard, Round&& round) {
  const char* const given = std::getenv("FOLDGRID_RANDOM_RUNS");
  const long runs = given ? std::strtol(given, nullptr, 0) : standard;
  for (long run = 0; run < runs && !testing::Test::HasFailure(); ++run) {
    SCOPED_TRACE("round " + std::to_string(run) + " of FOLDGRID_SEED=" + std::to_string(test_seed()));
    std::mt19937_64 random(test_seed() + static_cast<std::uint64_t>(run) * 0x9E3779B97F4A7C15u);
    round(random);
  }
}

inline std::string random_bytes(std::mt19937_64& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& each : bytes) each = static_cast<char>(random());
  return bytes;
}

/// One to four changes, or nothing left of the good ones: bits flipped, bytes put in, taken out, doubled or cut off, and words that hold
/// the largest numbers, or small ones, where lengths may stand.
inline std::string damaged(std::string bytes, std::mt19937_64& random) {
  if (random() % 16 == 0) return random_bytes(random, random() % (2 * bytes.size() + 1));
  for (std::uint64_t left = 1 + random() % 4; left != 0 && !bytes.empty(); --left) {
    const std::size_t at = random() % bytes.size(), few = 1 + random() % 8;
    switch (random() % 7) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
        break;
      case 1:
        bytes[at] = static_cast<char>(random());
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.insert(at, random_bytes(random, few));
        break;
      case 4:
        bytes.erase(at, few);
        break;
      case 5:
        bytes.insert(at, bytes.substr(at, few));
        break;
      default: {
        const std::uint64_t word = (random() % 2 == 0 ? 0 : std::uint64_t{1} << random() % 64) - random() % 3;
        const std::size_t place = at / 8 * 8;
        if (place + sizeof word <= bytes.size()) std::memcpy(bytes.data() + place, &word, sizeof word);
      }
    }
  }
  return bytes;
}
