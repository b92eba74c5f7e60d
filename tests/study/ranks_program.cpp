// SPDX-License-Identifier: MIT
// Studies over ranks: tables and folds have the bits of a serial executor, for axes of every kind. Ends with 0 when all is well.
#include "bits.hpp"

#include <foldgrid/foldgrid.hpp>
#include <foldgrid/mpi.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <vector>

namespace fg = foldgrid;

namespace {

int failures = 0;
void expect(bool good, const char* what, const fg::study& study) {
  if (good) return;
  ++failures;
  std::printf("not so: %s of '%s'\n", what, study.name().c_str());
}
bool same(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

const auto bowl = [](double x, double y) { return (x - 0.25) * (x - 0.25) + y * y / (1 + x); };

double plain(double x, double y) { return x - y * y; }

void compare(const fg::mpi::executor& pool, const fg::study& study) {
  const fg::executor one{{.where = fg::backend::serial}};
  expect(bits_of(study.run(pool, bowl)) == bits_of(study.run(one, bowl)), "the table", study);
  expect(bits_of(study.run(pool, plain)) == bits_of(study.run(one, plain)), "the table of a plain function", study);
  const auto there = study.best(pool, bowl, 5), here = study.best(one, bowl, 5);
  expect(there.size() == here.size(), "the number of the best", study);
  for (std::size_t k = 0; k < here.size() && k < there.size(); ++k)
    expect(there[k].point == here[k].point && same(there[k].value, here[k].value), "the best", study);
  expect(study.argmin(pool, plain).point == study.argmin(one, plain).point, "argmin of a plain function", study);
  expect(study.argmax(pool, bowl).point == study.argmax(one, bowl).point, "argmax", study);
  const auto a = study.statistics(pool, bowl), b = study.statistics(one, bowl);
  expect(a.count == b.count && same(a.mean, b.mean) && same(a.variance, b.variance), "mean and variance", study);
  expect(study.histogram(pool, bowl, 0, 2, 7).counts == study.histogram(one, bowl, 0, 2, 7).counts, "the histogram", study);
}

}  // namespace

int main(int argc, char** argv) {
  return fg::mpi::main(argc, argv, [](fg::mpi::executor& pool) {
    fg::study computed("computed"), listed("listed"), filtered("filtered");
    compare(pool, computed.axis("x", fg::linspace(0, 1, 57)).axis("y", fg::linspace(-1, 1, 61)));
    compare(pool, listed.axis("x", fg::logspace(-2, 0, 40)).axis("y", std::vector<double>{0.5, -0.25, 3, 0.125}));
    compare(pool,
            filtered.axis("x", fg::linspace(0, 1, 50)).axis("y", {1, 2, 3, 5, 8}).filter([](double x, double y) { return x * y < 2; }));
    try {
      computed.best(pool, [](double x, double) { return x == 1 ? throw std::domain_error("too far") : x; }, 3);
      expect(false, "a failing point ends a fold", computed);
    } catch (const fg::task_error& e) {
      expect(e.index() == 56 * 61 && std::string(e.what()).find("(x = 1, y = -1) failed: ") != std::string::npos, e.what(), computed);
    }
    return failures == 0 ? 0 : 1;
  });
}
