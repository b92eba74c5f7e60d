// SPDX-License-Identifier: MIT
// The verbs of the timing table, each doing the same with a function f of one index.
#pragma once

#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <string>
#include <tuple>
#include <vector>

namespace bench {

/// What a verb does with n tasks; the sum of their results.
struct verb {
  std::string name;
  std::function<long long(const foldgrid::executor&, long long n)> run;
  bool one_at_a_time = false;
};

inline long long sum_of(const auto& results) {
  long long sum = 0;
  for (const long long each : results) sum += each;
  return sum;
}

/// f(i) gives i.
template <class F>
std::vector<verb> verbs(F f) {
  const auto rows = [](long long n) {
    std::vector<std::tuple<long long>> made;
    for (long long i = 0; i < n; ++i) made.emplace_back(i);
    return made;
  };
  const auto get_all = [](auto& futures) {
    long long sum = 0;
    for (auto& each : futures) sum += each.get();
    return sum;
  };
  return {
      {"apply",
       [f](const foldgrid::executor& pool, long long n) {
         long long sum = 0;
         for (long long i = 0; i < n; ++i) sum += pool.apply(f, i);
         return sum;
       },
       true},
      {"apply_async",
       [=](const foldgrid::executor& pool, long long n) {
         std::vector<foldgrid::future<long long>> all;
         for (long long i = 0; i < n; ++i) all.push_back(pool.apply_async(f, i));
         return get_all(all);
       }},
      {"submit",
       [=](const foldgrid::executor& pool, long long n) {
         std::vector<foldgrid::future<long long>> all;
         for (long long i = 0; i < n; ++i) all.push_back(pool.submit(f, i));
         return get_all(all);
       }},
      {"map", [f](const foldgrid::executor& pool, long long n) { return sum_of(pool.map(f, foldgrid::iota(n))); }},
      {"map, chunk_size 1",
       [f](const foldgrid::executor& pool, long long n) { return sum_of(pool.map({.chunk_size = 1}, f, foldgrid::iota(n))); }},
      {"map_async", [f](const foldgrid::executor& pool, long long n) { return sum_of(pool.map_async(f, foldgrid::iota(n)).get()); }},
      {"imap",
       [f](const foldgrid::executor& pool, long long n) {
         long long sum = 0;
         for (const long long each : pool.imap({.buffer_size = 1024}, f, foldgrid::iota(n))) sum += each;
         return sum;
       }},
      {"imap_unordered",
       [f](const foldgrid::executor& pool, long long n) {
         long long sum = 0;
         for (const long long each : pool.imap_unordered({.buffer_size = 1024}, f, foldgrid::iota(n))) sum += each;
         return sum;
       }},
      {"starmap", [=](const foldgrid::executor& pool, long long n) { return sum_of(pool.starmap(f, rows(n))); }},
      {"starmap_async", [=](const foldgrid::executor& pool, long long n) { return sum_of(pool.starmap_async(f, rows(n)).get()); }},
      {"map_reduce", [f](const foldgrid::executor& pool, long long n) { return pool.map_reduce(f, std::plus<>{}, foldgrid::iota(n)); }},
  };
}

}  // namespace bench
