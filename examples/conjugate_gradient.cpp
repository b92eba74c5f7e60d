// SPDX-License-Identifier: MIT
// Conjugate gradients for a sparse matrix, that of Poisson's equation on a square, with the same digits on every backend.
//
// The algorithm is that of M. R. Hestenes and E. Stiefel, Methods of Conjugate Gradients for Solving Linear Systems, Journal of Research
// of the National Bureau of Standards 49 (1952), 409-436. It takes + - * / and reductions only, so that all digits are equal.
#include <foldgrid/foldgrid.hpp>

#include "command_line.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <utility>
#include <vector>

namespace fg = foldgrid;

constexpr char usage[] =
    "usage: conjugate_gradient [--side N] [--backend NAME] [--workers N]\n"
    "  --side N         points along each side of the square, 1 to 4000 (100)\n" USAGE_OF_EXECUTOR;

/// A sparse matrix by compressed rows: row i has the elements starts[i] to starts[i + 1] of columns and values.
struct sparse_matrix {
  std::vector<std::uint32_t> starts{0}, columns;
  std::vector<double> values;
};

/// The five-point matrix of a square: 4 on the diagonal, -1 for each neighbour.
sparse_matrix poisson(std::uint32_t side) {
  sparse_matrix a;
  const auto add = [&](bool inside, std::uint32_t column, double value) {
    if (!inside) return;
    a.columns.push_back(column);
    a.values.push_back(value);
  };
  for (std::uint32_t i = 0; i < side * side; ++i) {
    add(i >= side, i - side, -1);
    add(i % side != 0, i - 1, -1);
    add(true, i, 4);
    add((i + 1) % side != 0, i + 1, -1);
    add(i + side < side * side, i + side, -1);
    a.starts.push_back(static_cast<std::uint32_t>(a.columns.size()));
  }
  return a;
}

/// Row i of y = A x.
FOLDGRID_FUNCTOR(multiply, (fg::view<const std::uint32_t> starts, columns; fg::view<const double> values, x; fg::view<double> y;),
                 (std::size_t i), {
                   double sum = 0;
                   for (std::uint32_t k = starts[i]; k < starts[i + 1]; ++k) sum += values[k] * x[columns[k]];
                   y[i] = sum;
                 })

/// x + factor y
FOLDGRID_FUNCTOR(plus_multiple, (double factor;), (double x, double y), { return x + factor * y; })

/// The sum of the unknowns, from the eigenvectors of the matrix: products of a sine of a pi i / (side + 1) along each side. Their
/// eigenvalues are the sums of two 4 sin^2(a pi / (2 (side + 1))), and only those with odd a have a part in the right side (R. J. LeVeque,
/// Finite Difference Methods for Ordinary and Partial Differential Equations, SIAM 2007, section 3.4).
double sum_by_theory(std::uint32_t side) {
  const auto half_angle = [&](std::uint32_t a) { return a * M_PI / (2 * (side + 1.0)); };
  const auto part = [&](std::uint32_t a) { return 2 / (side + 1.0) / std::pow(std::tan(half_angle(a)), 2); };
  const auto eigenvalue = [&](std::uint32_t a) { return 4 * std::pow(std::sin(half_angle(a)), 2); };
  double sum = 0;
  for (std::uint32_t a = 1; a <= side; a += 2)
    for (std::uint32_t b = 1; b <= side; b += 2) sum += part(a) * part(b) / (eigenvalue(a) + eigenvalue(b));
  return sum;
}

int solve(command_line& arguments) {
  const auto side = static_cast<std::uint32_t>(arguments.integer("--side", 100, 1, 4000));
  const fg::executor_options where = arguments.executor();
  arguments.finish();

  const fg::executor pool(where);
  const sparse_matrix a = poisson(side);
  const std::size_t n = a.starts.size() - 1;
  const auto starts = pool.share(a.starts), columns = pool.share(a.columns);
  const auto values = pool.share(a.values);
  fg::run_report report;
  const auto dot = [&](const auto& u, const auto& v) { return pool.map_reduce(std::multiplies<>{}, std::plus<>{}, u, v); };
  const auto product = [&](const fg::device_array<double>& u, fg::device_array<double>& au) {
    pool.map({.report = &report}, multiply{starts, columns, values, u.view(), au.view()}, fg::iota(n));
  };

  const std::vector<double> zeros(n), ones(n, 1.0);
  const auto b = pool.to_device(ones);
  auto x = pool.to_device(zeros), r = pool.to_device(ones), p = pool.to_device(ones), ap = pool.to_device(zeros);
  double squared = dot(r, r);
  const double enough = 1e-20 * squared;
  std::size_t iterations = 0;
  for (; squared > enough && iterations < n; ++iterations) {
    product(p, ap);
    const double step = squared / dot(p, ap);
    x = pool.map(plus_multiple{step}, x, p);
    r = pool.map(plus_multiple{-step}, r, ap);
    const double before = std::exchange(squared, dot(r, r));
    p = pool.map(plus_multiple{squared / before}, r, p);
  }
  product(x, ap);
  r = pool.map(plus_multiple{-1}, b, ap);
  const double residual = std::sqrt(dot(r, r) / dot(b, b)), sum = pool.sum(x), theory = sum_by_theory(side);

  std::printf("%zu unknowns, %zu elements\n", n, a.values.size());
  std::printf("iterations       %zu\n", iterations);
  std::printf("|b - A x| / |b|  %.17g\n", residual);
  std::printf("sum of x         %.17g\n", sum);
  std::printf("by eigenvectors  %.9g\n", theory);
  print_where(report);
  return residual < 1e-9 && std::fabs(sum / theory - 1) < 1e-9 ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("conjugate_gradient", usage, argc, argv, solve); }
