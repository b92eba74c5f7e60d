// SPDX-License-Identifier: MIT
// Section "bits": an array above 2^32 bytes, and more than 2^32 leaves.
#include "../text.hpp"
#include "bits.hpp"
#include "random.hpp"

namespace gpu_check {

/// A leaf that needs no memory, and all 64 bits of its index.
FOLDGRID_FUNCTION(scrambled, (std::size_t i), {
  const std::uint64_t z = (i ^ (i >> 30)) * 0xBF58476D1CE4E5B9u;
  return z ^ (z >> 27);
})

void check_large_arrays(session& with) {
  const double start = with.out.seconds();
  const std::size_t n = with.small() ? (std::size_t{1} << 20) + 4099 : (std::size_t{1} << 30) + 4099;
  {
    const auto xs = random_array<float>(with, n, 30);
    const auto there = with.gpu.to_device(xs);
    const float expected = with.cpu.sum(xs);
    for (const char* const how : {"of a device_array", "of a device_array, again"})
      with.check.same({"sum", "f32", n, how}, with.gpu.sum(there), expected);
    with.out.progress("bits  %-14s sum of %zu elements, %.2f GB, %.1f s", "f32", n, static_cast<double>(n) * 4e-9,
                      with.out.seconds() - start);
  }
  const std::size_t leaves = with.small() ? 100'003 : (std::size_t{1} << 32) + 100'003;
  const auto indices = fg::iota(leaves);
  const auto expected = with.cpu.map_reduce(scrambled, std::plus<>{}, indices);
  with.check.same({"map_reduce", "u64", leaves, "of computed indices"}, with.gpu.map_reduce(scrambled, std::plus<>{}, indices), expected);
  with.out.progress("bits  %-14s map_reduce of %zu computed leaves", "u64", leaves);
  with.out.keep("bits", record().add("type", "f32, u64").add("verbs", "sum, map_reduce").add("largest", leaves).add("array_bytes", 4 * n));
}

}  // namespace gpu_check
