// SPDX-License-Identifier: MIT
// In place of rivals.cu where there is no nvcc, and in the tests: there is nothing to measure against.
#include "rivals.hpp"

#include <cstdlib>

namespace gpu_check::rivals {

const char* missing() { return "this program was built without nvcc"; }
bool has_transform() { return false; }

// Nobody calls these when they are missing.
template <class T>
timed<T> cub_sum(const T*, std::size_t) {
  std::abort();
}
template timed<float> cub_sum(const float*, std::size_t);
template timed<double> cub_sum(const double*, std::size_t);
template timed<int> cub_sum(const int*, std::size_t);
template timed<long long> cub_sum(const long long*, std::size_t);
timed<double> cub_squares(const float*, std::size_t) { std::abort(); }
timed<double> cub_dot(const float*, const float*, std::size_t) { std::abort(); }
timed<matrix> cub_product(const matrix*, std::size_t) { std::abort(); }
template <class T>
double cub_scaled(const T*, T*, std::size_t) {
  std::abort();
}
template double cub_scaled(const float*, float*, std::size_t);
template double cub_scaled(const double*, double*, std::size_t);
template <class T>
double cub_scaled_sum(const T*, const T*, T*, std::size_t) {
  std::abort();
}
template double cub_scaled_sum(const float*, const float*, float*, std::size_t);
template double cub_scaled_sum(const double*, const double*, double*, std::size_t);
template <class T>
T thrust_sum(const T*, std::size_t) {
  std::abort();
}
template float thrust_sum(const float*, std::size_t);
template double thrust_sum(const double*, std::size_t);
double thrust_squares(const float*, std::size_t) { std::abort(); }
double copy_seconds(void*, const void*, std::size_t) { std::abort(); }
double pinned_rate(std::size_t) { std::abort(); }

}  // namespace gpu_check::rivals
