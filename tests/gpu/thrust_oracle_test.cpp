// SPDX-License-Identifier: MIT
// Integers have one sum in any order: what the GPU gives, and the threads, against Thrust on the host.
#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <thrust/execution_policy.h>
#include <thrust/functional.h>
#include <thrust/inner_product.h>
#include <thrust/reduce.h>
#include <thrust/transform.h>
#include <thrust/transform_reduce.h>

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace fg = foldgrid;

FOLDGRID_FUNCTION(shifted, (int x), { return 3 * x + 7; })
FOLDGRID_FUNCTION(shifted_wide, (std::int64_t x), { return 3 * x + 7; })
FOLDGRID_FUNCTION(mixed, (std::int64_t x, std::int64_t y), { return x * y + 1; })

namespace {

template <class T>
std::vector<T> random_numbers(std::size_t n, std::mt19937_64& random) {
  // small, so that no sum overflows
  std::uniform_int_distribution<T> any(-1000, 1000);
  std::vector<T> made(n);
  for (T& each : made) each = any(random);
  return made;
}

template <class T>
class thrust_oracle : public testing::Test {
 protected:
  const unsigned seed = std::random_device{}();
  std::mt19937_64 random{seed};
  const std::vector<fg::executor> pools = [] {
    std::vector<fg::executor> made;
    made.emplace_back(fg::executor_options{.where = fg::backend::gpu});
    made.emplace_back(fg::executor_options{.where = fg::backend::threads, .workers = 3});
    return made;
  }();
};
using integers = testing::Types<int, std::int64_t>;
TYPED_TEST_SUITE(thrust_oracle, integers);

TYPED_TEST(thrust_oracle, agrees_on_reductions_and_maps) {
  SCOPED_TRACE("seed " + std::to_string(this->seed));
  using T = TypeParam;
  const auto f = [] {
    if constexpr (std::is_same_v<T, int>) return shifted;
    if constexpr (!std::is_same_v<T, int>) return shifted_wide;
  }();
  for (const std::size_t n :
       {std::size_t{1}, std::size_t{31}, std::size_t{1000}, std::size_t{4097}, std::size_t{1} << 17, 20'000 + this->random() % 100'000}) {
    const auto xs = random_numbers<T>(n, this->random);
    SCOPED_TRACE("n " + std::to_string(n));
    std::vector<T> mapped(n);
    thrust::transform(thrust::host, xs.begin(), xs.end(), mapped.begin(), f);
    for (const fg::executor& pool : this->pools) {
      EXPECT_EQ(pool.sum(xs), thrust::reduce(thrust::host, xs.begin(), xs.end(), T{0}));
      EXPECT_EQ(pool.reduce(fg::min, xs), thrust::reduce(thrust::host, xs.begin(), xs.end(), xs[0], thrust::minimum<T>()));
      EXPECT_EQ(pool.reduce(fg::max, xs), thrust::reduce(thrust::host, xs.begin(), xs.end(), xs[0], thrust::maximum<T>()));
      EXPECT_EQ(pool.map_reduce(f, std::plus<>{}, xs),
                thrust::transform_reduce(thrust::host, xs.begin(), xs.end(), f, T{0}, thrust::plus<T>()));
      EXPECT_EQ(pool.map(f, xs), mapped);
    }
  }
}

TYPED_TEST(thrust_oracle, agrees_on_two_inputs) {
  SCOPED_TRACE("seed " + std::to_string(this->seed));
  const std::size_t n = 50'000 + this->random() % 50'000;
  const auto xs = random_numbers<std::int64_t>(n, this->random), ys = random_numbers<std::int64_t>(n, this->random);
  const std::int64_t expected =
      thrust::inner_product(thrust::host, xs.begin(), xs.end(), ys.begin(), std::int64_t{0}, thrust::plus<std::int64_t>(), mixed);
  for (const fg::executor& pool : this->pools) EXPECT_EQ(pool.map_reduce(mixed, std::plus<>{}, xs, ys), expected);
}

}  // namespace
