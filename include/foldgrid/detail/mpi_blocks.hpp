// SPDX-License-Identifier: MIT
// mpi::reduce: the whole nodes of the tree in each rank's block, and the fold of all of them. Needs <mpi.h>.
#pragma once

#include <foldgrid/detail/mpi_common.hpp>
#include <foldgrid/detail/mpi_verbs.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace foldgrid::detail::remote {

/// Joins the ranks of a communicator for an executor; see comm_executor.
FOLDGRID_API std::shared_ptr<ranks> join_communicator(MPI_Comm all, int root, const executor_options& local, bool& is_root);

/// What the ranks tell each other in a reduction of their blocks. Every call is collective and blocks.
class FOLDGRID_API block_exchange {
 public:
  explicit block_exchange(MPI_Comm all);
  int rank() const noexcept { return rank_; }
  /// The sizes of all ranks.
  std::vector<std::size_t> sizes(std::size_t mine) const;
  /// The bytes of all ranks.
  std::vector<byte_vector> all_of(const byte_vector& mine) const;
  const executor& local() const noexcept { return local_; }

 private:
  MPI_Comm all_;
  const executor& local_;
  int rank_ = 0, size_ = 1;
};

/// A node, where it is in the tree, and its value.
template <class A>
struct placed_node {
  std::size_t first;
  int level;
  A value;
};

/// The tree over n elements of nodes that cover them, in order.
template <class A, class Combine>
A fold_cover(std::vector<placed_node<A>>&& nodes, std::size_t n, Combine&& combine) {
  const int depth = tree_depth(n);
  std::vector<placed_node<A>> open;
  for (placed_node<A>& each : nodes) {
    placed_node<A> mine = std::move(each);
    for (; mine.level < depth; ++mine.level) {
      const std::size_t sibling = mine.first ^ (std::size_t{1} << mine.level);
      if (sibling >= n) continue;  // an odd last node is carried up
      if (sibling > mine.first) break;
      placed_node<A> left = std::move(open.back());
      open.pop_back();
      mine = {left.first, mine.level, combine(left.first, left.value, mine.value)};
    }
    open.push_back(std::move(mine));
  }
  return std::move(open.back().value);
}

/// The error of the smallest index so far.
struct block_failure {
  std::size_t index = call::unknown;
  int rank = 0;
  std::exception_ptr why;
};

[[noreturn]] inline void throw_failed_block(const block_failure& failed) {
  throw_failed_item("mpi::reduce", failed.index, " on rank " + std::to_string(failed.rank), failed.why);
}

template <class Asked, class Op, class X>
auto reduce_blocks(const block_exchange& ranks, const Op& op, X&& block) {
  static_assert(contiguous_input<X> && std::ranges::sized_range<X>,
                "foldgrid: mpi::reduce takes a contiguous range of this rank's elements, such as a std::vector or a span");
  using T = element_value_t<X>;
  using A = accumulator_t<Asked, T>;
  if constexpr (check_operator<A, Op>() && check_result<A>()) {
    const T* const data = std::ranges::data(block);
    const std::size_t size = detail::length_of(block);
    const std::vector<std::size_t> sizes = ranks.sizes(size);
    const std::size_t n = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
    if (n == 0) throw_empty("mpi::reduce");
    const std::size_t begin = std::accumulate(sizes.begin(), sizes.begin() + ranks.rank(), std::size_t{0});

    byte_writer mine;
    block_failure failed;
    const auto fail = [&](std::size_t index) {
      if (index < failed.index) failed = {index, ranks.rank(), std::current_exception()};
    };
    cover(begin, begin + size, n, [&](std::size_t first, std::size_t last, int level) {
      try {
        const A value = ranks.local().template reduce<A>(op, std::span<const T>(data + (first - begin), last - first));
        byte_writer bytes;  // of its own: nothing is sent of a value that cannot be written to its end
        wire<A>::write(bytes, value);
        mine.put(first);
        mine.put(level);
        mine.write(bytes.bytes().data(), bytes.bytes().size());
      } catch (const task_error& e) {
        if (first + e.index() < failed.index)
          failed = {first + e.index(), ranks.rank(), e.nested_ptr() ? e.nested_ptr() : std::current_exception()};
      } catch (...) {
        fail(first);
      }
    });
    byte_writer told;
    told.put(failed.index);
    if (failed.why) write_exception(told, failed.why);
    told.write(mine.bytes().data(), mine.bytes().size());

    std::vector<placed_node<A>> nodes;
    failed = {};
    const auto all = ranks.all_of(told.bytes());
    for (std::size_t r = 0; r < all.size(); ++r) {
      byte_reader in(all[r].data(), all[r].size());
      if (const auto index = in.get<std::size_t>(); index != call::unknown) {
        const std::exception_ptr why = read_exception(in);
        if (index < failed.index) failed = {index, static_cast<int>(r), why};
      }
      while (in.left() != 0) {
        const auto first = in.get<std::size_t>();
        const auto level = in.get<int>();
        nodes.push_back({first, level, wire<A>::read(in)});
      }
    }
    if (failed.why) throw_failed_block(failed);
    std::size_t at = 0;
    try {
      const exact_arithmetic exact;
      return fold_cover(std::move(nodes), n, [&](std::size_t first, A& left, A& right) {
        at = first;
        return detail::combine_owned(op, left, right);
      });
    } catch (...) {
      throw_failed_block({at, ranks.rank(), std::current_exception()});
    }
  }
}

}  // namespace foldgrid::detail::remote
