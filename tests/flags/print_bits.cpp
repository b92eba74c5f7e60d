// SPDX-License-Identifier: MIT
// Prints the bits of results that careless flags would change: sums, denormals, products that fma would round once.
#include <foldgrid/foldgrid.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <limits>
#include <vector>

namespace fg = foldgrid;

FOLDGRID_FUNCTOR(polynomial, (double a; double b; double c;), (double x), { return (a * x + b) * x + c; })
FOLDGRID_FUNCTION(product, (double x, double y), { return x * y; })
FOLDGRID_STRUCT(line, (double slope; double height;))
FOLDGRID_FUNCTION_USING((line), compose, (const line& f, const line& g), { return line{f.slope * g.slope, f.height * g.slope + g.height}; })

double unrelated(const double* x, std::size_t n);

static void print(const char* what, double value) {
  std::printf("%s %016llx\n", what, static_cast<unsigned long long>(std::bit_cast<std::uint64_t>(value)));
}

static void print(const char* what, float value) { std::printf("%s %08x\n", what, std::bit_cast<std::uint32_t>(value)); }

// Constants: the program's own arithmetic may flush denormals.
constexpr double tiny_double = std::numeric_limits<double>::denorm_min(), sixteen_tiny = 16 * tiny_double;

int main() {
  std::vector<double> xs(100003), ys(xs.size());
  std::vector<float> fs(xs.size());
  std::vector<line> lines(xs.size());
  std::uint64_t s = 0x243F6A8885A308D3;
  const auto next = [&] {
    s = s * 6364136223846793005u + 1442695040888963407u;
    return (static_cast<double>(s >> 11) - 0x1p52) / 0x1p52;
  };
  for (std::size_t i = 0; i < xs.size(); ++i) {
    xs[i] = next();
    ys[i] = next() * (i % 7 == 0 ? 1e12 : 1e-3);
    fs[i] = static_cast<float>(next());
    lines[i] = {1 + next() * 1e-3, next()};
  }
  const std::vector<double> tiny(1000, tiny_double);
  const std::vector<float> tiny_floats(1000, std::numeric_limits<float>::denorm_min());
  for (const int workers : {1, 3}) {
    const fg::executor pool{{.where = fg::backend::threads, .workers = workers}};
    print("sum", pool.sum(xs));
    print("float sum", pool.sum(fs));
    print("wide sum", pool.sum<double>(fs));
    print("product", pool.reduce(std::multiplies<>{}, std::vector<double>(xs.begin(), xs.begin() + 50)));
    print("dot", pool.map_reduce(product, std::plus<>{}, xs, ys));
    print("denormals", pool.sum(tiny));
    print("denormal floats", pool.sum(tiny_floats));
    print("denormal init", pool.reduce(std::plus<>{}, tiny, tiny_double));
    print("denormal halves", pool.map(polynomial{0, 0.5, 0}, std::vector<double>(10, sixteen_tiny))[3]);
    print("polynomial", pool.map_reduce(polynomial{1.1, -0.3, 0.7}, std::plus<>{}, xs));
    print("maximum", pool.map_reduce(polynomial{1.1, -0.3, 0.7}, fg::max, ys));
    const line all = pool.reduce(compose, lines);
    print("slope", all.slope);
    print("height", all.height);
    print("rows", pool.reduce_rows(std::plus<>{}, ys, 1, ys.size())[0]);
    print("columns", pool.reduce_columns(std::plus<>{}, std::vector<double>(ys.begin(), ys.begin() + 100000), 10000, 10)[7]);
  }
  return unrelated(xs.data(), 10) == 12345;
}
