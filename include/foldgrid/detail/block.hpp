// SPDX-License-Identifier: MIT
// One block of the tree on one thread.
#pragma once

#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/detail/items.hpp>
#include <foldgrid/detail/least.hpp>
#include <foldgrid/detail/leaves.hpp>
#include <foldgrid/detail/nodes.hpp>
#include <foldgrid/detail/vector.hpp>
#include <foldgrid/tree.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace foldgrid::detail {

/// Folds leaves (i) -> something convertible to A on the calling thread. `index` gives the items the leaves stand for.
template <class A, class Leaves, class Op>
class block_fold {
 public:
  block_fold(call& of, const Leaves& leaves, const Op& op, item_index index)
      : call_(of), leaves_(leaves), op_(op), combine_{of, op}, index_(index) {}

  /// The least chunk worth a thread.
  static constexpr std::size_t grain() {
    if constexpr (built_in && plain_array) return 262144 / sizeof(A);
    return Leaves::direct ? 2 : 1;
  }

  /// Where a loop over such blocks may be cut: a built-in operator does not tell in which order it is called.
  static constexpr cut cuts() noexcept { return built_in ? cut::at_nodes_in_any_order : cut::at_nodes; }

  /// Value of the node that covers exactly [first, last); nothing when something below it failed.
  maybe<A> operator()(std::size_t first, std::size_t last) {
    if constexpr (built_in && plain_array) {
      return fold(builtin_t<Op, A>{}, static_cast<const A*>(leaves_.elements.data) + first, last - first);
    } else if constexpr (built_in) {
      if (last - first <= tile) return fold_tile(first, last);
      const auto op = [](const A& a, const A& b) { return detail::combine<A>(builtin_t<Op, A>{}, a, b); };
      tree_stack<A, decltype(op)> tiles(op);
      bool good = true;
      for (std::size_t i = first; i < last; i += tile) {
        const maybe<A> value = fold_tile(i, least(i + tile, last));
        good = good && value;
        if (good) tiles.push(*value);
      }
      return good ? maybe<A>(tiles.finish()) : std::nullopt;
    } else if constexpr (flat) {
      if (last - first <= tile) return fold_tile(first, last);
      tree_stack<node<A>, const combine_nodes<A, Op>&> tiles(combine_);
      for (std::size_t i = first; i < last; i += tile) tiles.push({index_(i), fold_tile(i, least(i + tile, last))});
      return tiles.finish().value;
    } else {
      return fold_stream(first, last);
    }
  }

 private:
  static constexpr bool built_in = has_builtin<Op, A>;
  static constexpr bool plain_array = is_plain_array<Leaves, A>;
  static constexpr bool flat = std::is_trivially_copyable_v<A> && std::is_copy_constructible_v<A> && sizeof(A) <= 256;
  using leaf_t = decltype(std::declval<const Leaves&>()(std::size_t{}));
  /// Elements of an array that is not moved from.
  using leaves_stay =
      std::bool_constant<Leaves::direct && std::same_as<std::remove_cvref_t<leaf_t>, A> && std::is_lvalue_reference_v<leaf_t>>;
  /// Floating-point + and * over leaves that are computed.
  static constexpr bool in_registers = built_in && !plain_array && std::floating_point<A> &&
                                       (std::same_as<builtin_t<Op, A>, add> || std::same_as<builtin_t<Op, A>, multiply>);
  static constexpr std::size_t tile = in_registers ? 4096
                                      : built_in   ? 1024
                                                   : std::bit_floor(clamped<std::size_t>(8192 / sizeof(A), 16, 1024));

  maybe<A> fold_tile(std::size_t first, std::size_t last) {
    const std::size_t m = last - first;
    if constexpr (in_registers) {
      if (!call_.watches_items()) {
        storage<tile / 16> nodes;  // of four levels at least
        const std::size_t n = fold_leaves(nodes.data(), first, last);
        if (n <= 1) return n == 0 ? std::nullopt : maybe<A>(*nodes.data());
        return fold(builtin_t<Op, A>{}, static_cast<const A*>(nodes.data()), n);
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
          if (clean)
            for (std::size_t k = 0; k < m; ++k) failed[k] = false;
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
    if constexpr (reads_memory<Leaves>)
      if (gains_by_reading_ahead()) return fold_leaves_in_registers<true>(nodes, first, last);
    return fold_leaves_in_registers<false>(nodes, first, last);
  }

  template <bool ahead>
  std::size_t fold_leaves_in_registers(A* nodes, std::size_t first, std::size_t last) {
#if defined(__x86_64__) && !defined(__AVX2__)
    if (has_avx2()) return fold_leaves_avx2<ahead>(nodes, first, last);
    return fold_leaves_by<16, ahead>(nodes, first, last);
#elif defined(__AVX2__)
    return fold_leaves_by<32, ahead>(nodes, first, last);
#else
    return fold_leaves_by<16, ahead>(nodes, first, last);
#endif
  }

#if defined(__x86_64__) && !defined(__AVX2__)
  /// The function is compiled for wider registers too, which round alike.
  template <bool ahead>
  [[gnu::target("avx2"), gnu::flatten]] std::size_t fold_leaves_avx2(A* nodes, std::size_t first, std::size_t last) {
    return fold_leaves_by<32, ahead>(nodes, first, last);
  }
#endif

  template <std::size_t bytes, bool ahead>
  std::size_t fold_leaves_by(A* __restrict nodes, std::size_t first, std::size_t last) {
    using V = vector_of<A, bytes>;
    using vector_op = std::conditional_t<std::same_as<builtin_t<Op, A>, add>, vector_add, vector_multiply>;
    std::size_t n = 0, i = first, at = first;
    try {
      if (const std::size_t blocks = (last - first) / V::block) {
        const auto compute = [&](std::size_t k, typename V::type* v) __attribute__((always_inline)) {
          constexpr std::size_t count = V::quad * V::width;
          alignas(bytes) A leaves[count];
          if constexpr (ahead) leaves_.template read_ahead<count>(first + k * count);
          for (std::size_t j = 0; j < count; ++j) leaves[j] = static_cast<A>(leaves_(at = first + k * count + j));
          V::load_quad(v, leaves);
        };
        V::fold_blocks(vector_op{}, blocks, compute, nodes);
        i += blocks * V::block;
        n = blocks * V::block / (V::group * V::group);
        if (last - first == tile) {
          nodes[0] = V::template fold_all<tile / (V::group * V::group)>(vector_op{}, nodes);
          return 1;
        }
      }
      for (; i < last; ++n) {
        A leaves[V::group * V::group];
        std::size_t k = 0;
        for (; k < V::group * V::group && i < last; ++k, ++i) leaves[k] = static_cast<A>(leaves_(at = i));
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
  maybe<A> halve(const A* x, A* to, A* other, bool* failed, bool clean, std::size_t first, std::size_t m) {
    for (int level = 1; m > 1; ++level) {
      const std::size_t half = m / 2;
      std::size_t i = 0;
      if (clean) {
        try {
          halve_level(x, to, half, i);
        } catch (...) {
          call_.fail(index_(first + (i << level)));
          if (call_.gives_up()) return std::nullopt;
          for (std::size_t k = 0; k < m; ++k) failed[k] = false;
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
      if constexpr (std::is_invocable_v<const Op&, A&&, A&&>) {
        A a = x[2 * i], b = x[2 * i + 1];
        std::construct_at(to + i, detail::combine<A>(op_, std::move(a), std::move(b)));
      } else {
        std::construct_at(to + i, detail::combine<A>(op_, x[2 * i], x[2 * i + 1]));
      }
    }
  }

  /// Elements of any type, two at a time on a log n stack.
  maybe<A> fold_stream(std::size_t first, std::size_t last) {
    tree_stack<node<A>, const combine_nodes<A, Op>&> nodes(combine_);
    for (std::size_t i = first; i < last; i += 2) {
      if constexpr (std::conjunction_v<leaves_stay, std::is_invocable<const Op&, const A&, const A&>>) {
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
      result.value.emplace(detail::combine<A>(op_, std::as_const(leaves_(i)), std::as_const(leaves_(i + 1))));
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
  const item_index index_;
};

}  // namespace foldgrid::detail
