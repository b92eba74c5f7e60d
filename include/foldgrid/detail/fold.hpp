// SPDX-License-Identifier: MIT
// The tree on many threads: whoever completes a node's second child combines the two.
#pragma once

#include <foldgrid/detail/block.hpp>
#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/detail/items.hpp>
#include <foldgrid/detail/least.hpp>
#include <foldgrid/detail/leaves.hpp>
#include <foldgrid/detail/nodes.hpp>
#include <foldgrid/detail/throw.hpp>
#include <foldgrid/detail/views.hpp>
#include <foldgrid/tree.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail {

/// One reduction of leaves (i) -> something convertible to A, indices [0, n), on the workers of a call. `index` gives
/// the items the leaves stand for.
template <class A, class Leaves, class Op>
class tree_fold {
 public:
  tree_fold(call& of, const Leaves& leaves, const Op& op, std::size_t n, item_index index = {})
      : call_(of), leaves_(leaves), block_(of, leaves, op, index), combine_{of, op}, n_(n), index_(index), depth_(tree_depth(n)) {}

  /// The tree's value; nothing when something failed, which the call then knows. n must not be 0.
  maybe<A> run() {
    auto body = [this](chunk_source& chunks) {
      pending_nodes<A> pending;
      for (std::size_t first, last, end = 0; chunks.next(first, last); end = last) {
        if (first != end) share(pending);
        cover(first, last, n_, [&](std::size_t from, std::size_t to, int level) { climb({from, block_(from, to)}, level, pending); });
      }
      share(pending);
    };
    call_.loop(n_, block_.cuts(), block_.grain(), body, index_.stride);
    return std::move(root_);
  }

  /// The same value, on the calling thread alone.
  maybe<A> run_here() { return block_(0, n_); }

  /// The same value, level by level: no node starts before the level below is done.
  maybe<A> run_by_level() {
    std::vector<maybe<A>> level(n_);
    auto fill = [&](std::size_t first, std::size_t last) {
      run_items(call_, leaves_, index_, first, last, [&](std::size_t i, auto&& compute) { level[i].emplace(static_cast<A>(compute())); });
    };
    call_.loop(n_, cut::anywhere, 1, fill);
    for (std::size_t width = 2; level.size() > 1; width *= 2) {
      std::vector<maybe<A>> next((level.size() + 1) / 2);
      auto pair_up = [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i)
          next[i] = 2 * i + 1 == level.size() ? std::move(level[2 * i])
                                              : combine_(node<A>{index_(i * width), std::move(level[2 * i])},
                                                         node<A>{index_(i * width + width / 2), std::move(level[2 * i + 1])})
                                                    .value;
      };
      call_.loop(next.size(), cut::anywhere, 1, pair_up, 0);
      level = std::move(next);
    }
    return std::move(level.front());
  }

 private:
  /// The parent of two siblings.
  node<A> parent(node<A>&& left, node<A>&& right) const {
    const std::size_t first = left.first;
    left.first = index_(first);
    node<A> both = combine_(std::move(left), std::move(right));
    both.first = first;
    return both;
  }

  /// Takes a finished node up the tree as far as the participant's own nodes go.
  void climb(node<A> mine, int level, pending_nodes<A>& pending) {
    for (; level < depth_; ++level) {
      const std::size_t sibling = mine.first ^ (std::size_t{1} << level);
      if (sibling >= n_) continue;  // the odd last node is carried up
      if (sibling > mine.first) return pending.push(level, std::move(mine));
      if (!pending.ends_with(level, sibling)) return arrive(std::move(mine), level);
      mine = parent(pending.pop(), std::move(mine));
    }
    root_ = std::move(mine.value);
  }

  /// Hands what a participant has over to all of them.
  void share(pending_nodes<A>& pending) {
    while (!pending.empty()) {
      const int level = pending.last_level();
      arrive(pending.pop(), level);
    }
  }

  /// Takes a finished node up the tree as far as its siblings are there; the last one to arrive reaches the root.
  void arrive(node<A> mine, int level) {
    for (; level < depth_; ++level) {
      const std::size_t sibling = mine.first ^ (std::size_t{1} << level);
      if (sibling >= n_) continue;
      node<A> other{sibling, std::nullopt};
      if (!waiting_.meet(level, sibling, mine, other)) return;
      mine = mine.first < sibling ? parent(std::move(mine), std::move(other)) : parent(std::move(other), std::move(mine));
    }
    root_ = std::move(mine.value);
  }

  call& call_;
  const Leaves& leaves_;
  block_fold<A, Leaves, Op> block_;
  const combine_nodes<A, Op> combine_;
  const std::size_t n_;
  const item_index index_;
  const int depth_;
  waiting_nodes<A> waiting_;
  maybe<A> root_;
};

template <class A, class Op>
constexpr bool check_operator() {
  // by move first: a generic operator that changes its operands does not compile with constants
  constexpr bool possible = std::disjunction_v<std::is_invocable<const Op&, A&&, A&&>, std::is_invocable<const Op&, const A&, const A&>>;
  static_assert(
      possible,
      "foldgrid: the operator cannot be called with two accumulators. It must take (A const&, A const&) or (A&&, A&&), A being the "
      "element type, and be callable as a const object");
  if constexpr (possible) {
    using Result = typename std::conditional_t<std::is_invocable_v<const Op&, A&&, A&&>, std::invoke_result<const Op&, A&&, A&&>,
                                               std::invoke_result<const Op&, const A&, const A&>>::type;
    constexpr bool converts = requires(Result (*result)()) { static_cast<A>(result()); };
    static_assert(converts, "foldgrid: the operator's result does not convert to the accumulator type");
    return converts;
  }
  return false;
}

/// In the place of an initial value: there is none.
struct without_init {};

/// Ends a reduction of n elements: op(init, tree) when there is an initial value. Throws what went wrong.
template <class A, class Op, class... Init>
A finish_fold(call& of, const Op& op, std::size_t n, maybe<A>&& tree, Init&&... init) {
  if constexpr ((std::same_as<std::remove_cvref_t<Init>, without_init> && ...)) {
    if (n == 0) throw_empty(of.verb());
    of.finish();
    return *std::move(tree);
  } else {
    check_views_here(of.verb(), op);  // of a reduction that was done on a GPU
    node<A> first{0, static_cast<A>((std::forward<Init>(init), ...))};
    if (n != 0) of.once([&] { first = combine_nodes<A, Op>{of, op}(std::move(first), node<A>{0, std::move(tree)}); });
    of.finish();
    return *std::move(first.value);
  }
}

/// The reduction of n leaves; Init is nothing, without_init or one value.
template <class A, class Leaves, class Op, class... Init>
A fold_all(call& of, const Leaves& leaves, const Op& op, std::size_t n, Init&&... init) {
  tree_fold<A, Leaves, Op> tree(of, leaves, op, n);
  maybe<A> result;
  if constexpr (has_builtin<Op, A>) {
    if (n != 0) result = tree.run();
  } else {
    if (n != 0) result = of.sync() ? tree.run_by_level() : tree.run();
  }
  return finish_fold<A>(of, op, n, std::move(result), std::forward<Init>(init)...);
}

}  // namespace foldgrid::detail
