// SPDX-License-Identifier: MIT
// The price of a European call: by the formula of Black and Scholes, and by Monte Carlo with its error.
//
// Checked against a price of 4.76 for a stock at 42, strike 40, rate 10%, volatility 20%, six months (J. C. Hull, Options, Futures, and
// Other Derivatives, 8th edition, 2012, example 14.6; F. Black, M. Scholes, Journal of Political Economy 81, 1973, 637-654).
#include <foldgrid/foldgrid.hpp>
#include <foldgrid/study.hpp>

#include "command_line.hpp"

#include <cmath>
#include <cstdio>

namespace fg = foldgrid;

constexpr char usage[] =
    "usage: black_scholes [--paths N] [--backend NAME] [--workers N] [--output FOLDER]\n"
    "  --paths N        random paths, 2 to 10000000000 (1000000)\n" USAGE_OF_EXECUTOR
    "  --output FOLDER  where black_scholes.csv and black_scholes.png go (the current folder)\n";

/// The formula, for a strike, a rate and half a year.
FOLDGRID_FUNCTOR(closed_form, (double strike; double rate; double years;), (double stock, double volatility), {
  const double spread = volatility * sqrt(years);
  const double d1 = (log(stock / strike) + (rate + volatility * volatility / 2) * years) / spread;
  const double d2 = d1 - spread;
  return stock * 0.5 * erfc(-d1 * M_SQRT1_2) - strike * exp(-rate * years) * 0.5 * erfc(-d2 * M_SQRT1_2);
})
/// What one path pays, discounted: its normal number depends on its number alone.
FOLDGRID_FUNCTOR(payoff, (double stock; double volatility; double strike; double rate; double years;), (double path), {
  const double z = fg::random_normal(20120101, static_cast<std::uint64_t>(path), 0);
  const double end = stock * exp((rate - volatility * volatility / 2) * years + volatility * sqrt(years) * z);
  return exp(-rate * years) * max(end - strike, 0.0);
})

int example(command_line& arguments) {
  const auto paths = arguments.integer("--paths", 1'000'000, 2, 10'000'000'000);
  const fg::executor pool(arguments.executor());
  const auto output = arguments.folder("--output");
  arguments.finish();

  const closed_form price{40, 0.1, 0.5};
  const double exact = price(42, 0.2);
  fg::study random("paths");
  random.axis("path", fg::linspace(0, paths - 1, paths));
  fg::run_report report;
  const fg::statistics drawn = random.statistics(pool, payoff{42, 0.2, 40, 0.1, 0.5}, {.report = &report});
  const double off = (drawn.mean - exact) / drawn.standard_error();

  fg::study study("European call, strike 40, half a year");
  study.axis("stock", fg::linspace(20, 60, 41)).axis("volatility", fg::linspace(0.05, 0.6, 23));
  const fg::table table = study.run(pool, price, {.results = {"price"}});
  table.write_csv((output / "black_scholes.csv").string());
  table.plot((output / "black_scholes.png").string(), {.kind = fg::plot_kind::surface});

  std::printf("closed form  %.4f\nMonte Carlo  %.4f +- %.4f (%lld paths)\n", exact, drawn.mean, drawn.standard_error(), paths);
  print_where(report);
  std::printf("# %.2f standard errors apart; %.3f s, %.3g paths/s\n", off, report.seconds, static_cast<double>(paths) / report.seconds);
  return std::fabs(exact - 4.76) < 0.005 && std::fabs(off) < 4 ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("black_scholes", usage, argc, argv, example); }
