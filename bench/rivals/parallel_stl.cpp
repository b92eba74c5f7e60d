// SPDX-License-Identifier: MIT
// The parallel algorithms of the standard library, with std::execution::par_unseq. libstdc++ sums with one register when it
// is given no operator or std::plus<T>, and with several when given std::plus<>: the faster form is taken.
#include "../rivals.hpp"

#include <algorithm>
#include <execution>
#include <numeric>
#include <type_traits>

namespace rivals {

template <class T, class Op>
T parallel_stl_reduce(const T* x, std::size_t n) {
  if constexpr (std::is_same_v<Op, add>) return std::reduce(std::execution::par_unseq, x, x + n, T{}, std::plus<>{});
  return std::reduce(std::execution::par_unseq, x + 1, x + n, x[0], Op{});
}

template <class T>
T parallel_stl_squares(const T* x, std::size_t n) {
  return std::transform_reduce(std::execution::par_unseq, x, x + n, T{}, std::plus<>{}, [](T v) { return v * v; });
}
template <class T>
T parallel_stl_dot(const T* x, const T* y, std::size_t n) {
  return std::transform_reduce(std::execution::par_unseq, x, x + n, y, T{}, std::plus<>{}, std::multiplies<>{});
}
template <class T>
void parallel_stl_scaled(const T* x, T* out, std::size_t n) {
  std::transform(std::execution::par_unseq, x, x + n, out, scaled{});
}
template <class T>
void parallel_stl_scaled_sum(const T* x, const T* y, T* out, std::size_t n) {
  std::transform(std::execution::par_unseq, x, x + n, y, out, scaled_sum{});
}

#define RIVALS_REDUCE(T)                                             \
  template T parallel_stl_reduce<T, add>(const T*, std::size_t);     \
  template T parallel_stl_reduce<T, smaller>(const T*, std::size_t); \
  template T parallel_stl_reduce<T, larger>(const T*, std::size_t)
RIVALS_REDUCE(float);
RIVALS_REDUCE(double);
RIVALS_REDUCE(int);
RIVALS_REDUCE(long long);
#define RIVALS_FLOATING(T)                                      \
  template T parallel_stl_squares(const T*, std::size_t);       \
  template T parallel_stl_dot(const T*, const T*, std::size_t); \
  template void parallel_stl_scaled(const T*, T*, std::size_t); \
  template void parallel_stl_scaled_sum(const T*, const T*, T*, std::size_t)
RIVALS_FLOATING(float);
RIVALS_FLOATING(double);

}  // namespace rivals
