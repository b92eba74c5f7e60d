// SPDX-License-Identifier: MIT
// Functions that read and write arrays beside their inputs, on every backend.
#include "backends.hpp"
#include "reference.hpp"

#include <functional>
#include <span>
#include <stdexcept>
#include <vector>

FOLDGRID_FUNCTOR(gathered, (fg::view<const double> table; fg::view<const int> places;), (std::size_t i),
                 { return 0.5 * table[static_cast<std::size_t>(places[i])]; })
FOLDGRID_FUNCTOR(scaled_in_place, (fg::view<double> u; double c;), (std::size_t i), { u[i] *= c; })
FOLDGRID_FUNCTOR(plus_element, (double scale; fg::view<const double> more;), (double x, std::size_t i), { return x + scale * more[i]; })

FOLDGRID_FUNCTOR(noted, (fg::view<double> to; double limit;), (std::size_t i), {
  if (static_cast<double>(i) >= limit) fg::fail(4);
  to[i] = static_cast<double>(i);
})

class views_contract : public contract {};
INSTANTIATE_TEST_SUITE_P(, views_contract, backends(), name_of);

TEST_P(views_contract, shared_ranges_are_gathered_from) {
  for (const std::size_t n : few_sizes()) {
    const auto table = random_values<double>(n, kind::tame);
    std::vector<int> places(n);
    for (std::size_t i = 0; i < n; ++i) places[i] = static_cast<int>(i * 7919 % n);
    std::vector<double> expected(n);
    for (std::size_t i = 0; i < n; ++i) expected[i] = 0.5 * table[static_cast<std::size_t>(places[i])];
    const fg::shared_array<double> shared = pool().share(table);
    EXPECT_EQ(shared.size(), n);
    EXPECT_TRUE(same_bits(pool().map(gathered{shared, pool().share(places)}, fg::iota(n)), expected)) << n;
    EXPECT_TRUE(same_bits(pool().map_reduce(gathered{shared, pool().share(places)}, std::plus<>{}, fg::iota(n)),
                          fg::tree_reduce(std::plus<>{}, expected)))
        << n;
    for (std::size_t i = 0; i < n; ++i) expected[i] = table[i] + 3 * table[i];
    EXPECT_TRUE(same_bits(pool().map(plus_element{3, shared}, table, fg::iota(n)), expected)) << n;
  }
}

TEST_P(views_contract, shared_arrays_outlive_their_executor_and_move) {
  const std::vector<double> table{1, 2, 3};
  const std::vector<int> places{2, 0, 1};
  fg::shared_array<double> shared = fg::executor{options()}.share(table);
  const fg::shared_array<double> moved = std::move(shared);
  EXPECT_EQ(pool().map(gathered{moved, pool().share(places)}, fg::iota(std::size_t{3})), (std::vector<double>{1.5, 0.5, 1.0}));
}

TEST_P(views_contract, empty_ranges) {
  std::vector<double> none;
  const std::vector<int> nowhere;
  EXPECT_TRUE(pool().map(gathered{pool().share(none), pool().share(nowhere)}, fg::iota(std::size_t{0})).empty());
  EXPECT_TRUE(pool().share(none).empty());
  EXPECT_EQ(pool().share(std::span(none)).size(), 0u);
}

TEST_P(views_contract, device_arrays_are_written_through) {
  for (const std::size_t n : few_sizes()) {
    const auto xs = random_values<double>(n, kind::tame);
    auto there = pool().to_device(xs);
    pool().map(scaled_in_place{there.view(), 3.0}, fg::iota(n));
    pool().map(fg::bind_front(scaled_in_place{there.view(), 0.5}), fg::iota(n));
    std::vector<double> expected(xs);
    for (double& x : expected) x = x * 3.0 * 0.5;
    EXPECT_TRUE(same_bits(there.to_vector(), expected)) << n;
    const auto read = pool().map(plus_element{2, there.view()}, there, fg::iota(n));
    for (double& x : expected) x = x + 2 * x;
    EXPECT_TRUE(same_bits(read.to_vector(), expected)) << n;
  }
}

FOLDGRID_FUNCTOR(sum_of_two, (fg::view<const double> tables[2];), (std::size_t i), { return tables[0][i] + tables[1][i]; })
FOLDGRID_STRUCT(with_defaults, (double x = 1; double y = 2;))
FOLDGRID_FUNCTION_USING((with_defaults), doubled, (double x), { return with_defaults{x, 2 * x}; })

TEST_P(views_contract, arrays_of_views_and_structs_with_initial_values) {
  const std::vector<double> xs{1, 2, 3};
  const auto shared = pool().share(xs);
  EXPECT_EQ(pool().map(sum_of_two{{shared, shared}}, fg::iota(std::size_t{3})), (std::vector<double>{2, 4, 6}));
  EXPECT_EQ(pool().map(doubled, xs)[2].y, 6);
}

FOLDGRID_FUNCTOR(joined_by_table, (fg::view<const double> table;), (double a, double b), { return table[0] * a + b; })

TEST_P(views_contract, operators_read_through_them_too) {
  const std::vector<double> table{0.5};
  const auto shared = pool().share(table);
  const joined_by_table here{{table.data(), table.size()}};
  for (const std::size_t n : few_sizes()) {
    const auto xs = random_values<double>(n, kind::tame);
    EXPECT_TRUE(same_bits(pool().reduce(joined_by_table{shared}, xs), fg::tree_reduce(here, xs))) << n;
    EXPECT_TRUE(same_bits(pool().reduce_rows(joined_by_table{shared}, xs, 1, n)[0], fg::tree_reduce(here, xs))) << n;
  }
}

TEST_P(views_contract, a_view_of_the_host_is_refused_where_it_cannot_be_read) {
  const std::vector<double> table{0.5, 1, 2};
  const joined_by_table here{{table.data(), table.size()}};
  const bool on_gpu = options().where == fg::backend::gpu;
  const auto expect = [&](auto&& call) {
    if (on_gpu) {
      EXPECT_THROW(call(), std::invalid_argument);
    } else {
      EXPECT_NO_THROW(call());
    }
  };
  expect([&] { pool().reduce(here, table); });
  expect([&] { pool().reduce_columns(here, table, 3, 1); });
  expect([&] { pool().map_reduce(std::multiplies<>{}, here, table, table); });
  expect([&] { pool().map(plus_element{1, {table.data(), table.size()}}, table, fg::iota(table.size())); });
}

TEST_P(views_contract, items_before_a_failing_one_still_write) {
  fg::device_array<double> there = pool().to_device(std::vector<double>(1000, 0.5));
  try {
    pool().map(noted{there.view(), 700}, fg::iota(std::size_t{1000}));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const fg::task_error& e) {
    EXPECT_EQ(e.index(), 700u);
    EXPECT_EQ(e.code(), 4);
  }
  const std::vector<double> after = there.to_vector();
  for (std::size_t i = 0; i < 700; ++i) ASSERT_EQ(after[i], static_cast<double>(i));
}
