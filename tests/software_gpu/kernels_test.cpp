// SPDX-License-Identifier: MIT
// The kernel text itself, run by the emulator: the tree's bits at every size, order of threads and alignment.
#include "../contract/strand.hpp"
#include "kernel_launches.hpp"

#include <foldgrid/inputs.hpp>
#include <foldgrid/tree.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace {

/// Runs the reduction twice with the same tickets and gives both results.
template <class Leaves, class Op>
std::pair<typename Leaves::leaf, typename Leaves::leaf> reduce_twice(const Leaves& leaf, const Op& op, std::size_t n,
                                                                     const software_gpu::options& how, std::size_t base = 0) {
  using T = typename Leaves::leaf;
  using shape = gpu::reduce_shape<Leaves>;
  // from as few blocks as may be to more than there is work for: the grid cannot matter
  constexpr std::size_t most = shape::most_in_block * shape::in_warp, least = shape::least_in_block;
  static std::size_t call = 0;
  std::size_t span = most;
  for (std::size_t k = call++ % 6; k > 0 && span > least / 2; --k) span /= 2;
  const std::size_t blocks = (n + span - 1) / span;
  std::size_t partial_count = 0, ticket_count = 0;
  for (std::size_t count = blocks; count > 1; count = (count + shape::fan - 1) / shape::fan) {
    partial_count += count;
    ticket_count += (count + shape::fan - 1) / shape::fan;
  }
  exact<T> partials(partial_count);
  exact<unsigned> tickets(ticket_count);
  std::fill_n(tickets.data.get(), ticket_count, 0u);
  exact<T> results(2);
  for (int k = 0; k < 2; ++k)
    software_gpu::launch(
        {static_cast<unsigned>(blocks), 256u},
        [&] { gpu::reduce(leaf, op, base, n, results.data.get() + k, partials.data.get(), tickets.data.get()); }, how);
  for (std::size_t k = 0; k < ticket_count; ++k) EXPECT_EQ(tickets.data[k], 0u);
  return {results.data[0], results.data[1]};
}

template <class T, class Op, class HostOp>
void expect_tree(std::size_t n, const Op& op, const HostOp& host_op, const std::vector<T>& values, std::size_t shift,
                 const software_gpu::options& how) {
  exact<T> memory(n + shift);
  std::copy_n(values.begin(), n, memory.data.get() + shift);
  const gpu::leaves<T, gpu::identity, gpu::array_input<T>> leaf{{}, {{memory.data.get() + shift}, {}}};
  const auto [first, second] = reduce_twice(leaf, op, n, how);
  const T expected = foldgrid::tree_reduce(host_op, std::vector<T>(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(n)));
  EXPECT_TRUE(equal_bits(first, expected)) << "n " << n << ", shift " << shift << ", " << software_gpu::name_of(how.scheduling);
  EXPECT_TRUE(equal_bits(second, expected)) << "second launch, n " << n << ", shift " << shift;
}

template <class T>
T wrapping_sum(T a, T b) {
  return gpu::plus{}(a, b);
}

template <class T>
class tree_of_numbers : public testing::Test {};
using numbers = testing::Types<int, long long, float, double>;
TYPED_TEST_SUITE(tree_of_numbers, numbers);

TYPED_TEST(tree_of_numbers, sums_have_the_trees_bits) {
  const auto values = random_values<TypeParam>(40001);
  std::size_t k = 0;
  for (const std::size_t n : sizes())
    for (const std::size_t shift : {0, 1}) expect_tree<TypeParam>(n, gpu::plus{}, wrapping_sum<TypeParam>, values, shift, how(k++));
}

TYPED_TEST(tree_of_numbers, minima_and_maxima_have_the_trees_bits) {
  auto values = random_values<TypeParam>(40001);
  if constexpr (std::is_floating_point_v<TypeParam>) {
    values[700] = std::numeric_limits<TypeParam>::quiet_NaN();
    values[12] = -TypeParam{};
    values[13] = TypeParam{};
  }
  std::size_t k = 0;
  for (const std::size_t n : sizes()) {
    expect_tree<TypeParam>(n, gpu::minimum{}, gpu::minimum{}, values, 0, how(k++));
    expect_tree<TypeParam>(n, gpu::maximum{}, gpu::maximum{}, values, 0, how(k++));
  }
}

/// The operator of strands, counting its calls.
struct counting_join {
  unsigned* calls;
  strand operator()(const strand& a, const strand& b) const {
    FOLDGRID_ATOMIC_ADD(calls, 1u);
    return join(a, b);
  }
};

TEST(tree_of_structs, operators_see_neighbours_only_and_each_once) {
  const auto values = strands(40001);
  unsigned calls = 0;
  std::size_t k = 0;
  for (const std::size_t n : sizes()) {
    if (n > 9000 && k % 2 == 0) continue;
    for (const std::size_t shift : {0, 1}) {
      calls = 0;
      expect_tree<strand>(n, counting_join{&calls}, join, values, shift, how(k++));
      EXPECT_EQ(calls, 2 * (n - 1)) << n;  // two launches
    }
  }
}

/// A strand of 128 bytes: one row in a tile, 32 blocks in a group.
struct wide {
  strand inner;
  unsigned char rest[128 - sizeof(strand)];
};
wide join_wide(const wide& a, const wide& b) {
  wide both = a;
  both.inner = join(a.inner, b.inner);
  return both;
}
struct counting_join_wide {
  unsigned* calls;
  wide operator()(const wide& a, const wide& b) const {
    FOLDGRID_ATOMIC_ADD(calls, 1u);
    return join_wide(a, b);
  }
};

TEST(tree_of_structs, three_levels_of_the_grid) {
  const std::size_t n = 256 * 32 * 33 + 5;
  std::vector<wide> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = {strand_at(i), {}};
  unsigned calls = 0;
  expect_tree<wide>(n, counting_join_wide{&calls}, join_wide, values, 0, how(2));
  EXPECT_EQ(calls, 2 * (n - 1));
}

TEST(leaves, are_computed_from_lazy_inputs) {
  const auto axis = foldgrid::linspace(-1.0, 1.0, 37);
  const auto points = foldgrid::grid(axis, foldgrid::linspace(0.0, 3.0, 11), foldgrid::iota(7, 26));
  const auto f = [](double x, double y, int i) { return x * y + i; };
  const gpu::linspace_input<double> x{{}, -1.0, 1.0, 37}, y{{}, 0.0, 3.0, 11};
  const gpu::iota_input<int> i{{}, 7};
  using X = gpu::axis_input<gpu::linspace_input<double>>;
  using I = gpu::axis_input<gpu::iota_input<int>>;
  const std::size_t n = points.size();
  ASSERT_EQ(n, 37u * 11 * 19);
  const gpu::leaves<double, decltype(f), X, X, I> leaf{f, {{{}, x, 37, 11 * 19}, {{{}, y, 11, 19}, {{{}, i, 19, 1}, {}}}}};
  std::vector<double> expected;
  for (std::size_t k = 0; k < n; ++k) {
    const auto [a, b, c] = points[k];
    expected.push_back(f(a, b, c));
  }
  exact<double> mapped(n);
  software_gpu::launch({static_cast<unsigned>((n + 2047) / 2048), 256u}, [&] { gpu::map(leaf, 0, n, mapped.data.get()); }, how(3));
  for (std::size_t k = 0; k < n; ++k) ASSERT_TRUE(equal_bits(mapped.data[k], expected[k])) << k;
  const auto [first, second] = reduce_twice(leaf, gpu::plus{}, n, how(2));
  EXPECT_TRUE(equal_bits(first, foldgrid::tree_reduce(std::plus<>{}, expected)));
  EXPECT_TRUE(equal_bits(second, first));
}

TEST(leaves, of_a_grid_of_1e11_points_at_both_ends) {
  const auto f = [](unsigned long long a, unsigned long long b, unsigned long long c, unsigned long long d) {
    return ((a * 3 + b) * 1'000'003 + c) * 4 + d;
  };
  using axis = gpu::axis_input<gpu::iota_input<unsigned long long>>;
  const gpu::iota_input<unsigned long long> from_0{{}, 0};
  const std::size_t n = 10'007ull * 3 * 1'000'003 * 4, points = std::size_t{1} << 20;
  static_assert(10'007ull * 3 * 1'000'003 * 4 > 100'000'000'000);
  const gpu::leaves<unsigned long long, decltype(f), axis, axis, axis, axis> leaf{
      f,
      {{{}, from_0, 10'007, 3ull * 1'000'003 * 4},
       {{{}, from_0, 3, 1'000'003ull * 4}, {{{}, from_0, 1'000'003, 4}, {{{}, from_0, 4, 1}, {}}}}}};
  constexpr std::size_t in_block = gpu::map_shape<std::remove_const_t<decltype(leaf)>>::in_block;
  for (const std::size_t base : {std::size_t{0}, (n - points) / in_block * in_block}) {
    const std::size_t count = base == 0 ? points : n - base;
    exact<unsigned long long> mapped(count);
    software_gpu::launch(
        {static_cast<unsigned>((count + in_block - 1) / in_block), 256u}, [&] { gpu::map(leaf, base, count, mapped.data.get()); }, how(1));
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(mapped.data[i], base + i);
  }
}

TEST(leaves, begin_at_a_base) {
  const gpu::leaves<long long, gpu::identity, gpu::iota_input<long long>> leaf{{}, {{{}, 5}, {}}};
  const std::size_t base = std::size_t{1} << 40, n = 5000;
  const auto [first, second] = reduce_twice(leaf, gpu::plus{}, n, how(1), base);
  EXPECT_EQ(first, static_cast<long long>(n * (base + 5) + n * (n - 1) / 2));
  EXPECT_EQ(second, first);
}

TEST(map, every_size_type_and_alignment) {
  std::size_t k = 0;
  for (const std::size_t n : sizes()) {
    for (const std::size_t shift : {0, 1}) {
      const auto x = random_values<float>(n);
      const auto y = random_values<double>(n);
      exact<float> a(n + shift);
      exact<double> b(n + shift), to(n + shift);
      std::copy_n(x.begin(), n, a.data.get() + shift);
      std::copy_n(y.begin(), n, b.data.get() + shift);
      const auto f = [](float p, double q) { return p * q + 1; };
      const gpu::leaves<double, decltype(f), gpu::array_input<float>, gpu::array_input<double>> leaf{
          f, {{a.data.get() + shift}, {{b.data.get() + shift}, {}}}};
      const std::size_t in_block = gpu::map_shape<std::remove_const_t<decltype(leaf)>>::in_block;
      software_gpu::launch(
          {static_cast<unsigned>((n + in_block - 1) / in_block), 256u}, [&] { gpu::map(leaf, 0, n, to.data.get() + shift); }, how(k++));
      for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(to.data[i + shift], f(x[i], y[i])) << i << " of " << n;
    }
  }
}

}  // namespace
