// SPDX-License-Identifier: MIT
// Functors for both sides, as a user has them in a header.
#pragma once

struct scaled {
  double by;
  __host__ __device__ double operator()(double x) const { return by * x; }
};
struct sum_of_two {
  __host__ __device__ double operator()(double a, double b) const { return a + b; }
};
/// Keeps the order: the first of two that is not zero. Associative, not commutative.
struct first_not_zero {
  __host__ __device__ double operator()(double a, double b) const { return a != 0 ? a : b; }
};
struct point {
  double x, y;
};
struct to_point {
  __host__ __device__ point operator()(double x, long i) const { return {x, static_cast<double>(i)}; }
};
struct add_points {
  __host__ __device__ point operator()(const point& a, const point& b) const { return {a.x + b.x, a.y - b.y + 2 * b.y}; }
};
