// SPDX-License-Identifier: MIT
// Random numbers by their index, for users' functions: include/foldgrid/random.hpp says what they are, and has the same expressions.
#pragma once

namespace foldgrid {

struct random_words {
  unsigned w[4];
};

FOLDGRID_DEVICE random_words philox(random_words counter, unsigned key0, unsigned key1) {
  FOLDGRID_UNROLL
  for (int round = 0; round < 10; ++round) {
    const unsigned long a = 0xD2511F53ul * counter.w[0], b = 0xCD9E8D57ul * counter.w[2];
    counter = {{static_cast<unsigned>(b >> 32) ^ counter.w[1] ^ key0, static_cast<unsigned>(b),
                static_cast<unsigned>(a >> 32) ^ counter.w[3] ^ key1, static_cast<unsigned>(a)}};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter;
}

FOLDGRID_OUT_OF_LINE unsigned long random_bits(unsigned long seed, unsigned long element, unsigned long draw) {
  const unsigned long block = draw / 2;
  const random_words made = philox({{static_cast<unsigned>(block), static_cast<unsigned>(block >> 32), static_cast<unsigned>(element),
                                     static_cast<unsigned>(element >> 32)}},
                                   static_cast<unsigned>(seed), static_cast<unsigned>(seed >> 32));
  const unsigned low = draw % 2 == 0 ? made.w[0] : made.w[2], high = draw % 2 == 0 ? made.w[1] : made.w[3];
  return low | static_cast<unsigned long>(high) << 32;
}

FOLDGRID_DEVICE double random_uniform(unsigned long seed, unsigned long element, unsigned long draw) {
  return (static_cast<double>(random_bits(seed, element, draw) >> 12) + 0.5) * 0x1p-52;
}

namespace gpu {

FOLDGRID_DEVICE double log_by_series(double x) {
  unsigned long bits;
  FOLDGRID_COPY_BYTES(&bits, &x, sizeof bits);
  int exponent = static_cast<int>(bits >> 52) - 1022;
  bits = (bits & 0x000FFFFFFFFFFFFFul) | 0x3FE0000000000000ul;
  double m;
  FOLDGRID_COPY_BYTES(&m, &bits, sizeof m);
  if (m < 0.70710678118654752) {
    m *= 2;
    --exponent;
  }
  const double t = (m - 1) / (m + 1), square = t * t;
  double sum = 0;
  for (int k = 25; k > 1; k -= 2) sum = (sum + 1.0 / k) * square;
  return exponent * 0.69314718055994530942 + 2 * (t + t * sum);
}

FOLDGRID_DEVICE double quotient(const double (&a)[8], const double (&b)[8], double r) {
  double above = a[7], below = b[7];
  FOLDGRID_UNROLL
  for (int k = 6; k >= 0; --k) {
    above = above * r + a[k];
    below = below * r + b[k];
  }
  return above / below;
}

}  // namespace gpu

FOLDGRID_OUT_OF_LINE double random_normal(unsigned long seed, unsigned long element, unsigned long draw) {
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
    return q * gpu::quotient(center_above, center_below, r);
  }
  const double r = ::sqrt(-gpu::log_by_series(q < 0 ? p : 1 - p));
  const double x = r <= 5 ? gpu::quotient(middle_above, middle_below, r - 1.6) : gpu::quotient(far_above, far_below, r - 5);
  return q < 0 ? -x : x;
}

}  // namespace foldgrid
