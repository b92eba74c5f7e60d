// SPDX-License-Identifier: MIT
// The same work on 1, 2, 4, ... workers, for the chart of the speed-up: a sum, which waits for the memory, and a map_reduce, which
// computes.
#include "numbers.hpp"
#include "subjects.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bench {
namespace {

constexpr auto logistic = [](double x) {
  for (int i = 0; i < 200; ++i) x = 3.7 * x * (1 - x);
  return x;
};

struct work_on_workers {
  std::shared_ptr<const foldgrid::executor> workers;
  std::vector<double> x;
  double expected;
  bool right(double result, role) const { return result == expected; }
};

template <class Work>
void add_rows(const std::string& name, int power, const Work& work) {
  const std::size_t cores = setting().workers;
  for (std::size_t workers = 1; workers <= cores; workers = workers < cores && 2 * workers > cores ? cores : 2 * workers) {
    const auto make = [=] {
      work_on_workers made{
          std::make_shared<foldgrid::executor>(foldgrid::executor_options{.where = foldgrid::backend::threads, .workers = workers}),
          numbers<double>(std::size_t{1} << power),
          {}};
      made.expected = work(foldgrid::executor{{.where = foldgrid::backend::serial}}, made.x);
      return made;
    };
    comparison<work_on_workers>({.work = "speed_up/" + name, .size = std::to_string(workers), .rival_bar = 0}, make)
        .add(role::ours, "foldgrid", [work](const work_on_workers& s) { return work(*s.workers, s.x); })
        .registered();
  }
}

}  // namespace

void add_speed_up() {
  add_rows("sum", 24, [](const foldgrid::executor& pool, const std::vector<double>& x) { return pool.sum(x); });
  add_rows("logistic", 18,
           [](const foldgrid::executor& pool, const std::vector<double>& x) { return pool.map_reduce(logistic, std::plus<>{}, x); });
}

}  // namespace bench
