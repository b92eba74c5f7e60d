// SPDX-License-Identifier: MIT
// The kernel text of many trees at once and of failures, run by the emulator: rows and columns of every shape, cut at every level.
#include "../contract/strand.hpp"
#include "kernel_launches.hpp"

#include <foldgrid/tree.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace {

enum class way { threads, warps };

/// The trees over the segments of a matrix, in launches that fold nodes of 2^level leaves until one is left.
template <class T, class Op>
std::vector<T> fold_segments(way first_way, const Op& op, const T* matrix, gpu::segments of, const software_gpu::options& how) {
  using leaves = gpu::leaves<T, gpu::identity, gpu::array_input<T>>;
  exact<T> from(0);
  const T* at = matrix;
  for (way now = first_way;; now = way::threads) {
    const std::size_t nodes = static_cast<std::size_t>((of.length + (1ull << of.level) - 1) >> of.level), units = nodes * of.count;
    exact<T> to(units);
    const leaves leaf{{}, {{at}, {}}};
    const std::size_t in_block = now == way::warps ? 8 : 256, half = units / 2;
    for (const auto& [begin, count] : {std::pair(std::size_t{0}, half), std::pair(half, units - half)}) {  // in two pieces
      if (count == 0) continue;
      software_gpu::launch(
          {static_cast<unsigned>((count + in_block - 1) / in_block), 256u},
          [&, begin = begin, count = count] {
            if (now == way::warps) {
              gpu::fold_by_warps(leaf, op, of, begin, count, to.data.get());
            } else {
              gpu::fold_by_threads(leaf, op, of, begin, count, to.data.get());
            }
          },
          how);
    }
    from = std::move(to);
    at = from.data.get();
    if (nodes == 1) return {at, at + units};
    of = {of.count, nodes, 1, of.count, of.level};
  }
}

struct shape {
  std::size_t rows, columns;
};
const shape shapes[] = {{1, 1}, {3, 5}, {1, 3000}, {3000, 1}, {70, 33}, {2, 9001}, {300, 40}, {40, 300}, {9, 2048}, {5, 4097}};

template <class T>
T host_sum(T a, T b) {
  return gpu::plus{}(a, b);
}

template <class T>
class segments_of : public testing::Test {};
using numbers = testing::Types<signed char, int, float, double>;
TYPED_TEST_SUITE(segments_of, numbers);

TYPED_TEST(segments_of, rows_and_columns_have_the_trees_bits) {
  using T = TypeParam;
  std::size_t k = 0;
  for (const auto& [rows, columns] : shapes) {
    const auto values = random_values<T>(rows * columns);
    exact<T> matrix(rows * columns);
    std::copy(values.begin(), values.end(), matrix.data.get());
    std::vector<T> by_row, by_column;
    for (std::size_t r = 0; r < rows; ++r)
      by_row.push_back(foldgrid::tree_reduce(host_sum<T>, std::vector<T>(values.begin() + static_cast<std::ptrdiff_t>(r * columns),
                                                                         values.begin() + static_cast<std::ptrdiff_t>((r + 1) * columns))));
    for (std::size_t c = 0; c < columns; ++c) {
      std::vector<T> column;
      for (std::size_t r = 0; r < rows; ++r) column.push_back(values[r * columns + c]);
      by_column.push_back(foldgrid::tree_reduce(host_sum<T>, column));
    }
    const auto most = [](bool by_warps) { return static_cast<unsigned long long>(gpu::most_level(by_warps)); };
    using leaves = gpu::leaves<T, gpu::identity, gpu::array_input<T>>;
    constexpr auto in_warp = static_cast<unsigned long long>(gpu::log2_of(static_cast<int>(gpu::reduce_shape<leaves>::in_warp)));
    for (const unsigned long long level : {3ull, 6ull, most(false)}) {
      EXPECT_EQ(fold_segments<T>(way::threads, gpu::plus{}, matrix.data.get(), {rows, columns, columns, 1, level}, how(k++)), by_row);
      EXPECT_EQ(fold_segments<T>(way::threads, gpu::plus{}, matrix.data.get(), {columns, rows, 1, columns, level}, how(k++)), by_column);
    }
    for (const unsigned long long level : {in_warp, in_warp + 1, most(true)})
      EXPECT_EQ(fold_segments<T>(way::warps, gpu::plus{}, matrix.data.get(), {rows, columns, columns, 1, level}, how(k++)), by_row);
  }
}

TEST(segments, keep_the_operators_order_and_call_it_for_neighbours_only) {
  std::size_t k = 0;
  for (const auto& [rows, columns] : {shape{3, 100}, shape{2, 3000}, shape{40, 33}}) {
    exact<strand> matrix(rows * columns);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < columns; ++c) matrix.data[r * columns + c] = strand_at(c);
    for (const way how_to : {way::threads, way::warps}) {
      const auto found = fold_segments<strand>(how_to, join, matrix.data.get(), {rows, columns, columns, 1, 40}, how(k++));
      std::vector<strand> row;
      for (std::size_t c = 0; c < columns; ++c) row.push_back(strand_at(c));
      const strand expected = foldgrid::tree_reduce(join, row);
      for (const strand& each : found) EXPECT_TRUE(equal_bits(each, expected));
    }
  }
}

/// Fails with the code 5 for negative elements.
struct root {
  double operator()(double x) const {
    if (x < 0) gpu::told() = 0x10005u;
    return x + 1;
  }
};
struct sum_that_fails {
  double operator()(double a, double b) const {
    if (a + b > 1e6) gpu::told() = 0x10006u;
    return a + b;
  }
};

TEST(failures, are_noted_by_index_and_nothing_is_computed_from_them) {
  std::size_t k = 0;
  for (const std::size_t n : sizes()) {
    for (const std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
      exact<double> x(n);
      std::fill_n(x.data.get(), n, 1.0);
      x.data[at] = -1;
      if (at + 33 < n) x.data[at + 33] = -2;
      using plain = gpu::leaves<double, root, gpu::array_input<double>>;
      using leaves = gpu::checked_leaves<plain>;
      using shape = gpu::reduce_shape<leaves>;
      exact<unsigned long long> status(1);
      status.data[0] = std::numeric_limits<unsigned long long>::max();
      const leaves leaf{{plain{{}, {{x.data.get()}, {}}}, status.data.get()}};
      const std::size_t blocks = (n + shape::in_block - 1) / shape::in_block;
      exact<gpu::checked<double>> result(1), partials(2 * blocks + 8);
      exact<unsigned> tickets(blocks + 8);
      std::fill_n(tickets.data.get(), blocks + 8, 0u);
      software_gpu::launch(
          {static_cast<unsigned>(blocks), 256u},
          [&] {
            gpu::reduce(leaf, gpu::checked_operator<sum_that_fails>{{}, status.data.get()}, 0, n, result.data.get(), partials.data.get(),
                        tickets.data.get());
          },
          how(k++));
      EXPECT_EQ(status.data[0], static_cast<unsigned long long>(at) << 16 | 5) << n;
      EXPECT_NE(result.data[0].failed, 0u);
    }
  }
}

}  // namespace
