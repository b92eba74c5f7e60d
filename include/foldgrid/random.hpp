// SPDX-License-Identifier: MIT
// Random numbers by their index: the same on every backend, whoever computes them in whatever order.
#pragma once

#include <foldgrid/detail/build.hpp>

#include <bit>
#include <cmath>
#include <cstdint>

namespace foldgrid {

/// Four words of 32 bits: a counter, or what philox makes of it.
struct random_words {
  std::uint32_t w[4] = {};
};

/// Philox 4x32-10: ten rounds of multiplication that make random words of a counter and a key (J. K. Salmon, M. A. Moraes, R. O. Dror,
/// D. E. Shaw, Parallel random numbers: as easy as 1, 2, 3, SC'11). Integers alone: the same words everywhere. About 5 ns.
constexpr random_words philox(random_words counter, std::uint32_t key0, std::uint32_t key1) noexcept {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53u} * counter.w[0], b = std::uint64_t{0xCD9E8D57u} * counter.w[2];
    counter = {{static_cast<std::uint32_t>(b >> 32) ^ counter.w[1] ^ key0, static_cast<std::uint32_t>(b),
                static_cast<std::uint32_t>(a >> 32) ^ counter.w[3] ^ key1, static_cast<std::uint32_t>(a)}};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter;
}

/// 64 random bits: number `draw` of the stream that belongs to `element`, of the family that belongs to `seed`. Every (seed, element, draw)
/// has bits of its own; draws 2k and 2k + 1 share a call of philox.
constexpr std::uint64_t random_bits(std::uint64_t seed, std::uint64_t element, std::uint64_t draw) noexcept {
  const std::uint64_t block = draw / 2;
  const random_words made = philox({{static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32),
                                     static_cast<std::uint32_t>(element), static_cast<std::uint32_t>(element >> 32)}},
                                   static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
  const int first = draw % 2 == 0 ? 0 : 2;
  return made.w[first] | static_cast<std::uint64_t>(made.w[first + 1]) << 32;
}

/// A number evenly distributed in (0, 1): the middle of one of 2^52 equal cells, so never 0 or 1.
constexpr double random_uniform(std::uint64_t seed, std::uint64_t element, std::uint64_t draw) noexcept {
  return (static_cast<double>(random_bits(seed, element, draw) >> 12) + 0.5) * 0x1p-52;
}

namespace detail {
/// The natural logarithm of a normal number below 1 by + - * / alone, to about 2^-52: x = m 2^e with m in [0.7, 1.4), and log m by the
/// series of the inverse hyperbolic tangent of (m - 1) / (m + 1).
constexpr double log_by_series(double x) noexcept {
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  int exponent = static_cast<int>(bits >> 52) - 1022;
  double m = std::bit_cast<double>((bits & 0x000FFFFFFFFFFFFFull) | 0x3FE0000000000000ull);
  if (m < 0.70710678118654752) {
    m *= 2;
    --exponent;
  }
  const double t = (m - 1) / (m + 1), square = t * t;
  double sum = 0;
  for (int k = 25; k > 1; k -= 2) sum = (sum + 1.0 / k) * square;
  return exponent * 0.69314718055994530942 + 2 * (t + t * sum);
}

/// The quotient of two polynomials of degree 7 in r, lowest coefficient first.
constexpr double quotient(const double (&a)[8], const double (&b)[8], double r) noexcept {
  double above = a[7], below = b[7];
  for (int k = 7; k-- > 0;) {
    above = above * r + a[k];
    below = below * r + b[k];
  }
  return above / below;
}
}  // namespace detail

/// A number of the standard normal distribution: its quantile at random_uniform(seed, element, draw), to about 16 digits (M. J. Wichura,
/// Algorithm AS 241: the percentage points of the normal distribution, Applied Statistics 37, 1988, 477-484). By + - * / and sqrt alone,
/// the logarithm in the tails too, so with the same bits on every backend.
inline double random_normal(std::uint64_t seed, std::uint64_t element, std::uint64_t draw) noexcept {
  constexpr double center_above[8] = {3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                                      1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                      3.3430575583588128105e+4, 2.5090809287301226727e+3};
  constexpr double center_below[8] = {1.0,
                                      4.2313330701600911252e+1,
                                      6.8718700749205790830e+2,
                                      5.3941960214247511077e+3,
                                      2.1213794301586595867e+4,
                                      3.9307895800092710610e+4,
                                      2.8729085735721942674e+4,
                                      5.2264952788528545610e+3};
  constexpr double middle_above[8] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                                      3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                                      2.27238449892691845833e-2, 7.74545014278341407640e-4};
  constexpr double middle_below[8] = {1.0,
                                      2.05319162663775882187e0,
                                      1.67638483018380384940e0,
                                      6.89767334985100004550e-1,
                                      1.48103976427480074590e-1,
                                      1.51986665636164571966e-2,
                                      5.47593808499534494600e-4,
                                      1.05075007164441684324e-9};
  constexpr double far_above[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                                   2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                   2.71155556874348757815e-5, 2.01033439929228813265e-7};
  constexpr double far_below[8] = {1.0,
                                   5.99832206555887937690e-1,
                                   1.36929880922735805310e-1,
                                   1.48753612908506148525e-2,
                                   7.86869131145613259100e-4,
                                   1.84631831751005468180e-5,
                                   1.42151175831644588870e-7,
                                   2.04426310338993978564e-15};
  const double p = random_uniform(seed, element, draw), q = p - 0.5;
  if (q <= 0.425 && q >= -0.425) {
    const double r = 0.180625 - q * q;
    return q * detail::quotient(center_above, center_below, r);
  }
  const double r = std::sqrt(-detail::log_by_series(q < 0 ? p : 1 - p));
  const double x = r <= 5 ? detail::quotient(middle_above, middle_below, r - 1.6) : detail::quotient(far_above, far_below, r - 5);
  return q < 0 ? -x : x;
}

}  // namespace foldgrid
