// SPDX-License-Identifier: MIT
// Which rank a function runs on, and what the tests expect of that.
#pragma once

#include "../contract/backends.hpp"

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <set>
#include <thread>

inline const fg::mpi::executor& pool() { return *mpi_pool; }

/// Number of processes, as the launcher tells them.
inline int process_count() {
  const char* const text = std::getenv("OMPI_COMM_WORLD_SIZE");
  return text ? std::atoi(text) : 1;
}
inline int rank_here() {
  const char* const text = std::getenv("OMPI_COMM_WORLD_RANK");
  return text ? std::atoi(text) : 0;
}
/// The same, after a while in which others get their turn.
inline int rank_after_a_while() {
  std::this_thread::sleep_for(std::chrono::microseconds(500));
  return rank_here();
}
/// Enough items for every worker to get some.
inline std::size_t plenty() { return 40 * static_cast<std::size_t>(process_count()); }

/// The manager does no work, all others do; alone it does all.
template <class Ranks>
testing::AssertionResult all_workers(const Ranks& found) {
  const std::set<int> ranks(found.begin(), found.end());
  std::set<int> expected;
  for (int rank = process_count() > 1 ? 1 : 0; rank < process_count(); ++rank) expected.insert(rank);
  if (ranks == expected) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "ran on ranks " << testing::PrintToString(ranks) << " of " << process_count();
}
