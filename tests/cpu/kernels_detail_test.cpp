// SPDX-License-Identifier: MIT
// The kernels of every instruction set this processor has, whichever is chosen: the bits of the tree, for all types and lengths.
#include <foldgrid/operators.hpp>
#include <foldgrid/tree.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "../seed.hpp"
#include "cpu/kernels.hpp"

namespace {

using foldgrid::detail::kernel_table;

struct named_table {
  const char* name;
  const kernel_table& table;
};
std::vector<named_table> tables_here() {
  std::vector<named_table> found{{"baseline", foldgrid::detail::baseline_kernels}};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) found.push_back({"avx2", foldgrid::detail::avx2_kernels});
  if (__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
    found.push_back({"avx512", foldgrid::detail::avx512_kernels});
#endif
  return found;
}

/// The payloads of NaNs count too.
template <class T>
bool identical(T a, T b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

/// The tree by its definition; + and * on integers wrap.
template <class T, class Op>
T tree(const T* x, std::size_t n, Op op) {
  return foldgrid::tree_reduce([op](T a, T b) { return foldgrid::detail::combine<T>(op, a, b); }, std::vector<T>(x, x + n));
}

template <class T>
std::vector<T> numbers(std::size_t n, std::mt19937_64& random, bool special) {
  std::vector<T> x(n);
  for (T& each : x) {
    if constexpr (std::is_floating_point_v<T>) {
      each = static_cast<T>(std::ldexp(1.0 + static_cast<double>(random() >> 12) * 0x1p-52, static_cast<int>(random() % 9) - 4));
      if (random() % 2 != 0) each = -each;
      if (special && random() % 97 == 0) each = random() % 2 != 0 ? T{0} : -T{0};
      if (special && random() % 997 == 0) each = std::numeric_limits<T>::quiet_NaN();
      if (special && random() % 499 == 0) each = std::numeric_limits<T>::infinity();
    } else {
      each = static_cast<T>(random());
    }
  }
  return x;
}

template <class T>
class every_type : public testing::Test {};
using types = testing::Types<signed char, unsigned char, short, unsigned short, int, unsigned, long, unsigned long, long long,
                             unsigned long long, float, double>;
TYPED_TEST_SUITE(every_type, types);

TYPED_TEST(every_type, has_the_bits_of_the_tree_in_every_instruction_set) {
  using T = TypeParam;
  const std::uint64_t seed = test_seed();
  std::mt19937_64 random(seed);
  std::vector<std::size_t> lengths;
  for (std::size_t n = 1; n < 300; ++n) lengths.push_back(n);
  for (std::size_t n = 512; n <= 65536; n *= 2)
    for (const std::size_t each : {n - 1, n, n + 1, n + n / 4 + 3, n + random() % n}) lengths.push_back(each);
  for (const auto& [name, table] : tables_here()) {
    for (const std::size_t n : lengths) {
      SCOPED_TRACE(std::string(name) + ", " + std::to_string(n) + " elements, seed " + std::to_string(seed));
      const std::size_t offset = random() % 9;  // arrays start anywhere
      const std::vector<T> all = numbers<T>(n + offset, random, false), odd = numbers<T>(n + offset, random, true);
      const T *const x = all.data() + offset, *const y = odd.data() + offset;
      const auto& here = table.get(x);
      ASSERT_TRUE(identical(here.sum(x, n), tree(x, n, foldgrid::detail::add{})));
      ASSERT_TRUE(identical(here.product(x, n), tree(x, n, foldgrid::detail::multiply{})));
      for (const T* const z : {x, y}) {
        ASSERT_TRUE(identical(here.smallest(z, n), tree(z, n, foldgrid::minimum{})));
        ASSERT_TRUE(identical(here.largest(z, n), tree(z, n, foldgrid::maximum{})));
      }
      std::size_t bad = 0;
      if constexpr (std::is_floating_point_v<T>) {
        while (bad < n && std::isfinite(y[bad])) ++bad;
      } else {
        bad = n;
      }
      ASSERT_EQ(here.first_nonfinite(y, n), bad);
      const auto [least, most] = here.extremes(y, n);
      for (std::size_t k = 0; k < n; ++k) {
        if (y[k] != y[k]) continue;
        ASSERT_FALSE(y[k] < y[least]);
        ASSERT_FALSE(y[most] < y[k]);
        ASSERT_FALSE(k < least && y[k] == y[least]);
        ASSERT_FALSE(k < most && y[k] == y[most]);
      }
    }
  }
}

}  // namespace
