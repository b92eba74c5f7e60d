// SPDX-License-Identifier: MIT
// Functions and structs that several sections run on the GPU.
#pragma once

#include "random.hpp"

#include <foldgrid/foldgrid.hpp>

namespace gpu_check {

FOLDGRID_FUNCTION(widened_square, (float x), { return static_cast<double>(x) * static_cast<double>(x); })
FOLDGRID_FUNCTION(widened_product, (float x, float y), { return static_cast<double>(x) * static_cast<double>(y); })

// What maps are measured with; the same as of the CPU's benchmarks.
FOLDGRID_FUNCTION(scaled_f32, (float x), { return 2.5f * x + 1.0f; })
FOLDGRID_FUNCTION(scaled_f64, (double x), { return 2.5 * x + 1.0; })
FOLDGRID_FUNCTION(scaled_sum_f32, (float x, float y), { return x + 3.0f * y; })
FOLDGRID_FUNCTION(scaled_sum_f64, (double x, double y), { return x + 3.0 * y; })

/// 2x2, row-major, of integers modulo a prime: products are exact, and their order matters.
FOLDGRID_STRUCT(matrix, (std::uint32_t a; std::uint32_t b; std::uint32_t c; std::uint32_t d;))
FOLDGRID_FUNCTION(matrix_product, (matrix l, matrix r), {
  const std::uint64_t prime = 998244353;
  const std::uint64_t la = l.a, lb = l.b, lc = l.c, ld = l.d;
  return matrix{static_cast<std::uint32_t>((la * r.a + lb * r.c) % prime), static_cast<std::uint32_t>((la * r.b + lb * r.d) % prime),
                static_cast<std::uint32_t>((lc * r.a + ld * r.c) % prime), static_cast<std::uint32_t>((lc * r.b + ld * r.d) % prime)};
})
inline void fill(matrix& element, std::uint64_t seed, std::uint64_t i) {
  std::uint32_t entry[4];
  for (std::uint64_t k = 0; k < 4; ++k) entry[k] = static_cast<std::uint32_t>(random_bits(seed, 4 * i + k) % 998244353);
  element = {entry[0], entry[1], entry[2], entry[3]};
}

// Structs of 12, 16, 24 and 64 bytes, each with an operator that is not even associative, so that every step of the tree shows.
FOLDGRID_STRUCT(struct_12, (float x; float y; std::int32_t k;))
FOLDGRID_STRUCT(struct_16, (double x; std::int64_t k;))
FOLDGRID_STRUCT(struct_24, (double x; double y; double z;))
FOLDGRID_STRUCT(struct_64, (double a; double b; double c; double d; double e; double f; std::uint64_t g; std::uint64_t h;))

FOLDGRID_FUNCTION(join_12, (struct_12 l, struct_12 r), {
  return struct_12{0.5f * l.x + r.y, r.x - l.y * 0.25f,
                   static_cast<std::int32_t>(static_cast<std::uint32_t>(l.k) * 31u + static_cast<std::uint32_t>(r.k))};
})
FOLDGRID_FUNCTION(join_16, (struct_16 l, struct_16 r), {
  return struct_16{0.5 * l.x + r.x, static_cast<std::int64_t>(static_cast<std::uint64_t>(l.k) * 31u + static_cast<std::uint64_t>(r.k))};
})
FOLDGRID_FUNCTION(join_24, (struct_24 l, struct_24 r), { return struct_24{0.5 * l.x + r.y, r.z - 0.25 * l.y, 0.125 * l.z + r.x}; })
FOLDGRID_FUNCTION(join_64, (struct_64 l, struct_64 r), {
  return struct_64{l.a + r.b,       0.5 * l.b - r.a,  l.c + 0.25 * r.d,      l.d * 0.5 + r.c,
                   l.e + r.f * 0.5, l.f * 0.25 - r.e, l.g * 31u + r.h * 17u, (l.h ^ (r.g >> 3)) * 5u + r.h};
})

inline void fill(struct_12& element, std::uint64_t seed, std::uint64_t i) {
  element = {static_cast<float>(random_real(seed, 3 * i)), static_cast<float>(random_real(seed, 3 * i + 1)),
             static_cast<std::int32_t>(random_bits(seed, 3 * i + 2))};
}
inline void fill(struct_16& element, std::uint64_t seed, std::uint64_t i) {
  element = {random_real(seed, 2 * i), static_cast<std::int64_t>(random_bits(seed, 2 * i + 1))};
}
inline void fill(struct_24& element, std::uint64_t seed, std::uint64_t i) {
  element = {random_real(seed, 3 * i), random_real(seed, 3 * i + 1), random_real(seed, 3 * i + 2)};
}
inline void fill(struct_64& element, std::uint64_t seed, std::uint64_t i) {
  const auto real = [&](std::uint64_t k) { return random_real(seed, 8 * i + k); };
  element = {real(0), real(1), real(2), real(3), real(4), real(5), random_bits(seed, 8 * i + 6), random_bits(seed, 8 * i + 7)};
}

}  // namespace gpu_check
