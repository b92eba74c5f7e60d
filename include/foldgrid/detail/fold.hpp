// SPDX-License-Identifier: MIT
// The tree on many threads: blocks of 2^k elements are nodes; whoever completes a node's second child combines the two.
#pragma once

#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/detail/items.hpp>
#include <foldgrid/detail/spin_lock.hpp>
#include <foldgrid/detail/throw.hpp>
#include <foldgrid/detail/vector.hpp>
#include <foldgrid/tree.hpp>

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail {

/// Elements of an array as leaves: nothing is computed.
template <class Elements>
struct direct_leaves {
  static constexpr bool direct = true;
  Elements elements;
  decltype(auto) operator()(std::size_t i) const noexcept { return elements[i]; }
};
/// Elements that are computed when asked for.
template <class Elements>
struct computed_leaves {
  static constexpr bool direct = false;
  Elements elements;
  decltype(auto) operator()(std::size_t i) const { return elements[i]; }
};
template <class X>
auto leaves_of(std::remove_reference_t<X>& range) {
  if constexpr (requires { elements_of<X>(range).data; }) {
    return direct_leaves<elements_t<X>>{elements_of<X>(range)};
  } else {
    return computed_leaves<elements_t<X>>{elements_of<X>(range)};
  }
}

/// True when the leaves are an array of A that can be read in place.
template <class Leaves, class A>
inline constexpr bool is_plain_array = false;
template <class T, class Reference, class A>
inline constexpr bool is_plain_array<direct_leaves<array_elements<T, Reference>>, A> = std::is_same_v<std::remove_const_t<T>, A>;

/// A node of the tree: the index of its first element, and its value unless something below it failed.
template <class A>
struct node {
  std::size_t first;
  std::optional<A> value;
};

/// op(a, b) for owned values: by move where the operator takes it.
template <class A, class Op>
A combine_owned(const Op& op, A& a, A& b) {
  if constexpr (std::invocable<const Op&, A&&, A&&>) {
    return combine<A>(op, std::move(a), std::move(b));
  } else {
    return combine<A>(op, std::as_const(a), std::as_const(b));
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
      return {a.first, combine_owned(op, *a.value, *b.value)};
    } catch (...) {
      of.fail(a.first);
      return {a.first, std::nullopt};
    }
  }
};

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
  static constexpr int capacity = static_cast<int>(std::clamp<std::size_t>(4096 / sizeof(entry), 4, 64));
  entry* slot(int k) noexcept { return std::launder(reinterpret_cast<entry*>(storage_)) + k; }

  spin_lock lock_;
  std::uint64_t used_ = 0;
  std::vector<entry> overflow_;
  alignas(entry) unsigned char storage_[static_cast<std::size_t>(capacity) * sizeof(entry)];
};

/// One reduction of leaves (i) -> something convertible to A, indices [0, n), on the workers of a call. `index` gives
/// the items the leaves stand for.
template <class A, class Leaves, class Op>
class tree_fold {
 public:
  tree_fold(call& of, const Leaves& leaves, const Op& op, std::size_t n, item_index index = {})
      : call_(of), leaves_(leaves), op_(op), combine_{of, op}, n_(n), index_(index), depth_(tree_depth(n)) {}

  /// The tree's value; nothing when something failed, which the call then knows. n must not be 0.
  std::optional<A> run() {
    auto body = [this](std::size_t first, std::size_t last) { arrive({first, block(first, last)}, last - first); };
    call_.loop(n_, cut::at_nodes, grain(), body, index_.stride);
    return std::move(root_);
  }

  /// The same value, on the calling thread alone.
  std::optional<A> run_here() { return block(0, n_); }

  /// The same value, level by level: no node starts before the level below is done.
  std::optional<A> run_by_level() {
    std::vector<std::optional<A>> level(n_);
    auto fill = [&](std::size_t first, std::size_t last) {
      run_items(call_, leaves_, index_, first, last, [&](std::size_t i, auto&& compute) { level[i].emplace(static_cast<A>(compute())); });
    };
    call_.loop(n_, cut::anywhere, 1, fill);
    for (std::size_t width = 2; level.size() > 1; width *= 2) {
      std::vector<std::optional<A>> next((level.size() + 1) / 2);
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
  static constexpr bool built_in = has_builtin<Op, A>;
  static constexpr bool plain_array = is_plain_array<Leaves, A>;
  static constexpr bool flat = std::is_trivially_copyable_v<A> && sizeof(A) <= 256;
  /// Floating-point + and * over leaves that are computed.
  static constexpr bool in_registers = built_in && !plain_array && std::floating_point<A> &&
                                       (std::same_as<builtin_t<Op, A>, add> || std::same_as<builtin_t<Op, A>, multiply>);
  static constexpr std::size_t tile = in_registers ? 2048
                                      : built_in   ? 1024
                                                   : std::bit_floor(std::clamp<std::size_t>(8192 / sizeof(A), 16, 1024));

  static constexpr std::size_t grain() {
    if constexpr (built_in && plain_array) return std::bit_floor(262144 / sizeof(A));
    return Leaves::direct ? 2 : 1;
  }

  /// Value of the node that covers exactly [first, last).
  std::optional<A> block(std::size_t first, std::size_t last) {
    if constexpr (built_in && plain_array) {
      return fold(builtin_t<Op, A>{}, static_cast<const A*>(leaves_.elements.data) + first, last - first);
    } else if constexpr (built_in) {
      if (last - first <= tile) return fold_tile(first, last);
      const auto op = [](const A& a, const A& b) { return combine<A>(builtin_t<Op, A>{}, a, b); };
      tree_stack<A, decltype(op)> tiles(op);
      bool good = true;
      for (std::size_t i = first; i < last; i += tile) {
        const std::optional<A> value = fold_tile(i, std::min(i + tile, last));
        good = good && value;
        if (good) tiles.push(*value);
      }
      return good ? std::optional<A>(tiles.finish()) : std::nullopt;
    } else if constexpr (flat) {
      if (last - first <= tile) return fold_tile(first, last);
      tree_stack<node<A>, const combine_nodes<A, Op>&> tiles(combine_);
      for (std::size_t i = first; i < last; i += tile) tiles.push({index_(i), fold_tile(i, std::min(i + tile, last))});
      return tiles.finish().value;
    } else {
      return fold_stream(first, last);
    }
  }

  std::optional<A> fold_tile(std::size_t first, std::size_t last) {
    const std::size_t m = last - first;
    if constexpr (in_registers) {
      if (!call_.watches_items()) {
        storage<tile / 4> nodes;  // of two levels at least
        const std::size_t n = fold_leaves(nodes.data(), first, last);
        return n == 0 ? std::nullopt : std::optional<A>(fold(builtin_t<Op, A>{}, static_cast<const A*>(nodes.data()), n));
      }
    }
    if constexpr (built_in) {
      storage<tile> values;
      if (!fill(values.data(), first, last, nothing_more{})) return std::nullopt;
      return fold(builtin_t<Op, A>{}, static_cast<const A*>(values.data()), m);
    } else {
      storage<tile> values;
      storage<tile / 2> halves;
      bool failed[tile];
      if constexpr (plain_array) {
        return halve(leaves_.elements.data + first, halves.data(), values.data(), failed, true, first, m);
      } else {
        bool clean = true;
        fill(values.data(), first, last, [&](std::size_t i) {
          if (clean) std::fill_n(failed, m, false);
          clean = false;
          failed[i - first] = true;
        });
        if (!clean && call_.gives_up()) return std::nullopt;
        return halve(values.data(), halves.data(), values.data(), failed, clean, first, m);
      }
    }
  }

  template <class Failed>
  bool fill(A* __restrict values, std::size_t first, std::size_t last, Failed&& failed) {
    return run_items(
        call_, leaves_, index_, first, last,
        [=](std::size_t i, auto&& compute) { std::construct_at(values + (i - first), static_cast<A>(compute())); }, failed);
  }

  /// The lowest levels of a tile whose leaves are computed and whose operator is floating-point + or *: a register of
  /// nodes at a time, without a buffer between function and tree. Gives the number of nodes, 0 when a leaf failed.
  std::size_t fold_leaves(A* nodes, std::size_t first, std::size_t last) {
#if defined(__x86_64__) && !defined(__AVX2__)
    if (has_avx2()) return fold_leaves_avx2(nodes, first, last);
    return fold_leaves_by<16>(nodes, first, last);
#elif defined(__AVX2__)
    return fold_leaves_by<32>(nodes, first, last);
#else
    return fold_leaves_by<16>(nodes, first, last);
#endif
  }

#if defined(__x86_64__) && !defined(__AVX2__)
  /// The function is compiled for wider registers too, which round alike.
  [[gnu::target("avx2"), gnu::flatten]] std::size_t fold_leaves_avx2(A* nodes, std::size_t first, std::size_t last) {
    return fold_leaves_by<32>(nodes, first, last);
  }
#endif

  template <std::size_t bytes>
  std::size_t fold_leaves_by(A* __restrict nodes, std::size_t first, std::size_t last) {
    using V = vector_of<A, bytes>;
    using vector_op = std::conditional_t<std::same_as<builtin_t<Op, A>, add>, vector_add, vector_multiply>;
    std::size_t n = 0, i = first, at = first;
    try {
      for (; i + V::step <= last; i += V::step, n += V::width) {
        alignas(bytes) A leaves[V::step];
        for (std::size_t k = 0; k < V::step; ++k) leaves[k] = static_cast<A>(leaves_(at = i + k));
        V::fold(vector_op{}, leaves, nodes + n);
      }
      for (; i < last; ++n) {
        A leaves[V::group];
        std::size_t k = 0;
        for (; k < V::group && i < last; ++k, ++i) leaves[k] = static_cast<A>(leaves_(at = i));
        nodes[n] = fold(builtin_t<Op, A>{}, static_cast<const A*>(leaves), k);
      }
      return n;
    } catch (const source_error& source) {
      call_.abort(source.original);
    } catch (...) {
      call_.fail(index_(at));
      // the tile has no value any more, but its other items still run
      if (!call_.gives_up())
        run_items(call_, leaves_, index_, at + 1, last, [](std::size_t, auto&& compute) { static_cast<void>(compute()); }, nothing_more{});
    }
    return 0;
  }

  /// Halves the m values at x level by level, back and forth between two buffers. Values marked in `failed`, which
  /// counts once `clean` is false, and what depends on them are left out; everything else is still computed.
  std::optional<A> halve(const A* x, A* to, A* other, bool* failed, bool clean, std::size_t first, std::size_t m) {
    for (int level = 1; m > 1; ++level) {
      const std::size_t half = m / 2;
      std::size_t i = 0;
      if (clean) {
        try {
          halve_level(x, to, half, i);
        } catch (...) {
          call_.fail(index_(first + (i << level)));
          if (call_.gives_up()) return std::nullopt;
          std::fill_n(failed, m, false);
          failed[i++] = true;
          clean = false;
        }
      }
      if (!clean) {
        for (; i < half; ++i) {
          const bool skip = failed[2 * i] || failed[2 * i + 1];
          failed[i] = skip;
          if (skip) continue;
          try {
            halve_level(x, to, i + 1, i);
            --i;
          } catch (...) {
            call_.fail(index_(first + (i << level)));
            failed[i] = true;
          }
        }
        if (m % 2 != 0) failed[half] = failed[m - 1];
      }
      if (m % 2 != 0) std::construct_at(to + half, x[m - 1]);
      m -= half;
      x = to;
      std::swap(to, other);
    }
    if (!clean && failed[0]) return std::nullopt;
    return x[0];
  }

  void halve_level(const A* __restrict x, A* __restrict to, std::size_t half, std::size_t& i) const {
    for (; i < half; ++i) {
      if constexpr (std::invocable<const Op&, const A&, const A&>) {
        std::construct_at(to + i, combine<A>(op_, x[2 * i], x[2 * i + 1]));
      } else {
        A a = x[2 * i], b = x[2 * i + 1];
        std::construct_at(to + i, combine<A>(op_, std::move(a), std::move(b)));
      }
    }
  }

  /// Elements of any type, two at a time on a log n stack.
  std::optional<A> fold_stream(std::size_t first, std::size_t last) {
    tree_stack<node<A>, const combine_nodes<A, Op>&> nodes(combine_);
    for (std::size_t i = first; i < last; i += 2) {
      if constexpr (Leaves::direct && std::same_as<std::remove_cvref_t<decltype(leaves_(i))>, A> &&
                    std::is_lvalue_reference_v<decltype(leaves_(i))> && std::invocable<const Op&, const A&, const A&>) {
        if (i + 1 < last) {  // no copies
          node<A> both = pair(i);
          if (!both.value && call_.gives_up()) return std::nullopt;
          nodes.push(std::move(both));
          continue;
        }
      }
      node<A> both = leaf(i);
      if (i + 1 < last) both = combine_(std::move(both), leaf(i + 1));
      if (!both.value && call_.gives_up()) return std::nullopt;  // items below the failing one have run
      nodes.push(std::move(both));
    }
    return nodes.finish().value;
  }

  node<A> pair(std::size_t i) {
    node<A> result{index_(i), std::nullopt};
    try {
      result.value.emplace(combine<A>(op_, std::as_const(leaves_(i)), std::as_const(leaves_(i + 1))));
    } catch (...) {
      call_.fail(index_(i));
    }
    return result;
  }

  node<A> leaf(std::size_t i) {
    node<A> result{index_(i), std::nullopt};
    run_items(call_, leaves_, index_, i, i + 1, [&](std::size_t, auto&& compute) { result.value.emplace(static_cast<A>(compute())); });
    return result;
  }

  /// Takes a finished node up the tree as far as its siblings are there; the last one to arrive reaches the root.
  void arrive(node<A> mine, std::size_t width) {
    for (int level = tree_depth(width); level < depth_; ++level) {
      const std::size_t sibling = mine.first ^ (std::size_t{1} << level);
      if (sibling >= n_) continue;  // the odd last node is carried up
      node<A> other{sibling, std::nullopt};
      if (!waiting_.meet(level, sibling, mine, other)) return;
      const std::size_t parent = std::min(mine.first, sibling);
      node<A>&left = mine.first == parent ? mine : other, &right = mine.first == parent ? other : mine;
      left.first = index_(left.first);
      mine = combine_(std::move(left), std::move(right));
      mine.first = parent;
    }
    root_ = std::move(mine.value);
  }

  /// Room for flat values, not initialised.
  template <std::size_t n>
  struct storage {
    alignas(A) alignas(64) unsigned char bytes[n * sizeof(A)];
    A* data() noexcept { return reinterpret_cast<A*>(bytes); }
  };

  call& call_;
  const Leaves& leaves_;
  const Op& op_;
  const combine_nodes<A, Op> combine_;
  const std::size_t n_;
  const item_index index_;
  const int depth_;
  waiting_nodes<A> waiting_;
  std::optional<A> root_;
};

template <class A, class Op>
constexpr bool check_operator() {
  constexpr bool possible = std::invocable<const Op&, const A&, const A&> || std::invocable<const Op&, A&&, A&&>;
  static_assert(
      possible,
      "foldgrid: the operator cannot be called with two accumulators. It must take (A const&, A const&) or (A&&, A&&), A being the "
      "element type, and be callable as a const object");
  if constexpr (possible) {
    using Result = typename std::conditional_t<std::invocable<const Op&, A&&, A&&>, std::invoke_result<const Op&, A&&, A&&>,
                                               std::invoke_result<const Op&, const A&, const A&>>::type;
    constexpr bool converts = requires(Result (*result)()) { static_cast<A>(result()); };
    static_assert(converts, "foldgrid: the operator's result does not convert to the accumulator type");
    return converts;
  }
  return false;
}

/// Ends a reduction of n elements: op(init, tree) when there is an initial value. Throws what went wrong.
template <class A, class Op, class... Init>
A finish_fold(call& of, const Op& op, std::size_t n, std::optional<A>&& tree, Init&&... init) {
  if constexpr (sizeof...(Init) == 0) {
    if (n == 0) throw_empty(of.verb());
    of.finish();
    return *std::move(tree);
  } else {
    node<A> first{0, static_cast<A>((std::forward<Init>(init), ...))};
    if (n != 0) of.once([&] { first = combine_nodes<A, Op>{of, op}(std::move(first), node<A>{0, std::move(tree)}); });
    of.finish();
    return *std::move(first.value);
  }
}

/// The reduction of n leaves; Init is nothing or one value.
template <class A, class Leaves, class Op, class... Init>
A fold_all(call& of, const Leaves& leaves, const Op& op, std::size_t n, Init&&... init) {
  tree_fold<A, Leaves, Op> tree(of, leaves, op, n);
  std::optional<A> result;
  if constexpr (has_builtin<Op, A>) {
    if (n != 0) result = tree.run();
  } else {
    if (n != 0) result = of.sync() ? tree.run_by_level() : tree.run();
  }
  return finish_fold<A>(of, op, n, std::move(result), std::forward<Init>(init)...);
}

/// The reduction of a source of unknown length: batches of 2^k elements are nodes, and meet on a log n stack.
template <class A, class Op, class X, class... Init>
A fold_source(call& of, const options& asked, const Op& op, X&& source, Init&&... init) {
  const std::size_t batch_size = of.sync()                                            ? call::unknown
                                 : std::is_trivially_copyable_v<A> && sizeof(A) <= 64 ? 4096
                                                                                      : std::bit_ceil(4 * of.workers());
  const combine_nodes<A, Op> combine{of, op};
  tree_stack<node<A>, const combine_nodes<A, Op>&> nodes(combine);
  std::vector<A> batch;
  std::size_t n = 0;
  const auto fold_batch = [&] {
    const auto leaves = leaves_of<std::vector<A>>(batch);
    const std::size_t first = n - batch.size();
    tree_fold<A, std::remove_const_t<decltype(leaves)>, Op> tree(of, leaves, op, batch.size(), {.base = first});
    std::optional<A> value = of.sync() ? tree.run_by_level() : tree.run();
    of.once([&] { nodes.push({first, std::move(value)}); });
    batch.clear();
  };
  const exact_arithmetic exact;
  for (auto&& element : source) {
    batch.push_back(static_cast<A>(std::forward<decltype(element)>(element)));
    ++n;
    if (asked.total && n > asked.total->value()) of.counted(n);
    if (batch.size() == batch_size) fold_batch();
    if (of.over()) break;
  }
  if (!of.over()) of.counted(n);
  if (!batch.empty() && !of.over()) fold_batch();
  std::optional<A> result;
  of.once([&] {
    if (nodes.size() > 0) result = nodes.finish().value;
  });
  return finish_fold<A>(of, op, n, std::move(result), std::forward<Init>(init)...);
}

}  // namespace foldgrid::detail
