// SPDX-License-Identifier: MIT
// map_into with one and two inputs beside std::transform, OpenMP, and the copy and add kernels of STREAM.
#include "numbers.hpp"
#include "rivals.hpp"
#include "subjects.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <span>
#include <string>

namespace bench {
namespace {

template <class T>
struct arrays_to_map {
  std::vector<T> x, y;  // y empty when there is one input
  std::unique_ptr<T[]> out;

  /// True when every element was written, with the very bits; the limits compute something else. Forgets what was written.
  bool right(const T* written, role plays) const {
    bool good = true;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const T expected = y.empty() ? rivals::scaled{}(x[i]) : rivals::scaled_sum{}(x[i], y[i]);
      good &= plays == role::limit ? written[i] == (y.empty() ? x[i] : x[i] + y[i]) : written[i] == expected;
    }
    std::fill_n(out.get(), x.size(), std::numeric_limits<T>::quiet_NaN());
    return good;
  }
};

template <class T>
row_facts facts(const char* work, int power, int arrays) {
  const double bytes = static_cast<double>(sizeof(T) << power);
  return {.work = std::string("map_into/") + work + "/" + type_name<T>(),
          .size = power_text(power),
          .bytes = arrays * bytes,
          .array_bytes = bytes,
          .limit_bar = 0.90,
          .quick = quick_power(power)};
}

template <class T>
arrays_to_map<T> make_arrays(std::size_t n, bool two) {
  arrays_to_map<T> made{numbers<T>(n), two ? numbers<T>(n, 1) : std::vector<T>(), std::make_unique<T[]>(n)};
  return made;
}

/// Turns a call that writes into `out` into one that tells where it wrote.
template <class T, class Write>
auto writing(Write write) {
  return [write](const arrays_to_map<T>& s) -> const T* {
    write(s.x.data(), s.y.data(), s.out.get(), s.x.size());
    return s.out.get();
  };
}

template <class T>
void add_one_input(int power) {
  using setting = arrays_to_map<T>;
  comparison<setting>(facts<T>("one", power, 2), [n = std::size_t{1} << power] { return make_arrays<T>(n, false); })
      .add(role::ours, "foldgrid", writing<T>([](const T* x, const T*, T* out, std::size_t n) {
             pool().map_into(std::span(out, n), rivals::scaled{}, std::span(x, n));
           }))
      .add(role::rival, "std::transform(par_unseq)",
           writing<T>([](const T* x, const T*, T* out, std::size_t n) { rivals::parallel_stl_scaled(x, out, n); }))
      .add(role::rival, "OpenMP_for_simd",
           writing<T>([](const T* x, const T*, T* out, std::size_t n) { rivals::openmp_scaled(x, out, n); }))
      .add(role::limit, "STREAM_copy", writing<T>([](const T* x, const T*, T* out, std::size_t n) { rivals::stream_copy(x, out, n); }))
      .registered();
}

template <class T>
void add_two_inputs(int power) {
  using setting = arrays_to_map<T>;
  comparison<setting>(facts<T>("two", power, 3), [n = std::size_t{1} << power] { return make_arrays<T>(n, true); })
      .add(role::ours, "foldgrid", writing<T>([](const T* x, const T* y, T* out, std::size_t n) {
             pool().map_into(std::span(out, n), rivals::scaled_sum{}, std::span(x, n), std::span(y, n));
           }))
      .add(role::rival, "std::transform(par_unseq)",
           writing<T>([](const T* x, const T* y, T* out, std::size_t n) { rivals::parallel_stl_scaled_sum(x, y, out, n); }))
      .add(role::rival, "OpenMP_for_simd",
           writing<T>([](const T* x, const T* y, T* out, std::size_t n) { rivals::openmp_scaled_sum(x, y, out, n); }))
      .add(role::limit, "STREAM_add", writing<T>([](const T* x, const T* y, T* out, std::size_t n) { rivals::stream_add(x, y, out, n); }))
      .registered();
}

}  // namespace

void add_map_into() {
  for (const int power : powers) {
    add_one_input<float>(power);
    add_two_inputs<float>(power);
    add_one_input<double>(power);
    add_two_inputs<double>(power);
  }
}

}  // namespace bench
