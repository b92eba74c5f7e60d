// EXPECT: nothing
// SPDX-License-Identifier: MIT
// Most of the templates a user meets; compiled with warnings that their projects may ask for, too.
#include <foldgrid/foldgrid.hpp>

#include <functional>
#include <list>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace fg = foldgrid;

FOLDGRID_FUNCTION(square, (double x), { return x * x; })
FOLDGRID_FUNCTOR(scaled, (double by;), (double x), { return by * x; })

void use(const fg::executor& pool) {
  const std::vector<double> xs{1, 2, 3};
  const std::list<int> list{1, 2, 3};
  std::vector<double> out(3);
  const auto add = [](double a, double b) { return a + b; };
  pool.map(square, xs);
  pool.map({.strict = true}, [](double x, int k) { return x * k; }, xs, list);
  pool.starmap(add, fg::grid(xs, fg::linspace(0, 1, 3)));
  pool.map_into(out, scaled{2}, xs);
  pool.reduce(add, xs);
  pool.reduce(std::plus<>{}, std::list<std::string>{"a"}, std::string("b"));
  pool.map_reduce(square, fg::max, fg::init(0.0), fg::iota(3));
  pool.reduce(fg::elementwise(std::plus<>{}), std::vector<std::vector<double>>{xs});
  pool.reduce_rows(add, xs, 1, 3);
  pool.reduce_columns(add, xs, 3, 1);
  static_cast<void>(pool.minmax(xs).max + static_cast<double>(pool.argmin(xs)));
  static_cast<void>(pool.first_nonfinite(xs));
  pool.map_outcomes(square, xs)[0].value();
  for (const double x : pool.imap(square, xs)) static_cast<void>(x);
  for (auto&& each : pool.imap_unordered(square, xs).outcomes()) static_cast<void>(each.has_value());
  pool.reduce(add, pool.imap(square, xs));
  auto one = pool.submit(square, 2.0);
  one.on_done([](const fg::outcome<double>& found) { static_cast<void>(found.has_value()); });
  auto other = pool.map_async(square, xs);
  auto both = fg::when_all(one, other);
  static_cast<void>(std::get<0>(both.get()));
  static_cast<void>(pool.reduce_async(add, xs).get());
  static_cast<void>(pool.parallel(std::vector{fg::delayed(square)(1.0)}));
  static_cast<void>(pool.map(square, pool.to_device(xs)).to_vector());
  static_cast<void>(pool.share(xs));
}
