// SPDX-License-Identifier: MIT
// map_reduce of x*x and of the dot product beside std::transform_reduce and oneTBB.
#include "numbers.hpp"
#include "rivals.hpp"
#include "subjects.hpp"

#include <functional>
#include <string>

namespace bench {
namespace {

template <class T>
struct arrays_to_fold {
  std::vector<T> x, y;  // y empty when there is one input
  T expected;
  bool right(T result, role plays) const { return close_enough(result, expected, x.size(), plays); }
};

template <class T>
row_facts facts(const char* work, int power, int inputs) {
  const double bytes = static_cast<double>(sizeof(T) << power);
  return {.work = std::string("map_reduce/") + work + "/" + type_name<T>(),
          .size = power_text(power),
          .bytes = inputs * bytes,
          .array_bytes = bytes,
          .quick = quick_power(power)};
}

template <class T>
void add_squares(int power) {
  const auto make = [n = std::size_t{1} << power] {
    arrays_to_fold<T> made{numbers<T>(n), {}, {}};
    made.expected = tree_of<T>(std::plus<>{}, n, [&](std::size_t i) { return made.x[i] * made.x[i]; });
    return made;
  };
  using setting = arrays_to_fold<T>;
  comparison<setting>(facts<T>("squares", power, 1), make)
      .add(role::ours, "foldgrid", [](const setting& s) { return pool().map_reduce([](T v) { return v * v; }, std::plus<>{}, s.x); })
      .add(role::rival, "std::transform_reduce(par_unseq)",
           [](const setting& s) { return rivals::parallel_stl_squares(s.x.data(), s.x.size()); })
      .add(role::rival, "tbb::parallel_reduce", [](const setting& s) { return rivals::tbb_squares(s.x.data(), s.x.size()); })
      .registered();
}

template <class T>
void add_dot(int power) {
  const auto make = [n = std::size_t{1} << power] {
    arrays_to_fold<T> made{numbers<T>(n), numbers<T>(n, 1), {}};
    made.expected = tree_of<T>(std::plus<>{}, n, [&](std::size_t i) { return made.x[i] * made.y[i]; });
    return made;
  };
  using setting = arrays_to_fold<T>;
  comparison<setting>(facts<T>("dot", power, 2), make)
      .add(role::ours, "foldgrid", [](const setting& s) { return pool().map_reduce(std::multiplies<>{}, std::plus<>{}, s.x, s.y); })
      .add(role::rival, "std::transform_reduce(par_unseq)",
           [](const setting& s) { return rivals::parallel_stl_dot(s.x.data(), s.y.data(), s.x.size()); })
      .add(role::rival, "tbb::parallel_reduce", [](const setting& s) { return rivals::tbb_dot(s.x.data(), s.y.data(), s.x.size()); })
      .registered();
}

}  // namespace

void add_map_reduce() {
  for (const int power : powers) {
    add_squares<float>(power);
    add_dot<float>(power);
    add_squares<double>(power);
    add_dot<double>(power);
  }
}

}  // namespace bench
