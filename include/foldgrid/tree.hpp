// SPDX-License-Identifier: MIT
// The fixed tree: what every reduction in foldgrid computes, as a reference to check against and as a stack that streams.
//
//   level 3            o                 Neighbours are paired level by level; an odd last element is carried up
//                  /       \             unchanged. Node (k, i) covers elements [i*2^k, min((i+1)*2^k, n)), so
//   level 2       o         o            - the shape is defined by n alone,
//               /   \      / \           - operands keep their order: the operator must be associative, need not be
//   level 1    o     o    o   \            commutative, needs no identity,
//             / \   / \  / \   \         - n-1 applications, depth ceil(log2 n),
//   elements 0   1 2  3  4  5   6        - every 2^k-aligned block is a whole subtree: work may be cut there.
//
// This is the canonical tree of ISO C++ proposal P4016R0 with lane count L = 1.
#pragma once

#include <foldgrid/detail/build.hpp>
#include <foldgrid/detail/slots.hpp>

#include <bit>
#include <cstddef>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace foldgrid {

/// Depth of the tree over n elements, ceil(log2 n); 0 for n < 2.
constexpr int tree_depth(std::size_t n) noexcept { return n < 2 ? 0 : static_cast<int>(std::bit_width(n - 1)); }

/// The reduction by its definition: level by level, on the calling thread. This is the reference every backend equals
/// bit for bit; executors are the fast way. Elements are taken over by move from `level`, which must not be empty
/// (std::invalid_argument). `op(T&&, T&&)` gives something convertible to T. Costs n-1 calls of op.
template <class T, class Op>
T tree_reduce(Op&& op, std::vector<T> level) {
  if (level.empty()) throw std::invalid_argument("foldgrid::tree_reduce: asked to reduce no elements; give at least one");
  while (level.size() > 1) {
    std::vector<T> next;
    next.reserve((level.size() + 1) / 2);
    for (std::size_t i = 0; i + 1 < level.size(); i += 2) next.push_back(static_cast<T>(op(std::move(level[i]), std::move(level[i + 1]))));
    if (level.size() % 2 != 0) next.push_back(std::move(level.back()));
    level = std::move(next);
  }
  return std::move(level.front());
}

/// The same tree over a stream: elements are pushed one after another, one whole node is kept for each bit set in
/// their number n, largest first, as in a binary counter: floor(log2 n) + 1 at most.
/// `Op` is called as op(T&&, T&&); each call happens as soon as both operands are there. If op throws, the stack may
/// only be destroyed.
template <class T, class Op>
class tree_stack {
 public:
  explicit tree_stack(Op op) : op_(std::forward<Op>(op)) {}
  tree_stack(const tree_stack&) = delete;
  tree_stack& operator=(const tree_stack&) = delete;
  ~tree_stack() { std::destroy_n(node(0), depth_); }

  /// Appends the next element, or the next whole node of one fixed level.
  void push(T value) {
    for (std::size_t carry = size_; carry & 1; carry >>= 1) value = merge(std::move(value));
    std::construct_at(node(depth_), std::move(value));
    ++depth_;
    ++size_;
  }

  /// Number of elements pushed.
  std::size_t size() const noexcept { return size_; }

  /// The value of the tree over what was pushed (at least one element); the stack is then empty.
  T finish() {
    T value = pop();
    while (depth_ > 0) value = merge(std::move(value));
    size_ = 0;
    return value;
  }

 private:
  T* node(int i) noexcept { return nodes_.data() + i; }

  T pop() {
    T value = std::move(*node(depth_ - 1));
    std::destroy_at(node(--depth_));
    return value;
  }

  T merge(T&& right) {
    T left = pop();
    return static_cast<T>(op_(std::move(left), std::move(right)));
  }

  Op op_;
  std::size_t size_ = 0;
  int depth_ = 0;
  detail::slots<T, 64> nodes_;
};

}  // namespace foldgrid
