// SPDX-License-Identifier: MIT
// fg::fail: the same index and code from every verb on every backend, the smallest index whatever the timing.
#include "backends.hpp"
#include "reference.hpp"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

FOLDGRID_FUNCTION(root_or_trouble, (double x), {
  if (x < 0) return fg::fail(x < -5 ? 9 : 3), 0.0;
  return sqrt(x);
})
FOLDGRID_FUNCTION_USING((root_or_trouble), twice_the_root, (double x), { return 2 * root_or_trouble(x); })
FOLDGRID_FUNCTION(bounded_sum, (double a, double b), {
  if (a + b > 1e6) fg::fail(-7);
  return a + b;
})
FOLDGRID_STRUCT(measured, (double value; int count;))
FOLDGRID_FUNCTION_USING((measured), measured_of, (double x), {
  if (x < 0) fg::fail(65);
  return measured{x, 1};
})
FOLDGRID_FUNCTION_USING((measured), merged, (measured a, measured b), {
  if (a.count + b.count < 2) fg::fail(66);
  return measured{a.value + b.value, a.count + b.count};
})

FOLDGRID_FUNCTOR(limited, (double most;), (double x), { return x > most ? (fg::fail(2), 0.0) : x; })
FOLDGRID_FUNCTION(called_with, (limited f, double x), { return f(x); })

class failures_contract : public contract {};
INSTANTIATE_TEST_SUITE_P(, failures_contract, backends(), name_of);

namespace {

/// Index and code of the task_error that the call raises.
template <class Call>
std::optional<std::pair<std::size_t, int>> failure_of(Call&& call) {
  try {
    call();
    return std::nullopt;
  } catch (const fg::task_error& e) {
    try {
      std::rethrow_if_nested(e);
      ADD_FAILURE() << "nothing is nested";
    } catch (const fg::failure& original) {
      EXPECT_EQ(original.code(), e.code());
    }
    return std::pair(e.index(), e.code());
  }
}

using found = std::optional<std::pair<std::size_t, int>>;

const fg::executor& reference() {
  static const fg::executor made{{.where = fg::backend::serial}};
  return made;
}

}  // namespace

TEST_P(failures_contract, of_items) {
  for (const std::size_t n : few_sizes()) {
    for (const std::size_t at : {std::size_t{0}, n / 3, n - 1}) {
      std::vector<double> xs(n, 2.0);
      xs[at] = -1;
      if (at + 40 < n) xs[at + 40] = -6;
      const found expected(std::pair(at, 3));
      EXPECT_EQ(failure_of([&] { pool().map(root_or_trouble, xs); }), expected) << n;
      EXPECT_EQ(failure_of([&] { pool().map(twice_the_root, xs); }), expected) << n;
      EXPECT_EQ(failure_of([&] { pool().map_reduce(root_or_trouble, std::plus<>{}, xs); }), expected) << n;
      EXPECT_EQ(failure_of([&] { pool().map_reduce(root_or_trouble, std::plus<>{}, fg::init(1.0), xs); }), expected) << n;
      std::vector<double> out(n);
      EXPECT_EQ(failure_of([&] { pool().map_into(out, root_or_trouble, xs); }), expected) << n;
      EXPECT_EQ(failure_of([&] { pool().map_reduce(measured_of, merged, xs); }), found(std::pair(at, 65))) << n;
    }
  }
}

TEST_P(failures_contract, of_nodes_have_the_index_of_their_first_element) {
  for (const std::size_t n : few_sizes()) {
    std::vector<double> xs(n, 1.0);
    for (const std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
      xs[at] = 2e6;
      const found expected = failure_of([&] { reference().reduce(bounded_sum, xs); });
      EXPECT_EQ(expected.has_value(), n > 1);
      EXPECT_EQ(failure_of([&] { pool().reduce(bounded_sum, xs); }), expected) << n << " " << at;
      xs[at] = 1.0;
    }
    EXPECT_TRUE(same_bits(pool().reduce(bounded_sum, xs), fg::tree_reduce(std::plus<>{}, xs))) << "nothing fails";
  }
}

TEST_P(failures_contract, of_rows_and_columns) {
  for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{3, 50}, {60, 7}, {2, 5000}}) {
    std::vector<double> xs(rows * columns, 1.0);
    for (const std::size_t at : {std::size_t{0}, rows * columns / 2, rows * columns - 1}) {
      xs[at] = 2e6;
      EXPECT_EQ(failure_of([&] { pool().reduce_rows(bounded_sum, xs, rows, columns); }),
                failure_of([&] { reference().reduce_rows(bounded_sum, xs, rows, columns); }));
      EXPECT_EQ(failure_of([&] { pool().reduce_columns(bounded_sum, xs, rows, columns); }),
                failure_of([&] { reference().reduce_columns(bounded_sum, xs, rows, columns); }));
      std::vector<std::vector<double>> arrays;
      for (std::size_t r = 0; r < rows; ++r)
        arrays.emplace_back(xs.begin() + static_cast<std::ptrdiff_t>(r * columns),
                            xs.begin() + static_cast<std::ptrdiff_t>((r + 1) * columns));
      EXPECT_EQ(failure_of([&] { pool().reduce(fg::elementwise(bounded_sum), arrays); }),
                failure_of([&] { reference().reduce(fg::elementwise(bounded_sum), arrays); }));
      xs[at] = 1.0;
    }
  }
}

TEST_P(failures_contract, of_functions_that_are_passed_as_arguments) {
  std::vector<double> xs(1000, 0.5);
  xs[700] = 3;
  const auto f = fg::bind_front(called_with, limited{1.0});
  EXPECT_EQ(failure_of([&] { pool().map(f, xs); }), found(std::pair(std::size_t{700}, 2)));
  EXPECT_EQ(failure_of([&] { pool().map_reduce(f, std::plus<>{}, xs); }), found(std::pair(std::size_t{700}, 2)));
}
