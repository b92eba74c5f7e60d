// SPDX-License-Identifier: MIT
// Contract: reductions along one direction of a matrix, and shapes that do not fit.
#include "backends.hpp"
#include "reference.hpp"

#include <cstddef>
#include <functional>
#include <stdexcept>
#include <vector>

class rows_and_columns_contract : public contract {};
INSTANTIATE_TEST_SUITE_P(, rows_and_columns_contract, backends(), name_of);

template <class T, class Op>
void check_matrix(const auto& pool, const Op& op, std::size_t rows, std::size_t columns) {
  const auto xs = random_values<T>(rows * columns, kind::special);
  std::vector<T> by_row, by_column;
  for (std::size_t r = 0; r < rows; ++r) {
    std::vector<T> row;
    for (std::size_t c = 0; c < columns; ++c) row.push_back(xs[r * columns + c]);
    by_row.push_back(fg::tree_reduce(op, row));
  }
  for (std::size_t c = 0; c < columns; ++c) {
    std::vector<T> column;
    for (std::size_t r = 0; r < rows; ++r) column.push_back(xs[r * columns + c]);
    by_column.push_back(fg::tree_reduce(op, column));
  }
  EXPECT_TRUE(same_bits(pool.reduce_rows(op, xs, rows, columns), by_row)) << rows << " x " << columns;
  EXPECT_TRUE(same_bits(pool.reduce_columns(op, xs, rows, columns), by_column)) << rows << " x " << columns;
  EXPECT_TRUE(same_bits(pool.reduce_rows({.chunk_size = 5}, op, xs, rows, columns), by_row)) << rows << " x " << columns;
  EXPECT_TRUE(same_bits(pool.reduce_columns({.chunk_size = 5, .sync = true}, op, xs, rows, columns), by_column))
      << rows << " x " << columns;
}

TEST_P(rows_and_columns_contract, every_shape) {
  constexpr std::size_t large = largest_size < 4096 ? 2000 : 40000, side = largest_size < 4096 ? 65 : 513;
  const std::size_t shapes[][2] = {{1, 1}, {1, 1000}, {1000, 1}, {3, 5}, {64, 64}, {2, large}, {large, 2}, {side, side}, {1025, 33}};
  for (const auto& [rows, columns] : shapes) {
    check_matrix<double>(pool(), std::plus<>{}, rows, columns);
    check_matrix<float>(pool(), std::multiplies<>{}, rows, columns);
    check_matrix<double>(pool(), fg::max, rows, columns);
  }
}

TEST_P(rows_and_columns_contract, empty_matrices) {
  const std::vector<double> none;
  EXPECT_TRUE(pool().reduce_rows(std::plus<>{}, none, 0, 4).empty());
  EXPECT_TRUE(pool().reduce_rows(std::plus<>{}, none, 0, 0).empty());
  EXPECT_TRUE(pool().reduce_columns(std::plus<>{}, none, 4, 0).empty());
  EXPECT_THROW(pool().reduce_rows(std::plus<>{}, none, 4, 0), std::invalid_argument);
  EXPECT_THROW(pool().reduce_columns(std::plus<>{}, none, 0, 4), std::invalid_argument);
}

TEST_P(rows_and_columns_contract, a_wrong_size_is_misuse) {
  const std::vector<double> six(6, 1.0);
  for (const auto& [rows, columns] : {std::pair{2, 2}, {3, 3}, {-1, -6}, {-2, -3}, {6, 0}, {0, 6}, {0, 0}, {7, 1}}) {
    EXPECT_THROW(pool().reduce_rows(std::plus<>{}, six, rows, columns), std::invalid_argument) << rows << " x " << columns;
    EXPECT_THROW(pool().reduce_columns(std::plus<>{}, six, rows, columns), std::invalid_argument) << rows << " x " << columns;
  }
  // a product that overflows to the right number
  EXPECT_THROW(pool().reduce_rows(std::plus<>{}, six, (std::uint64_t{1} << 63) + 3, 2), std::invalid_argument);
  EXPECT_EQ(pool().reduce_rows(std::plus<>{}, six, 2, 3), (std::vector<double>{3, 3}));
}
