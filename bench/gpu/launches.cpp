// SPDX-License-Identifier: MIT
// Section "launches": a great many short reductions from four threads at once, each on a stream of its own, with equal bits every time.
#include "random.hpp"

#include <atomic>
#include <mutex>
#include <thread>

namespace gpu_check {

void check_launches(session& with) {
  constexpr std::size_t in_block = 4096;  // doubles that one block of a sum takes
  const std::size_t launches = with.small() ? 1000 : 100'000, arrays = with.small() ? 8 : 64, blocks_from = 3,
                    blocks_to = with.small() ? 6 : 300;
  const double start = with.out.seconds();
  const auto xs = random_array<double>(with, blocks_to * in_block + arrays, 40);
  std::vector<fg::device_array<double>> there;
  std::vector<double> expected;
  for (std::size_t k = 0; k < arrays; ++k) {
    const std::size_t n = blocks_from * in_block + random_bits(with.seed, 500 + k) % ((blocks_to - blocks_from) * in_block);
    const std::span<const double> part(xs.data() + k, n);
    there.push_back(with.gpu.to_device(part));
    expected.push_back(with.cpu.sum(part));
  }
  std::mutex mutex;
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (std::size_t k = t; k < launches; k += 4) {
          const std::size_t which = random_bits(with.seed, 9000 + k) % arrays;
          const subject of{"sum", "f64", there[which].size(), "launch " + std::to_string(k) + " from thread " + std::to_string(t)};
          try {
            const double found = with.gpu.sum(there[which]);
            const std::lock_guard lock(mutex);
            with.check.same(of, found, expected[which]);
          } catch (const fg::error& e) {
            const std::lock_guard lock(mutex);
            with.check.holds(of, false, e.what());
            return;
          }
        }
      });
  }
  const double seconds = with.out.seconds() - start;
  with.out.progress("launches  %zu of %zu to %zu blocks from 4 threads: %zu differ, %.1f s", launches, blocks_from, blocks_to,
                    with.check.different(), seconds);
  with.out.keep("launches",
                record().add("launches", launches).add("threads", 4).add("different", with.check.different()).add("seconds", seconds));
}

}  // namespace gpu_check
