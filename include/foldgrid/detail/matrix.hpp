// SPDX-License-Identifier: MIT
// Reductions along one direction of a matrix: its rows, its columns, or arrays folded elementwise.
#pragma once

#include <foldgrid/detail/device_calls.hpp>
#include <foldgrid/detail/fold.hpp>
#include <foldgrid/detail/least.hpp>

#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail {

/// The leaves of one row, or of one column.
template <class Leaves>
struct strided_leaves {
  static constexpr bool direct = Leaves::direct;
  const Leaves& leaves;
  std::size_t first, stride;
  decltype(auto) operator()(std::size_t i) const { return leaves(first + i * stride); }
};

template <class Leaves>
auto row_of(const Leaves& leaves, std::size_t first) {
  if constexpr (Leaves::direct) {
    auto row = leaves;
    row.elements.data += first;
    return row;
  } else {
    return strided_leaves<Leaves>{leaves, first, 1};
  }
}

/// Results that are filled by several threads, each slot once.
template <class A>
class result_slots {
 public:
  explicit result_slots(std::size_t n) : slots_(n) {}
  void set(std::size_t i, maybe<A>&& value) { slots_[i] = std::move(value); }
  std::vector<A> take() {
    std::vector<A> results;
    results.reserve(slots_.size());
    for (auto& slot : slots_) results.push_back(*std::move(slot));
    return results;
  }

 private:
  std::vector<maybe<A>> slots_;
};

inline segments rows_as_segments(std::size_t rows, std::size_t columns) { return {rows, columns, columns, 1}; }
inline segments columns_as_segments(std::size_t rows, std::size_t columns) { return {columns, rows, 1, columns}; }

/// The trees over segments of an input's elements on a GPU, where a device_array lies already.
template <class A, class Op, class X>
there<std::vector<A>> segments_there(call& of, const Op& op, const X& input, std::size_t n, segments over) {
  if constexpr (!std::is_same_v<A, bool> && is_known_there<X>) {
    if constexpr (std::tuple_size_v<resident_sources_t<X>> == 1 && reduces_on_device<A, Op, no_function, resident_sources_t<X>>)
      return launch_segments<A>(of, op, std::get<0>(resident_sources(input, n)), n, over, 1, any_device_array<X>);
  }
  return {};
}

/// Checks that rows x columns is n.
inline void check_shape(const char* verb, count rows, count columns, std::size_t n) {
  const bool fits = !rows.negative() && !columns.negative() &&
                    (rows.value() == 0 || columns.value() == 0 ? n == 0 : n % columns.value() == 0 && n / columns.value() == rows.value());
  if (!fits) throw_wrong_shape(verb, rows.text(), columns.text(), n);
}

template <class Op, class X>
auto reduce_rows_here(engine* where, const options& asked, const Op& op, X&& matrix, std::size_t rows, std::size_t columns) {
  using A = element_value_t<X>;
  const std::size_t n = rows * columns;
  call here(where, "reduce_rows", asked, n);
  here.moved(bytes_of<X>(n), rows * sizeof(A));
  if (there<std::vector<A>> found = segments_there<A>(here, op, matrix, n, rows_as_segments(rows, columns)); found.how != fate::left) {
    here.finish();
    return *std::move(found.value);
  }
  check_views_here("reduce_rows", op);
  const auto leaves = leaves_of<X>(matrix);
  result_slots<A> results(rows);
  const auto fold_row = [&](std::size_t r, bool together) {
    const auto row = row_of(leaves, r * columns);
    tree_fold<A, std::remove_const_t<decltype(row)>, Op> tree(here, row, op, columns, {.base = r * columns});
    results.set(r, together ? tree.run() : tree.run_here());
  };
  if (rows < here.workers()) {  // too few to go round: all workers on one row after another
    for (std::size_t r = 0; r < rows; ++r) fold_row(r, true);
  } else {
    auto body = [&](std::size_t first, std::size_t last) {
      for (std::size_t r = first; r < last; ++r) fold_row(r, false);
    };
    here.loop(rows, cut::anywhere, 1, body, columns);
  }
  here.finish();
  return results.take();
}

/// Node (level, first row) of the trees over columns [left, right), a row at a time; row(r) points to row r's elements.
/// Works on whole row segments, so that the compiler may vectorise across columns. What op throws passes through.
template <class A, class Op, class Row>
class column_nodes {
 public:
  column_nodes(const Op& op, const Row& row, std::size_t rows, std::size_t left, std::size_t right)
      : op_(op), row_(row), rows_(rows), left_(left), width_(right - left), scratch_(width_ * static_cast<std::size_t>(tree_depth(rows))) {}

  void fold(A* to, std::size_t first, int level) {
    while (level > 0 && first + (std::size_t{1} << (level - 1)) >= rows_) --level;  // an odd last node is carried up
    if (level == 0) {
      for (std::size_t k = 0; k < width_; ++k) to[k] = row_(first)[left_ + k];
    } else if (level == 1) {
      combine_rows(row_(first) + left_, row_(first + 1) + left_, to);
    } else {
      A* const right = scratch_.data() + width_ * static_cast<std::size_t>(level - 1);
      fold(to, first, level - 1);
      fold(right, first + (std::size_t{1} << (level - 1)), level - 1);
      combine_rows(to, right, to);
    }
  }

 private:
  void combine_rows(const A* a, const A* b, A* to) const {
    for (std::size_t c = 0; c < width_; ++c) to[c] = detail::combine<A>(op_, a[c], b[c]);
  }

  const Op& op_;
  const Row& row_;
  const std::size_t rows_, left_, width_;
  std::vector<A> scratch_;
};

/// The trees over all columns by row segments: in tasks of some columns by 2^k rows, whose nodes are the rows of a
/// second, small matrix. False when an operator threw: then nothing is known.
template <class A, class Op, class Row>
bool fold_columns(call& of, const Op& op, const Row& row, std::size_t rows, std::size_t columns, std::vector<A>& results) {
  const std::size_t width = least<std::size_t>(columns, 512), across = (columns + width - 1) / width;
  const std::size_t down_wanted = most<std::size_t>(1, 8 * of.workers() / across);
  const int level = least(tree_depth(rows), most(1, tree_depth((rows + down_wanted - 1) / down_wanted)));
  const std::size_t height = std::size_t{1} << level, down = (rows + height - 1) / height;
  std::vector<A> partial(down > 1 ? down * columns : 0);
  A* const to = down > 1 ? partial.data() : results.data();
  std::atomic<bool> threw = false;
  auto body = [&](std::size_t first, std::size_t last) {
    try {
      for (std::size_t t = first; t < last && !threw; ++t) {
        const std::size_t left = t % across * width, right = least(columns, left + width), top = t / across * height;
        column_nodes<A, Op, Row>(op, row, rows, left, right).fold(to + t / across * columns + left, top, level);
      }
    } catch (...) {
      threw = true;
    }
  };
  of.loop(across * down, cut::anywhere, 1, body, (rows * columns + across * down - 1) / (across * down));
  if (threw) return false;
  if (down == 1 || of.over()) return true;
  const auto partial_row = [&](std::size_t r) -> const A* { return partial.data() + r * columns; };
  of.once([&] {
    try {
      for (std::size_t left = 0; left < columns; left += width)
        column_nodes<A, Op, decltype(partial_row)>(op, partial_row, down, left, least(columns, left + width))
            .fold(results.data() + left, 0, tree_depth(down));
    } catch (...) {
      threw = true;
    }
  });
  return !threw;
}

template <class A>
inline constexpr bool folds_by_segments =
    std::is_trivially_copyable_v<A> && std::is_default_constructible_v<A> && std::is_copy_assignable_v<A> && !std::is_same_v<A, bool>;

template <class Op, class X>
auto reduce_columns_here(engine* where, const options& asked, const Op& op, X&& matrix, std::size_t rows, std::size_t columns) {
  using A = element_value_t<X>;
  const std::size_t n = rows * columns;
  call here(where, "reduce_columns", asked, n);
  here.moved(bytes_of<X>(n), columns * sizeof(A));
  if (there<std::vector<A>> found = segments_there<A>(here, op, matrix, n, columns_as_segments(rows, columns)); found.how != fate::left) {
    here.finish();
    return *std::move(found.value);
  }
  check_views_here("reduce_columns", op);
  const auto leaves = leaves_of<X>(matrix);
  if constexpr (is_plain_array<std::remove_const_t<decltype(leaves)>, A> && folds_by_segments<A> &&
                std::invocable<const Op&, const A&, const A&>) {
    std::vector<A> results(columns);
    const auto row = [&](std::size_t r) -> const A* { return leaves.elements.data + r * columns; };
    if (columns == 0 || fold_columns(here, op, row, rows, columns, results)) {
      here.finish();
      return results;
    }
  }
  result_slots<A> results(columns);
  auto body = [&](std::size_t first, std::size_t last) {
    for (std::size_t c = first; c < last; ++c) {
      const strided_leaves<std::remove_const_t<decltype(leaves)>> column{leaves, c, columns};
      tree_fold<A, std::remove_const_t<decltype(column)>, Op> tree(here, column, op, rows, {.base = c, .stride = columns});
      results.set(c, tree.run_here());
    }
  };
  here.loop(columns, cut::anywhere, 1, body, rows);
  here.finish();
  return results.take();
}

/// reduce_rows and reduce_columns of a device_array or a range; `here(range, rows, columns)` does it over a range.
template <class Op, class X, class Here>
auto reduce_matrix(engine* where, const char* verb, const options& asked, const Op& op, X&& matrix, count rows_asked, count columns_asked,
                   bool by_rows, Here&& here) {
  const auto shape = [&](std::size_t n) {
    check_shape(verb, rows_asked, columns_asked, n);
    const std::size_t rows = rows_asked.value(), columns = columns_asked.value();
    if (by_rows ? rows != 0 && columns == 0 : rows == 0 && columns != 0) throw_empty(verb);
    return std::pair(rows, columns);
  };
  if constexpr (any_device_array<X>) {
    using A = input_value_t<X>;
    check_places(verb, where, matrix);
    const auto [rows, columns] = shape(matrix.size());
    if (lie_on_gpu(matrix)) {
      call of(where, verb, asked, matrix.size());
      const segments over = (by_rows ? rows_as_segments : columns_as_segments)(rows, columns);
      if (there<std::vector<A>> found = segments_there<A>(of, op, matrix, matrix.size(), over); found.how != fate::left) {
        of.finish();
        return *std::move(found.value);
      }
    }
    return on_host_inputs(where, [&, r = rows, c = columns](auto range) { return here(range, r, c); }, matrix);
  } else {
    auto&& range = detail::indexed(std::forward<X>(matrix));
    const auto [rows, columns] = shape(static_cast<std::size_t>(std::ranges::size(range)));
    return here(static_cast<decltype(detail::indexed(std::forward<X>(matrix)))&&>(range), rows, columns);
  }
}

template <class Op, class X>
auto reduce_rows(engine* where, const options& asked, const Op& op, X&& matrix, count rows, count columns) {
  return reduce_matrix(where, "reduce_rows", asked, op, std::forward<X>(matrix), rows, columns, true,
                       [&](auto&& range, std::size_t r, std::size_t c) {
                         return reduce_rows_here(where, asked, op, std::forward<decltype(range)>(range), r, c);
                       });
}
template <class Op, class X>
auto reduce_columns(engine* where, const options& asked, const Op& op, X&& matrix, count rows, count columns) {
  return reduce_matrix(where, "reduce_columns", asked, op, std::forward<X>(matrix), rows, columns, false,
                       [&](auto&& range, std::size_t r, std::size_t c) {
                         return reduce_columns_here(where, asked, op, std::forward<decltype(range)>(range), r, c);
                       });
}

/// True for arrays that can be folded in place, column by column: contiguous, of flat numbers, and of a type that can be
/// made with a length.
template <class Array, class Op>
inline constexpr bool is_flat_array = false;
template <class A, class Op>
inline constexpr bool is_flat_array<std::vector<A>, Op> = folds_by_segments<A> && std::invocable<const Op&, const A&, const A&>;

/// reduce(elementwise(op), arrays) of n > 0 std::vectors that are all there; `left` to another way with `sync`, and if an operator
/// threw: nothing is known then.
template <class Op, class X, class A = typename element_value_t<X>::value_type>
there<std::vector<A>> fold_arrays(call& of, const Op& op, X& arrays, std::size_t n) {
  const auto array = elements_of<X&>(arrays);
  const std::size_t columns = array[0].size();
  for (std::size_t r = 1; r < n; ++r)
    if (array[r].size() != columns) throw_unequal_arrays(of.verb(), r, array[r].size(), columns);
  std::vector<A> results(columns);
  if constexpr (reduces_on_device<A, Op>) {
    std::vector<const void*> rows(n);
    for (std::size_t r = 0; r < n; ++r) rows[r] = array[r].data();
    there<std::vector<A>> found =
        launch_segments<A>(of, op, arrays_source<A>{rows, columns}, n * columns, {columns, n, 1, columns}, columns);
    if (found.how != fate::left) return found;
  }
  check_views_here(of.verb(), op);
  if (of.sync() && columns != 0) return {};  // by level
  const auto row = [&](std::size_t r) -> const A* { return array[r].data(); };
  if (columns != 0 && !fold_columns(of, op, row, n, columns, results)) return {};
  return {fate::done, std::move(results)};
}

}  // namespace foldgrid::detail
