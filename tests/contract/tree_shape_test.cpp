// SPDX-License-Identifier: MIT
// Contract: every reduction is one fixed tree, with its order, its number of calls and its depth, however work is cut.
#include "backends.hpp"
#include "reference.hpp"
#include "strand.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

class tree_shape_contract : public contract {};
INSTANTIATE_TEST_SUITE_P(, tree_shape_contract, backends(), name_of);

static void expect_tree(const strand& found, const std::vector<strand>& leaves, const char* what) {
  const std::size_t n = leaves.size();
  EXPECT_EQ(found.torn, 0u) << what << ": op met operands that are no neighbours, n = " << n;
  EXPECT_EQ(found.first, leaves.front().first);
  EXPECT_EQ(found.last, leaves.back().last);
  EXPECT_EQ(found.calls, n - 1) << what;
  EXPECT_EQ(found.depth, static_cast<std::uint32_t>(fg::tree_depth(n))) << what << ", n = " << n;
  EXPECT_TRUE(found == fg::tree_reduce(join, leaves)) << what << ", n = " << n;
}

TEST(tree_reference, the_reference_is_the_tree_of_the_formula) {
  for (const std::size_t n : interesting_sizes()) {
    const auto leaves = strands(n);
    EXPECT_TRUE(fg::tree_reduce(join, leaves) == tree_by_definition(join, leaves)) << n;
    fg::tree_stack<strand, join_function> stack(join);
    for (const strand& leaf : leaves) stack.push(leaf);
    EXPECT_EQ(stack.size(), n);
    EXPECT_TRUE(stack.finish() == tree_by_definition(join, leaves)) << n;
  }
  EXPECT_THROW(fg::tree_reduce(join, std::vector<strand>{}), std::invalid_argument);
}

TEST(tree_reference, depth_is_the_logarithm_rounded_up) {
  const std::size_t sizes[] = {0, 1, 2, 3, 4, 5, 8, 9, 1024, 1025};
  const int depths[] = {0, 0, 1, 2, 2, 3, 3, 4, 10, 11};
  for (std::size_t i = 0; i < std::size(sizes); ++i) EXPECT_EQ(fg::tree_depth(sizes[i]), depths[i]);
  EXPECT_EQ(fg::tree_depth(SIZE_MAX), 64);
}

TEST(tree_reference, another_order_or_shape_gives_another_value) {
  const auto leaves = strands(6);
  strand left = leaves[0];
  for (std::size_t i = 1; i < 6; ++i) left = join(left, leaves[i]);
  const strand tree = fg::tree_reduce(join, leaves);
  EXPECT_EQ(left.scale, tree.scale);
  EXPECT_EQ(left.shift, tree.shift);
  EXPECT_NE(left.shape, tree.shape);
  EXPECT_NE(join(leaves[0], leaves[1]).shift, join(leaves[1], leaves[0]).shift);
}

TEST_P(tree_shape_contract, reduce_of_an_array) {
  for (const std::size_t n : interesting_sizes()) {
    const auto leaves = strands(n);
    expect_tree(pool().reduce(join, leaves), leaves, "array");
  }
}

TEST_P(tree_shape_contract, map_reduce_of_an_index) {
  for (const std::size_t n : interesting_sizes())
    expect_tree(pool().map_reduce(strand_at, join, fg::iota(std::uint64_t{n})), strands(n), "map_reduce");
}

TEST_P(tree_shape_contract, reduce_by_level) {
  for (const std::size_t n : few_sizes()) {
    const auto leaves = strands(n);
    expect_tree(pool().reduce({.sync = true}, join, leaves), leaves, "sync array");
    expect_tree(pool().map_reduce({.sync = true}, strand_at, join, fg::iota(std::uint64_t{n})), leaves, "sync map_reduce");
  }
}

TEST_P(tree_shape_contract, any_chunk_size) {
  for (const std::size_t n : few_sizes()) {
    const auto leaves = strands(n);
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{3}, std::size_t{100}, n / 2 + 1, n, n + 1, 4 * n}) {
      expect_tree(pool().reduce({.chunk_size = chunk}, join, leaves), leaves, "array in chunks");
      expect_tree(pool().reduce({.chunk_size = chunk, .sync = true}, join, leaves), leaves, "sync in chunks");
      expect_tree(pool().map_reduce({.chunk_size = chunk}, strand_at, join, fg::iota(std::uint64_t{n})), leaves, "map_reduce in chunks");
    }
  }
}

TEST_P(tree_shape_contract, an_initial_value_comes_leftmost_and_last) {
  for (const std::size_t n : few_sizes()) {
    auto leaves = strands(n + 1);
    const strand start = leaves.front();
    leaves.erase(leaves.begin());
    const strand expected = join(start, fg::tree_reduce(join, leaves));
    EXPECT_TRUE(pool().reduce(join, leaves, start) == expected) << n;
    EXPECT_TRUE(pool().map_reduce(strand_at, join, fg::init(start), fg::iota(std::uint64_t{1}, std::uint64_t{n + 1})) == expected) << n;
  }
}

TEST_P(tree_shape_contract, rows_and_columns) {
  const std::size_t shapes[][2] = {
      {1, 1}, {1, 37}, {37, 1}, {2, 3}, {3, 1025}, {1025, 3}, {70, 70}, {2050, 5}, {100, largest_size < 4096 ? 50 : 600}};
  for (const auto& [rows, columns] : shapes) {
    const auto leaves = strands(rows * columns);
    std::vector<strand> by_row, by_column;
    for (std::size_t r = 0; r < rows; ++r) {
      const auto begin = leaves.begin() + static_cast<std::ptrdiff_t>(r * columns);
      by_row.push_back(tree_by_definition(join, std::vector<strand>(begin, begin + static_cast<std::ptrdiff_t>(columns))));
    }
    for (std::size_t c = 0; c < columns; ++c) {
      std::vector<strand> column;
      for (std::size_t r = 0; r < rows; ++r) column.push_back(leaves[r * columns + c]);
      by_column.push_back(tree_by_definition(join, column));
    }
    for (const std::size_t chunk : {0, 1, 3, 100000}) {
      EXPECT_TRUE(pool().reduce_rows({.chunk_size = chunk}, join, leaves, rows, columns) == by_row) << rows << " x " << columns;
      EXPECT_TRUE(pool().reduce_columns({.chunk_size = chunk}, join, leaves, rows, columns) == by_column) << rows << " x " << columns;
    }
  }
}
