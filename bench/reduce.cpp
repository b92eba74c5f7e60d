// SPDX-License-Identifier: MIT
// reduce of an array by +, min and max beside the parallel reductions of others and the read limit of the machine.
#include "numbers.hpp"
#include "rivals.hpp"
#include "subjects.hpp"

#include <foldgrid/operators.hpp>

#include <functional>
#include <string>

namespace bench {
namespace {

template <class T>
struct array_to_reduce {
  std::vector<T> x;
  T expected;
  std::size_t bytes() const { return x.size() * sizeof(T); }
  bool right(T result, role plays) const { return close_enough(result, expected, x.size(), plays); }
  bool right(std::uint64_t, role) const { return true; }
};

template <class T, class Op, class Rival>
void add_row(const std::string& op_name, int power) {
  const std::size_t n = std::size_t{1} << power;
  const double bytes = static_cast<double>(n * sizeof(T));
  using setting = array_to_reduce<T>;
  const auto make = [n] {
    setting made{numbers<T>(n), {}};
    made.expected = tree_of<T>(Op{}, n, [&](std::size_t i) { return made.x[i]; });
    return made;
  };
  comparison<setting>({.work = "reduce/" + op_name + "/" + type_name<T>(),
                       .size = power_text(power),
                       .bytes = bytes,
                       .array_bytes = bytes,
                       .rival_bar = has_bar(power) ? 1.0 : 0.0,
                       .limit_bar = power == 26 ? 0.90 : 0.0,
                       .quick = quick_power(power)},
                      make)
      .add(role::ours, "foldgrid", [](const setting& s) { return pool().reduce(Op{}, s.x); })
      .add(role::rival, "std::reduce(par_unseq)",
           [](const setting& s) { return rivals::parallel_stl_reduce<T, Rival>(s.x.data(), s.x.size()); })
      .add(role::rival, "tbb::parallel_reduce", [](const setting& s) { return rivals::tbb_reduce<T, Rival>(s.x.data(), s.x.size()); })
      .add(role::rival, "OpenMP_simd", [](const setting& s) { return rivals::openmp_reduce<T, Rival>(s.x.data(), s.x.size()); })
      .add(role::limit, "read_and_xor", [](const setting& s) { return rivals::read_and_xor(s.x.data(), s.bytes()); })
      .registered();
}

template <class T>
void add_type() {
  for (int power = 4; power <= 28; ++power) add_row<T, std::plus<>, rivals::add>("sum", power);
  for (const int power : powers) {
    add_row<T, foldgrid::minimum, rivals::smaller>("min", power);
    add_row<T, foldgrid::maximum, rivals::larger>("max", power);
  }
}

}  // namespace

void add_reduce() {
  add_type<float>();
  add_type<double>();
  add_type<int>();
  add_type<long long>();
}

}  // namespace bench
