// SPDX-License-Identifier: MIT
// What the GPU is measured against: CUB, Thrust and copies, in a unit for nvcc; without nvcc they are missing and say so.
// Arrays lie on the device. Seconds are device time between two events on a stream that was idle, as the library's own are.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gpu_check::rivals {

/// Why there are none; null when they are there.
const char* missing();

template <class T>
struct timed {
  T value;
  double seconds;
};
struct matrix {
  std::uint32_t a, b, c, d;
};

/// T: float, double, int, long long.
template <class T>
timed<T> cub_sum(const T* x, std::size_t n);
timed<double> cub_squares(const float* x, std::size_t n);
timed<double> cub_dot(const float* x, const float* y, std::size_t n);
timed<matrix> cub_product(const matrix* x, std::size_t n);

/// out = 2.5 x + 1, and x + 3 y, by cub::DeviceTransform; float, double. The seconds.
template <class T>
double cub_scaled(const T* x, T* out, std::size_t n);
template <class T>
double cub_scaled_sum(const T* x, const T* y, T* out, std::size_t n);
/// Whether the toolkit has cub::DeviceTransform; otherwise these two are not to be called.
bool has_transform();

/// Return when the value is on the host; timed by the caller's clock.
template <class T>
T thrust_sum(const T* x, std::size_t n);
double thrust_squares(const float* x, std::size_t n);

/// Of a copy within the device.
double copy_seconds(void* to, const void* from, std::size_t bytes);
/// Bytes per second of copies from page-locked host memory.
double pinned_rate(std::size_t bytes);

}  // namespace gpu_check::rivals
