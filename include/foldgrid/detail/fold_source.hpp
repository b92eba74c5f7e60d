// SPDX-License-Identifier: MIT
// The tree over elements as they come: two nodes become one as soon as both are there, costly operators on the workers meanwhile.
#pragma once

#include <foldgrid/detail/fold.hpp>
#include <foldgrid/detail/least.hpp>
#include <foldgrid/detail/result_task.hpp>
#include <foldgrid/detail/waiting.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail {

/// Nanoseconds of a steady clock.
FOLDGRID_API std::int64_t now_nanoseconds() noexcept;

/// A node of a tree that grows, or the task that makes it.
template <class A, class Op>
class grown_node;

/// Makes a node of two, on a worker, once both are there.
template <class A, class Op>
class merge final : public task, private gathering {
 public:
  merge(engine& where, const combine_nodes<A, Op>& combine, grown_node<A, Op>&& left, grown_node<A, Op>&& right)
      : gathering(*this, parts_of(left, right)), where_(where), combine_(combine), left_(std::move(left)), right_(std::move(right)) {}
  void begin() { gathering::start(); }
  node<A>& made() noexcept { return *made_; }

 private:
  static std::vector<task*> parts_of(const grown_node<A, Op>& left, const grown_node<A, Op>& right) {
    std::vector<task*> parts;
    if (left.maker) parts.push_back(left.maker.get());
    if (right.maker) parts.push_back(right.maker.get());
    return parts;
  }
  void build() noexcept override {
    try {
      start_task(&where_, *this);
    } catch (...) {  // no worker takes it any more
      if (this->claim()) run();
    }
  }
  void run() noexcept override {
    const exact_arithmetic exact;
    gathering::forget_parts();
    try {
      made_.emplace(combine_(left_.take(), right_.take()));
    } catch (...) {  // a value that throws when it is moved
      combine_.of.abort(std::current_exception());
      made_.emplace(node<A>{0, std::nullopt});
    }
    this->complete(succeeded);
  }
  void drop(std::exception_ptr why, status outcome) noexcept override {
    if (!combine_.of.over()) combine_.of.abort(std::move(why));  // else the call knows better
    made_.emplace(node<A>{0, std::nullopt});
    this->complete(outcome);
  }
  task* part() noexcept override { return gathering::unfinished(); }

  engine& where_;
  const combine_nodes<A, Op>& combine_;
  grown_node<A, Op> left_, right_;
  std::optional<node<A>> made_;
};

template <class A, class Op>
class grown_node {
 public:
  node<A> value;
  task_ref<merge<A, Op>> maker;

  /// Nothing of the value stays behind: a worker may hold the task that made it, or takes it, a little longer.
  node<A> take() {
    if (!maker) return taken_from(value);
    const task_ref<merge<A, Op>> made = std::move(maker);
    made->wait();
    return taken_from(made->made());
  }

 private:
  static node<A> taken_from(node<A>& from) { return {from.first, std::exchange(from.value, std::nullopt)}; }
};

/// The nodes so far, at most one of each level, largest first. Costly nodes are made by Away, on the workers: the operator itself, or one
/// that has it applied elsewhere and says what that costs.
template <class A, class Op, class Away>
class growing_tree {
 public:
  growing_tree(call& of, const Op& op, const Away& away) : of_(of), away_(away), combine_{of, op}, combine_away_{of, away} {}
  growing_tree(const growing_tree&) = delete;
  growing_tree& operator=(const growing_tree&) = delete;
  ~growing_tree() {
    for (auto& each : ahead_) abandon(*each);
  }

  /// The next node, a whole one unless it is the last.
  void push(node<A>&& next, int level) {
    grown_node<A, Away> mine{std::move(next), {}};
    for (; !levels_.empty() && levels_.back() == level; ++level) mine = join(pop(), std::move(mine), level);
    nodes_.push_back(std::move(mine));
    levels_.push_back(level);
  }
  maybe<A> finish() {
    if (nodes_.empty()) return std::nullopt;
    grown_node<A, Away> all = pop();
    while (!nodes_.empty()) {
      const int level = levels_.back();
      all = join(pop(), std::move(all), level);
    }
    return std::move(all.take().value);
  }
  /// True when applying the operator takes so long that a task for it costs nothing.
  bool is_costly() const noexcept { return costly_level_ != cheap; }

 private:
  static constexpr int cheap = 1000;
  /// Nanoseconds of an operator that makes such a node.
  std::int64_t worth_a_task(const A& made) const {
    if constexpr (requires { away_.nanoseconds_for(made); }) {
      return away_.nanoseconds_for(made);
    } else {
      return 10'000;
    }
  }

  grown_node<A, Away> pop() {
    grown_node<A, Away> last = std::move(nodes_.back());
    nodes_.pop_back();
    levels_.pop_back();
    return last;
  }

  grown_node<A, Away> join(grown_node<A, Away>&& left, grown_node<A, Away>&& right, int level) {
    if (level < costly_level_ && !left.maker && !right.maker) {
      const bool timed = level >= 3 || timed_ < 8;  // what an operator costs may grow with its operands
      const std::int64_t before = timed ? now_nanoseconds() : 0;
      node<A> made = combine_(std::move(left.value), std::move(right.value));
      if (timed && made.value && now_nanoseconds() - before > worth_a_task(*made.value)) costly_level_ = level;
      ++timed_;
      return {std::move(made), {}};
    }
    const std::size_t first = left.value.first;
    if (ahead_.empty()) ahead_.reserve(most_ahead_);
    task_ref<merge<A, Away>> maker(new merge<A, Away>(of_.where(), combine_away_, std::move(left), std::move(right)));
    maker->begin();
    if (ahead_.size() == most_ahead_) {
      ahead_[oldest_]->wait();
      ahead_[oldest_] = maker;
      oldest_ = (oldest_ + 1) % most_ahead_;
    } else {
      ahead_.push_back(maker);
    }
    return {node<A>{first, std::nullopt}, std::move(maker)};
  }

  call& of_;
  const Away& away_;
  const combine_nodes<A, Op> combine_;
  const combine_nodes<A, Away> combine_away_;
  const std::size_t most_ahead_ = 4 * of_.workers() + 4;
  std::vector<grown_node<A, Away>> nodes_;
  std::vector<int> levels_;
  std::vector<task_ref<merge<A, Away>>> ahead_;  // the latest ones begun: a ring when it is full
  std::size_t oldest_ = 0;
  std::size_t timed_ = 0;
  int costly_level_ = cheap;
};

/// The reduction of a source of unknown length. Elements are nodes of level 0, as they come. Small elements under a cheap operator are
/// collected, and a batch of them is folded by all workers at once. `away` is op, or what growing_tree says.
template <class A, class Op, class Away, class X, class... Init>
A fold_source(call& of, const options& asked, const Op& op, const Away& away, X&& source, Init&&... init) {
  constexpr int batch_level = 12;
  constexpr std::size_t batch_size = std::size_t{1} << batch_level;
  constexpr bool small = std::is_trivially_copyable_v<A> && sizeof(A) <= 64;
  of.on_workers();
  growing_tree<A, Op, Away> tree(of, op, away);
  std::vector<A> batch;
  std::size_t n = 0;
  const auto fold_batch = [&] {
    const auto leaves = leaves_of<std::vector<A>>(batch);
    const std::size_t first = n - batch.size();
    tree_fold<A, std::remove_const_t<decltype(leaves)>, Op> block(of, leaves, op, batch.size(), {.base = first});
    maybe<A> value = of.sync() ? block.run_by_level() : block.run();
    of.once([&] { tree.push({first, std::move(value)}, batch_level); });
    batch.clear();
  };
  const exact_arithmetic exact;
  bool collects = of.sync();
  for (auto&& element : source) {
    if (collects) {
      batch.push_back(static_cast<A>(owned<X, decltype(element)>(element)));
      ++n;
      if (small && !of.sync() && batch.size() == batch_size) fold_batch();
    } else {
      of.once([&] { tree.push({n, static_cast<A>(owned<X, decltype(element)>(element))}, 0); });
      ++n;
      of.advance(1);
      if (small && n % batch_size == 0) collects = !tree.is_costly();
    }
    if (asked.total && n > asked.total->value()) of.counted(n);
    if (of.over()) break;
  }
  if (!of.over()) of.counted(n);
  if (!batch.empty() && !of.over()) fold_batch();
  maybe<A> result;
  of.once([&] { result = tree.finish(); });
  return finish_fold<A>(of, op, n, std::move(result), std::forward<Init>(init)...);
}

}  // namespace foldgrid::detail
