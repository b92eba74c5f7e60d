// SPDX-License-Identifier: MIT
// Section "floats": zeros of both signs, denormals, infinities and NaNs through reductions and maps, every pair and every place.
#include "../text.hpp"
#include "random.hpp"

#include <bit>
#include <functional>
#include <limits>

namespace gpu_check {

FOLDGRID_FUNCTION(quotient_f32, (float x, float y), { return x / y; })
FOLDGRID_FUNCTION(quotient_f64, (double x, double y), { return x / y; })
FOLDGRID_FUNCTION(root_f32, (float x, float y), { return std::sqrt(x) - y * y; })
FOLDGRID_FUNCTION(root_f64, (double x, double y), { return std::sqrt(x) - y * y; })
FOLDGRID_FUNCTION(fused_f32, (float x, float y), { return std::fma(x, y, 0.3f) * 0.5f; })
FOLDGRID_FUNCTION(fused_f64, (double x, double y), { return std::fma(x, y, 0.3) * 0.5; })

namespace {

template <class T>
std::vector<T> special_values() {
  using limits = std::numeric_limits<T>;
  using bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  const T payload = std::bit_cast<T>(static_cast<bits>(std::bit_cast<bits>(limits::quiet_NaN()) + 0x1234));
  std::vector<T> values{T(0),          limits::denorm_min(), limits::min() / 2,   limits::min(), T(1), T(3) + limits::epsilon() * 2,
                        limits::max(), limits::infinity(),   limits::quiet_NaN(), payload};
  for (std::size_t k = values.size(); k-- > 0;) values.push_back(-values[k]);
  return values;
}

/// Ordinary values, small ones among them, with a special one at one place.
template <class T>
std::vector<T> with_one_special(std::uint64_t seed, std::size_t n, std::size_t at, T special) {
  std::vector<T> values(n);
  for (std::size_t i = 0; i < n; ++i) {
    fill(values[i], seed, i);
    if (random_bits(seed, n + i) % 4 == 0) values[i] *= std::numeric_limits<T>::min();
  }
  values[at] = special;
  return values;
}

template <class T>
void check_reductions(session& with, const std::string& how, const std::vector<T>& xs) {
  const auto reduce = [&](const char* name, const auto& op) {
    with.check.same({name, bench::type_name<T>(), xs.size(), how}, with.gpu.reduce(op, xs), with.serial.reduce(op, xs));
  };
  reduce("sum", std::plus<>{});
  reduce("reduce by multiplies", std::multiplies<>{});
  reduce("reduce by min", fg::min);
  reduce("reduce by max", fg::max);
}

template <class T, class... F>
void check_type(session& with, const F&... functions) {
  const std::vector<T> specials = special_values<T>();
  std::vector<T> left, right;
  for (const T a : specials)
    for (const T b : specials) {
      left.push_back(a);
      right.push_back(b);
      if (!with.small() || right.size() % 7 == 0)
        check_reductions<T>(with, "pair " + std::to_string(right.size() - 1) + " of special values", {a, b});
    }
  const auto map = [&](const auto& f) {
    with.check.same({"map", bench::type_name<T>(), left.size(), "every pair of special values"}, with.gpu.map(f, left, right),
                    with.serial.map(f, left, right));
  };
  (map(functions), ...);
  map(std::plus<>{});
  map(std::multiplies<>{});
  std::uint64_t which = 0;
  for (const std::size_t n : {std::size_t{3}, std::size_t{33}, std::size_t{1000}, std::size_t{4099}, std::size_t{100'001}})
    for (const T special : specials) {
      if (with.small() && (n > 5000 || ++which % 5 != 0)) continue;
      const std::size_t at = random_bits(with.seed, ++which) % n;
      check_reductions<T>(with, "a special value at " + std::to_string(at), with_one_special(with.seed + which, n, at, special));
    }
}

}  // namespace

void check_floats(session& with) {
  check_type<float>(with, quotient_f32, root_f32, fused_f32);
  check_type<double>(with, quotient_f64, root_f64, fused_f64);
  with.out.progress("floats  zeros, denormals, infinities, NaNs: %zu comparisons, %zu differ", with.check.compared(),
                    with.check.different());
}

}  // namespace gpu_check
