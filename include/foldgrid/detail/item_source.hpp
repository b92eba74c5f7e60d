// SPDX-License-Identifier: MIT
// Where a stream's items come from: inputs of any kind walked together, one element at a time, and a function for them.
#pragma once

#include <foldgrid/detail/invoke.hpp>
#include <foldgrid/detail/ranges.hpp>
#include <foldgrid/detail/result_task.hpp>

#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <stop_token>
#include <tuple>
#include <type_traits>
#include <utility>

namespace foldgrid::detail {

/// The next elements of an input; X is what forwarding it gave. An lvalue is referred to, an rvalue is moved in, unless Held is X&&. Reads
/// no element before it is asked for, and none twice.
template <class X, class Held = X>
class cursor {
  using range = std::remove_reference_t<X>;

 public:
  /// What keeps an element until its item has been computed: a reference where the range has elements that stay, else the element.
  static constexpr bool refers = std::ranges::forward_range<range> && std::is_lvalue_reference_v<std::ranges::range_reference_t<range>>;
  static constexpr bool moves = refers && owns_elements<X>;
  struct kept_reference {
    std::remove_reference_t<std::ranges::range_reference_t<range>>* element;
    std::conditional_t<moves, std::ranges::range_rvalue_reference_t<range>, std::ranges::range_reference_t<range>> get() {
      if constexpr (moves) {
        return std::ranges::iter_move(element);
      } else {
        return *element;
      }
    }
  };
  struct kept_value {
    std::ranges::range_value_t<range> element;
    std::ranges::range_value_t<range>&& get() { return std::move(element); }
  };
  using kept = std::conditional_t<refers, kept_reference, kept_value>;

  static constexpr bool ends = !never_ends<X>;
  explicit cursor(X&& input) : input_(std::forward<X>(input)) {}

  bool at_end() {
    if (!at_) {
      at_.emplace(std::ranges::begin(input_));
    } else if (taken_) {
      ++*at_;
    }
    taken_ = false;
    return *at_ == std::ranges::end(input_);
  }
  /// After at_end() was false.
  kept take() {
    taken_ = true;
    if constexpr (refers) {
      return {std::addressof(**at_)};
    } else {
      return {std::ranges::range_value_t<range>(**at_)};
    }
  }

 private:
  Held input_;
  std::optional<std::ranges::iterator_t<range>> at_;
  bool taken_ = false;
};

template <class X, class Held>
  requires endless_lazy_input<X>
class cursor<X, Held> {
  using element = decltype(std::declval<const std::remove_reference_t<X>&>()[std::size_t{}]);
  static_assert(std::is_lvalue_reference_v<element>);

 public:
  /// The input outlives its items.
  struct kept {
    std::remove_reference_t<element>* value;
    element get() { return *value; }
  };
  static constexpr bool ends = false;
  explicit cursor(X&& input) : input_(std::forward<X>(input)) {}
  bool at_end() const noexcept { return false; }
  kept take() { return {std::addressof(std::as_const(input_)[0])}; }

 private:
  Held input_;
};

template <class X>
using kept_element_t = decltype(std::declval<typename cursor<X>::kept&>().get());

/// One item of a stream: called once.
template <class F, class... X>
class stream_item {
 public:
  template <class... Kept>
  stream_item(call& of, const F& f, std::size_t index, Kept&&... kept)
      : call_(of), f_(f), index_(index), kept_{std::forward<Kept>(kept)...} {}

  auto operator()() {
    const auto compute = [&](const std::stop_token& token) {
      return std::apply([&](auto&... each) { return invoke_with<false>(f_, token, each.get()...); }, kept_);
    };
    if (!call_.watches_items()) return compute(call_.token());
    item_watch watch(call_, index_);
    return watch.run(compute);
  }

 private:
  call& call_;
  const F& f_;
  std::size_t index_;
  std::tuple<typename cursor<X>::kept...> kept_;
};

/// Starts the items of a stream.
template <class R>
class item_source {
 public:
  virtual ~item_source() = default;
  /// Reads the next elements and starts their item; null at the end. Throws what the inputs throw, and what starting throws.
  virtual task_ref<result_task<R>> start_next(engine* where, call& of, std::size_t index) = 0;
};

template <class R, class F, class... X>
class item_source_of final : public item_source<R> {
 public:
  template <class G>
  item_source_of(G&& f, bool strict, X&&... inputs) : f_(std::forward<G>(f)), strict_(strict), cursors_(std::forward<X>(inputs)...) {}

  task_ref<result_task<R>> start_next(engine* where, call& of, std::size_t index) override {
    return std::apply(
        [&](auto&... each) -> task_ref<result_task<R>> {
          unsigned ended = 0;  // nothing is read behind the end of the shortest, unless they must be equally long
          static_cast<void>(((ended += each.at_end() ? 1u : 0u, ended != 0 && !strict_) || ...));
          if (strict_ && ended != 0 && ended != (unsigned{cursor<X>::ends} + ...)) throw_unequal_ends(of.verb(), index);
          if (ended != 0) return {};
          using Item = stream_item<F, X...>;
          return start<R, Item>(where, index, of, f_, index, each.take()...);
        },
        cursors_);
  }

 private:
  const F f_;
  const bool strict_;
  std::tuple<cursor<X>...> cursors_;
};

}  // namespace foldgrid::detail
