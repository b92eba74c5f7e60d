// SPDX-License-Identifier: MIT
// device_array: chains of calls whose results stay where the executor works, with the same bits.
#include "backends.hpp"
#include "reference.hpp"

#include <functional>
#include <span>
#include <stdexcept>
#include <vector>

FOLDGRID_FUNCTION(scaled_by, (double factor, double x), { return factor * x + 0.1; })
FOLDGRID_FUNCTION(weighted_product, (double x, double y), { return 0.5 * x * y; })
FOLDGRID_FUNCTION(rounded_down, (double x), { return static_cast<int>(x); })

FOLDGRID_FUNCTOR(stencil, (fg::view<const double> u; double c;), (std::size_t i),
                 { return i == 0 || i + 1 == u.size() ? u[i] : u[i] + c * (u[i - 1] - 2 * u[i] + u[i + 1]); })

class device_array_contract : public contract {};
INSTANTIATE_TEST_SUITE_P(, device_array_contract, backends(), name_of);

TEST_P(device_array_contract, there_and_back) {
  for (const std::size_t n : few_sizes()) {
    const auto xs = random_values<double>(n, kind::tame);
    const fg::device_array<double> there = pool().to_device(xs);
    EXPECT_EQ(there.size(), n);
    EXPECT_TRUE(same_bits(there.to_vector(), xs));
    std::vector<double> room(n + 1, 7.0);
    there.copy_to(room);
    EXPECT_TRUE(same_bits(std::vector<double>(room.begin(), room.end() - 1), xs));
    EXPECT_EQ(room.back(), 7.0);
    EXPECT_THROW(there.copy_to(std::span(room).first(n - 1)), std::invalid_argument);
  }
}

TEST_P(device_array_contract, empty_arrays) {
  fg::device_array<double> none = pool().to_device(std::vector<double>{});
  EXPECT_TRUE(none.empty());
  EXPECT_TRUE(none.to_vector().empty());
  EXPECT_TRUE(pool().map(rounded_down, none).empty());
  EXPECT_THROW(pool().sum(none), std::invalid_argument);
  EXPECT_EQ(pool().reduce(std::plus<>{}, none, 3), 3.0);
}

TEST_P(device_array_contract, chains_have_the_trees_bits) {
  for (const std::size_t n : few_sizes()) {
    const auto xs = random_values<double>(n, kind::tame);
    const auto there = pool().to_device(xs);
    const auto scaled = pool().map(scaled_by, fg::repeat(3.0), there);
    const auto product = pool().map(weighted_product, scaled, there);
    std::vector<double> expected(n);
    for (std::size_t i = 0; i < n; ++i) expected[i] = weighted_product(scaled_by(3.0, xs[i]), xs[i]);
    EXPECT_TRUE(same_bits(product.to_vector(), expected)) << n;
    const double sum = fg::tree_reduce(std::plus<>{}, expected);
    EXPECT_TRUE(same_bits(pool().sum(product), sum)) << n;
    EXPECT_TRUE(same_bits(pool().map_reduce(weighted_product, std::plus<>{}, scaled, there), sum)) << n;
    EXPECT_TRUE(same_bits(pool().map_reduce(weighted_product, std::plus<>{}, fg::init(2.0), scaled, there), 2.0 + sum)) << n;
    EXPECT_TRUE(same_bits(pool().reduce(fg::max, product), fg::tree_reduce(fg::max, expected))) << n;
    EXPECT_TRUE(same_bits(pool().reduce(std::plus<>{}, product, 1.0), 1.0 + sum)) << n;
    const fg::device_array<int> whole = pool().map(rounded_down, product);
    const std::vector<int> found = whole.to_vector();
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(found[i], static_cast<int>(expected[i]));
  }
}

TEST_P(device_array_contract, functions_read_through_views) {
  for (const std::size_t n : few_sizes()) {
    const auto xs = random_values<double>(n, kind::tame);
    auto there = pool().to_device(xs);
    const stencil on_host{{xs.data(), n}, 0.25};
    std::vector<double> expected;
    for (std::size_t i = 0; i < n; ++i) expected.push_back(on_host(i));
    EXPECT_TRUE(same_bits(pool().map(stencil{there.view(), 0.25}, fg::iota(n)), expected)) << n;
    EXPECT_TRUE(
        same_bits(pool().map_reduce(stencil{there.view(), 0.25}, std::plus<>{}, fg::iota(n)), fg::tree_reduce(std::plus<>{}, expected)))
        << n;
  }
}

FOLDGRID_FUNCTION(is_positive, (double x), { return x > 0; })

TEST_P(device_array_contract, truth_values_come_back) {
  const auto xs = random_values<double>(1000, kind::tame);
  const fg::device_array<bool> there = pool().map(is_positive, pool().to_device(xs));
  const std::vector<bool> found = there.to_vector();
  ASSERT_EQ(found.size(), xs.size());
  for (std::size_t i = 0; i < xs.size(); ++i) ASSERT_EQ(found[i], xs[i] > 0) << i;
  EXPECT_EQ(pool().reduce(std::logical_or<>{}, there), true);
}

TEST_P(device_array_contract, searches_rows_and_columns) {
  const std::size_t rows = 60, columns = 70;
  const auto xs = random_values<double>(rows * columns, kind::special);
  const auto there = pool().to_device(xs);
  EXPECT_EQ(pool().argmin(there), pool().argmin(xs));
  EXPECT_EQ(pool().argmax(there), pool().argmax(xs));
  EXPECT_TRUE(same_bits(pool().minmax(there).min, pool().minmax(xs).min));
  EXPECT_EQ(pool().first_nonfinite(there), pool().first_nonfinite(xs));
  EXPECT_TRUE(same_bits(pool().reduce_rows(fg::max, there, rows, columns), pool().reduce_rows(fg::max, xs, rows, columns)));
  EXPECT_TRUE(same_bits(pool().reduce_columns(fg::max, there, rows, columns), pool().reduce_columns(fg::max, xs, rows, columns)));
  EXPECT_THROW(pool().reduce_rows(fg::max, there, rows, columns + 1), std::invalid_argument);
}

/// A flat type that no macro declares.
struct plain {
  double re, im;
};

TEST_P(device_array_contract, of_elements_that_a_gpu_does_not_know) {
  const auto there = pool().to_device(std::vector<plain>{{1, 2}, {3, 4}});
  EXPECT_EQ(there.to_vector()[1].im, 4);
  const auto swapped = [](plain z) { return plain{z.im, z.re}; };
  if (options().where == fg::backend::gpu) {
    EXPECT_THROW(pool().map(swapped, there), std::invalid_argument);
  } else {
    EXPECT_EQ(pool().map(swapped, there).to_vector()[1].re, 4);
  }
}

TEST_P(device_array_contract, a_host_range_beside_is_misuse) {
  const auto there = pool().to_device(std::vector<double>{1, 2, 3});
  EXPECT_THROW(pool().map(weighted_product, there, std::vector<double>{1, 2, 3}), std::invalid_argument);
  EXPECT_THROW(pool().map_reduce(weighted_product, std::plus<>{}, there, std::vector<double>{1, 2, 3}), std::invalid_argument);
}

TEST_P(device_array_contract, map_into_the_hosts_memory) {
  for (const std::size_t n : few_sizes()) {
    const auto xs = random_values<double>(n, kind::tame);
    const auto there = pool().to_device(xs);
    std::vector<double> out(n + 1, 7.0), expected(n);
    for (std::size_t i = 0; i < n; ++i) expected[i] = scaled_by(3.0, xs[i]);
    pool().map_into(out, scaled_by, fg::repeat(3.0), there);
    EXPECT_EQ(out.back(), 7.0);
    out.pop_back();
    EXPECT_TRUE(same_bits(out, expected));
  }
  const auto three = pool().to_device(std::vector<double>{1, 2, 3});
  std::vector<double> two(2);
  EXPECT_THROW(pool().map_into(two, rounded_down, three), std::invalid_argument);
}

TEST_P(device_array_contract, outlives_its_executor_and_moves) {
  fg::device_array<double> there;
  {
    const fg::executor short_lived{options()};
    there = short_lived.to_device(std::vector<double>{1, 2, 3});
  }
  fg::device_array<double> moved = std::move(there);
  EXPECT_EQ(moved.to_vector(), (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(pool().sum(moved), 6);
  EXPECT_TRUE(there.empty());  // NOLINT: a moved-from array is empty
}
