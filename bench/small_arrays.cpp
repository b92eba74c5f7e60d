// SPDX-License-Identifier: MIT
// reduce of few numbers, where the cost of a call shows, beside std::reduce on the caller's thread.
#include "numbers.hpp"
#include "subjects.hpp"

#include <functional>
#include <numeric>
#include <string>

namespace bench {
namespace {

struct few_numbers {
  std::vector<double> x;
  double expected;
  bool right(double result, role plays) const { return close_enough(result, expected, x.size(), plays); }
};

}  // namespace

void add_small_arrays() {
  for (const std::size_t n : {16, 1000, 10000}) {
    const double bytes = static_cast<double>(n * sizeof(double));
    const auto make = [n] {
      few_numbers made{numbers<double>(n), 0};
      made.expected = tree_of<double>(std::plus<>{}, n, [&](std::size_t i) { return made.x[i]; });
      return made;
    };
    comparison<few_numbers>({.work = "small/sum/f64",
                             .size = std::to_string(n),
                             .bytes = bytes,
                             .array_bytes = bytes,
                             .rival_bar = 1 / 1.3,
                             .allowed_seconds = 20e-9,
                             .quick = true},
                            make)
        .add(role::ours, "foldgrid", [](const few_numbers& s) { return pool().reduce(std::plus<>{}, s.x); })
        .add(role::rival, "std::reduce", [](const few_numbers& s) { return std::reduce(s.x.begin(), s.x.end()); })
        .registered();
  }
}

}  // namespace bench
