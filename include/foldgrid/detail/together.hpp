// SPDX-License-Identifier: MIT
// Inputs that are walked together, some of them without an index: of those, as much is copied as the shortest input has.
#pragma once

#include <foldgrid/detail/item_source.hpp>
#include <foldgrid/detail/ranges.hpp>
#include <foldgrid/detail/throw.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail {

/// An input that has an index, in its place.
template <class X>
class walked {
 public:
  static constexpr bool ends = !endless_input<X>;
  explicit walked(X&& input) : input_(std::forward<X>(input)) {}
  void reserve(std::size_t) const noexcept {}
  /// `more`: inputs whose length is known go on.
  bool goes_on(bool more) const noexcept { return more || !ends; }
  void copy() const noexcept {}
  X&& take() const noexcept { return std::forward<X>(input_); }

 private:
  X&& input_;
};
/// One that has none: its elements are copied, or moved from an rvalue container.
template <class X>
  requires(!has_index<X>)
class walked<X> {
 public:
  static constexpr bool ends = !never_ends<X>;
  explicit walked(X&& input) : cursor_(std::forward<X>(input)) {}
  void reserve(std::size_t n) { elements_.reserve(n); }
  bool goes_on(bool) { return !cursor_.at_end(); }
  void copy() { elements_.push_back(cursor_.take().get()); }
  std::vector<element_value_t<X>>&& take() noexcept { return std::move(elements_); }

 private:
  cursor<X, X&&> cursor_;
  std::vector<element_value_t<X>> elements_;
};

/// use(inputs...) with inputs that have an index. With `strict` all that end must be equally long.
template <class Use, class... X>
auto with_indexed(const char* verb, bool strict, Use&& use, X&&... inputs) {
  if constexpr ((has_index<X> && ...)) {
    return use(std::forward<X>(inputs)...);
  } else if constexpr (sizeof...(X) == 1) {
    return use(detail::indexed(std::forward<X>(inputs))...);
  } else if constexpr (check_ends<X...>()) {
    const std::size_t shortest = detail::common_length(verb, strict, inputs...);
    std::tuple<walked<X>...> all{walked<X>(std::forward<X>(inputs))...};
    return std::apply(
        [&](auto&... each) {
          constexpr std::size_t ending = (std::size_t{walked<X>::ends} + ...);
          const auto go_on = [&](std::size_t n) {
            const bool more = n < shortest;
            if (!strict) return more && (each.goes_on(more) && ...);
            std::size_t going = 0;
            ((going += each.ends && each.goes_on(more) ? 1u : 0u), ...);
            if (going != 0 && going != ending) throw_unequal_ends(verb, n);
            return going != 0 && ((each.ends || each.goes_on(more)) && ...);
          };
          if (shortest != call::unknown) (each.reserve(shortest), ...);
          for (std::size_t n = 0; go_on(n); ++n) (each.copy(), ...);
          return use(each.take()...);
        },
        all);
  }
}

}  // namespace foldgrid::detail
