// SPDX-License-Identifier: MIT
// The heat equation in one dimension by explicit finite differences, with a time loop that stays where the executor works.
//
// u_t = u_xx on 0 <= x <= 1 with u = 0 at both ends and u(x, 0) = sin(pi x): forward Euler in time, central differences in space. This
// initial value is an eigenvector of the scheme: with spacing h and c = dt / h^2 each step multiplies it by 1 - 4 c sin^2(pi h / 2)
// (von Neumann analysis: R. J. LeVeque, Finite Difference Methods for Ordinary and Partial Differential Equations, SIAM 2007, chapter 9).
#include <foldgrid/foldgrid.hpp>

#include "command_line.hpp"

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <vector>

namespace fg = foldgrid;

constexpr char usage[] =
    "usage: heat [--cells N] [--steps N] [--backend NAME] [--workers N]\n"
    "  --cells N        cells between x = 0 and x = 1, 2 to 10000 (200)\n"
    "  --steps N        time steps of 0.4 / cells^2, 1 to 10000000 (10000)\n" USAGE_OF_EXECUTOR;

/// The value at point i one time step later, from u(i) and its neighbours in u; the ends stay as they are.
FOLDGRID_FUNCTOR(heat_step, (fg::view<const double> u; double c;), (double here, std::size_t i),
                 { return i == 0 || i + 1 == u.size() ? here : here + c * (u[i - 1] - 2 * here + u[i + 1]); })

/// How far u is from what is left of its initial value.
FOLDGRID_FUNCTOR(deviation, (double left;), (double u, double initial), { return abs(u - left * initial); })

int diffuse(command_line& arguments) {
  const auto cells = arguments.integer("--cells", 200, 2, 10'000);
  const auto steps = arguments.integer("--steps", 10'000, 1, 10'000'000);
  const fg::executor_options where = arguments.executor();
  arguments.finish();

  const fg::executor pool(where);
  const double c = 0.4, h = 1 / static_cast<double>(cells), time = static_cast<double>(steps) * c * h * h;
  std::vector<double> sine(static_cast<std::size_t>(cells) + 1);
  for (std::size_t i = 1; i + 1 < sine.size(); ++i) sine[i] = std::sin(M_PI * h * static_cast<double>(i));

  const auto initial = pool.to_device(sine);
  auto u = pool.to_device(sine);
  fg::run_report report;
  double seconds = 0, copying = 0;
  for (long long step = 0; step < steps; ++step) {
    u = pool.map({.report = &report}, heat_step{u.view(), c}, u, fg::iota(u.size()));
    seconds += report.seconds;
    copying += report.copy_seconds;
  }
  const double lost = 4 * c * std::pow(std::sin(M_PI * h / 2), 2);  // in each step
  const double left = std::exp(static_cast<double>(steps) * std::log1p(-lost));
  const double error = pool.map_reduce(deviation{left}, fg::max, u, initial);
  const double peak = pool.reduce(fg::max, u) / pool.reduce(fg::max, initial);

  std::printf("%lld cells, %lld steps to t = %g\n", cells, steps, time);
  std::printf("left of the sine     %.10f\n", peak);
  std::printf("by theory, discrete  %.10f\n", left);
  std::printf("exp(-pi^2 t)         %.10f\n", std::exp(-M_PI * M_PI * time));
  const bool good = error < 1e-10 && std::fabs(peak - left) < 1e-10;
  std::printf("all points within 1e-10 of the theory: %s\n", good ? "yes" : "no");
  std::printf("# largest deviation %.2g\n", error);
  print_where(report);
  std::printf("# %.3f s for the steps, %.3f s of it copying\n", seconds, copying);
  return good ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("heat", usage, argc, argv, diffuse); }
