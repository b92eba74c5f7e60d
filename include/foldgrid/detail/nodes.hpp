// SPDX-License-Identifier: MIT
// Nodes of a tree that is folded by several threads: how two become one, and where they wait for each other.
#pragma once

#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/detail/call.hpp>
#include <foldgrid/detail/least.hpp>
#include <foldgrid/detail/slots.hpp>
#include <foldgrid/detail/spin_lock.hpp>
#include <foldgrid/tree.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail {

/// A std::optional that can be assigned to although its value cannot; empty when a move throws.
template <class A>
class replaceable : public std::optional<A> {
 public:
  using std::optional<A>::optional;
  replaceable(std::optional<A>&& value) : std::optional<A>(std::move(value)) {}  // implicit: it is one
  replaceable(replaceable&&) = default;
  replaceable& operator=(replaceable other) {
    this->reset();
    if (other) this->emplace(*std::move(other));
    return *this;
  }
};
/// A value, or nothing when something below it failed.
template <class A>
using maybe = std::conditional_t<std::is_move_assignable_v<A>, std::optional<A>, replaceable<A>>;

/// A node of the tree: the index of its first element, and its value.
template <class A>
struct node {
  std::size_t first;
  maybe<A> value;
};

/// op(a, b) for owned values: by move where the operator takes it.
template <class A, class Op>
A combine_owned(const Op& op, A& a, A& b) {
  if constexpr (std::invocable<const Op&, A&&, A&&>) {
    return detail::combine<A>(op, std::move(a), std::move(b));
  } else {
    return detail::combine<A>(op, std::as_const(a), std::as_const(b));
  }
}

/// Combines nodes, recording an operator that throws as the failure of the node's first element.
template <class A, class Op>
struct combine_nodes {
  call& of;
  const Op& op;
  node<A> operator()(node<A>&& a, node<A>&& b) const {
    if (!a.value || !b.value) return {a.first, std::nullopt};
    try {
      return {a.first, detail::combine_owned(op, *a.value, *b.value)};
    } catch (...) {
      of.fail(a.first);
      return {a.first, std::nullopt};
    }
  }
};

/// Calls use(first, last, level) for the largest whole nodes of the tree over n elements that cover [first, last), in order.
template <class Use>
void cover(std::size_t first, std::size_t last, std::size_t n, Use&& use) {
  while (first < last) {
    const std::size_t left = last - first, largest = first == 0 ? std::bit_ceil(n) : first & (~first + 1);
    const std::size_t width = last == n && largest >= left ? left : least(largest, std::bit_floor(left));
    use(first, first + width, tree_depth(width));
    first += width;
  }
}

/// Nodes that wait for their siblings. Few at any time: a block behind and a block ahead of each thread, whose nodes
/// are at most log2 n each.
template <class A>
class waiting_nodes {
 public:
  waiting_nodes() = default;
  waiting_nodes(const waiting_nodes&) = delete;
  waiting_nodes& operator=(const waiting_nodes&) = delete;
  ~waiting_nodes() {
    for (std::uint64_t left = used_; left != 0; left &= left - 1) std::destroy_at(slot(std::countr_zero(left)));
  }

  /// Takes out the sibling that starts at `sibling` on that level into `found`; or, when it is not there yet, leaves `mine` here
  /// and tells so by false.
  bool meet(int level, std::size_t sibling, node<A>& mine, node<A>& found) {
    const spin_guard guard(lock_);
    for (std::uint64_t left = used_; left != 0; left &= left - 1) {
      const int k = std::countr_zero(left);
      if (slot(k)->level != level || slot(k)->value.first != sibling) continue;
      found = std::move(slot(k)->value);
      std::destroy_at(slot(k));
      used_ &= ~(std::uint64_t{1} << k);
      return true;
    }
    for (auto& more : overflow_) {
      if (more.level != level || more.value.first != sibling) continue;
      found = std::move(more.value);
      more = std::move(overflow_.back());
      overflow_.pop_back();
      return true;
    }
    if (const int free = std::countr_one(used_); free < capacity) {
      std::construct_at(slot(free), entry{level, std::move(mine)});
      used_ |= std::uint64_t{1} << free;
    } else {
      overflow_.push_back(entry{level, std::move(mine)});
    }
    return false;
  }

 private:
  struct entry {
    int level;
    node<A> value;
  };
  static constexpr int capacity = static_cast<int>(clamped<std::size_t>(4096 / sizeof(entry), 4, 64));
  entry* slot(int k) noexcept { return slots_.data() + k; }

  spin_lock lock_;
  std::uint64_t used_ = 0;
  std::vector<entry> overflow_;
  slots<entry, std::size_t{capacity}> slots_;
};

/// The left siblings that one participant keeps for itself, because their right siblings come next: the first nodes of
/// neighbouring chunks, largest first.
template <class A>
class pending_nodes {
 public:
  pending_nodes() = default;
  pending_nodes(const pending_nodes&) = delete;
  pending_nodes& operator=(const pending_nodes&) = delete;
  ~pending_nodes() { std::destroy_n(slot(0), count_); }

  bool empty() const noexcept { return count_ == 0; }
  void push(int level, node<A>&& left) {
    std::construct_at(slot(count_), entry{level, std::move(left)});
    ++count_;
  }
  /// True when the last one starts at `first` on that level.
  bool ends_with(int level, std::size_t first) noexcept {
    return count_ != 0 && slot(count_ - 1)->level == level && slot(count_ - 1)->value.first == first;
  }
  int last_level() noexcept { return slot(count_ - 1)->level; }
  node<A> pop() {
    node<A> last = std::move(slot(--count_)->value);
    std::destroy_at(slot(count_));
    return last;
  }

 private:
  struct entry {
    int level;
    node<A> value;
  };
  entry* slot(std::size_t k) noexcept { return slots_.data() + k; }

  std::size_t count_ = 0;
  slots<entry, 64> slots_;
};

}  // namespace foldgrid::detail
