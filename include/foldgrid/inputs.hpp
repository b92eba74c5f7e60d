// SPDX-License-Identifier: MIT
// Lazy inputs: sequences computed from their index, which take no memory and can feed every verb on every backend.
#pragma once

#include <foldgrid/detail/throw.hpp>
#include <foldgrid/options.hpp>

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <span>  // also brings the range concepts, at a fraction of <ranges>' cost
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid {

namespace detail {

/// Random-access iterator over anything with `operator[](std::size_t) const`; refers to it, so it must outlive it.
template <class Sequence>
class index_iterator {
 public:
  using iterator_concept = std::random_access_iterator_tag;
  using iterator_category = std::input_iterator_tag;  // dereferencing gives a value
  using value_type = std::remove_cvref_t<decltype(std::declval<const Sequence&>()[std::size_t{}])>;
  using difference_type = std::ptrdiff_t;
  using pointer = void;
  using reference = decltype(std::declval<const Sequence&>()[std::size_t{}]);

  index_iterator() = default;
  index_iterator(const Sequence& sequence, std::size_t index) : sequence_(&sequence), index_(index) {}

  reference operator*() const { return (*sequence_)[index_]; }
  reference operator[](difference_type n) const { return *(*this + n); }
  index_iterator& operator++() { return *this += 1; }
  index_iterator& operator--() { return *this -= 1; }
  index_iterator operator++(int) { return std::exchange(*this, *this + 1); }
  index_iterator operator--(int) { return std::exchange(*this, *this - 1); }
  index_iterator& operator+=(difference_type n) {
    index_ += static_cast<std::size_t>(n);
    return *this;
  }
  index_iterator& operator-=(difference_type n) { return *this += -n; }
  friend index_iterator operator+(index_iterator i, difference_type n) { return i += n; }
  friend index_iterator operator+(difference_type n, index_iterator i) { return i += n; }
  friend index_iterator operator-(index_iterator i, difference_type n) { return i -= n; }
  friend difference_type operator-(const index_iterator& a, const index_iterator& b) {
    return static_cast<difference_type>(a.index_ - b.index_);
  }
  friend bool operator==(const index_iterator& a, const index_iterator& b) { return a.index_ == b.index_; }
  friend auto operator<=>(const index_iterator& a, const index_iterator& b) { return a.index_ <=> b.index_; }

 private:
  const Sequence* sequence_ = nullptr;
  std::size_t index_ = 0;
};

/// What every lazy input shares: begin, end, empty, from its own operator[] and size().
template <class Sequence>
class lazy_input {
 public:
  using foldgrid_lazy = void;  // marks inputs whose operator[] computes the element
  auto begin() const { return index_iterator<Sequence>(self(), 0); }
  auto end() const { return index_iterator<Sequence>(self(), self().size()); }
  bool empty() const { return self().size() == 0; }

 private:
  const Sequence& self() const { return static_cast<const Sequence&>(*this); }
};

template <class... T>
using floating_t = std::conditional_t<std::is_floating_point_v<std::common_type_t<T...>>, std::common_type_t<T...>, double>;

/// The count as a size; std::invalid_argument when it is negative.
inline std::size_t checked_size(count n, const char* what) {
  if (n.negative()) throw_negative_size(what, n.text());
  return n.value();
}

}  // namespace detail

/// n equally spaced values from a to b: element i is a + i*(b-a)/(n-1), the last is exactly b, n = 1 gives a.
template <class T>
class linspace_input : public detail::lazy_input<linspace_input<T>> {
 public:
  linspace_input(T a, T b, std::size_t n) : a_(a), b_(b), n_(n) {}
  std::size_t size() const noexcept { return n_; }
  T operator[](std::size_t i) const noexcept {
    return i + 1 == n_ && i != 0 ? b_ : i == 0 ? a_ : a_ + static_cast<T>(i) * (b_ - a_) / static_cast<T>(n_ - 1);
  }

 private:
  T a_, b_;
  std::size_t n_;
};

/// See linspace_input. The element type is the arguments' common floating-point type, double for integers.
/// A negative n is std::invalid_argument.
template <class A, class B>
auto linspace(A a, B b, count n) {
  using T = detail::floating_t<A, B>;
  return linspace_input<T>(static_cast<T>(a), static_cast<T>(b), detail::checked_size(n, "linspace"));
}

/// n values from 10^a to 10^b, equally spaced in the exponent (the exponents are linspace(a, b, n)); computed at once,
/// on the host, so that every backend sees the same values.
template <class A, class B>
auto logspace(A a, B b, count n) {
  const auto exponents = linspace(a, b, n);
  using T = detail::floating_t<A, B>;
  std::vector<T> values(exponents.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::pow(T{10}, exponents[i]);
  return values;
}

/// Consecutive integers first, first+1, ..., last-1.
template <std::integral T>
class iota_input : public detail::lazy_input<iota_input<T>> {
 public:
  iota_input(T first, std::size_t n) : first_(first), n_(n) {}
  std::size_t size() const noexcept { return n_; }
  T operator[](std::size_t i) const noexcept {
    using U = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<U>(static_cast<U>(first_) + static_cast<U>(i)));
  }

 private:
  T first_;
  std::size_t n_;
};

namespace detail {
template <class T>
concept countable = std::integral<T> && !std::same_as<std::remove_cv_t<T>, bool>;
/// True when a T holds the number; of characters too, which std::in_range refuses.
template <class T, class Number>
constexpr bool holds(Number number) noexcept {
  return static_cast<Number>(static_cast<T>(number)) == number && (static_cast<T>(number) < T{}) == (number < Number{});
}
}  // namespace detail

/// The integers (or characters) from first up to, not including, last, of their common type; empty when last <= first.
/// std::invalid_argument when the common type cannot hold a negative first.
template <detail::countable First, detail::countable Last>
auto iota(First first, Last last) {
  using T = std::common_type_t<First, Last>;
  if (!detail::holds<T>(first) || !detail::holds<T>(last)) detail::throw_iota_range(std::to_string(first), std::to_string(last));
  using U = std::make_unsigned_t<T>;
  const auto from = static_cast<T>(first), to = static_cast<T>(last);
  return iota_input<T>(from, to <= from ? 0 : static_cast<U>(static_cast<U>(to) - static_cast<U>(from)));
}

/// The integers from 0 up to, not including, n; of n's type.
template <detail::countable T>
auto iota(T n) {
  return iota(T{}, n);
}

/// One value, endlessly; goes beside inputs that end.
template <class T>
class repeat_input {
 public:
  static constexpr bool endless = true;
  using foldgrid_lazy = void;
  explicit repeat_input(T value) : value_(std::move(value)) {}
  const T& operator[](std::size_t) const noexcept { return value_; }
  auto begin() const { return detail::index_iterator<repeat_input>(*this, 0); }
  std::unreachable_sentinel_t end() const { return {}; }

 private:
  T value_;
};

/// See repeat_input.
template <class T>
auto repeat(T value) {
  return repeat_input<T>(std::move(value));
}

/// Cartesian product of its axes, last axis fastest: element i is the tuple of axis values decoded from i. Takes no
/// memory beyond its axes, which it owns. Decoding costs one division for each axis but the first.
template <class... Axes>
class grid_input : public detail::lazy_input<grid_input<Axes...>> {
 public:
  using value_type = std::tuple<std::ranges::range_value_t<const Axes>...>;
  static_assert(sizeof...(Axes) > 0, "foldgrid: grid needs at least one axis");

  explicit grid_input(Axes... axes) : axes_(std::move(axes)...) {
    std::apply(
        [this](const auto&... axis) {
          std::size_t k = 0;
          ((sizes_[k++] = static_cast<std::size_t>(std::ranges::size(axis))), ...);
        },
        axes_);
    for (std::size_t extent : sizes_)
      if (extent == 0) return;
    size_ = 1;
    for (std::size_t extent : sizes_) {
      if (size_ > std::numeric_limits<std::ptrdiff_t>::max() / extent) detail::throw_grid_too_large();
      size_ *= extent;
    }
  }

  std::size_t size() const noexcept { return size_; }
  /// Lengths of the axes.
  const auto& shape() const noexcept { return sizes_; }
  const std::tuple<Axes...>& axes() const noexcept { return axes_; }
  value_type operator[](std::size_t i) const noexcept((reads_without_throwing<Axes> && ...)) {
    std::size_t at[sizeof...(Axes)];
    for (std::size_t k = sizeof...(Axes); k-- > 1;) {
      // 64-bit division is several times as slow as 32-bit division
      if ((i >> 32) == 0 && (sizes_[k] >> 32) == 0) {
        at[k] = static_cast<std::uint32_t>(i) % static_cast<std::uint32_t>(sizes_[k]);
        i = static_cast<std::uint32_t>(i) / static_cast<std::uint32_t>(sizes_[k]);
      } else {
        at[k] = i % sizes_[k];
        i /= sizes_[k];
      }
    }
    at[0] = i;
    return tuple_at(at, std::index_sequence_for<Axes...>{});
  }

 private:
  template <std::size_t... K>
  value_type tuple_at(const std::size_t* at, std::index_sequence<K...>) const {
    return value_type(element(std::get<K>(axes_), at[K])...);
  }
  template <class Axis>
  static decltype(auto) element(const Axis& axis, std::size_t i) {
    if constexpr (requires { axis[i]; }) {
      return axis[i];
    } else {
      return *(std::ranges::begin(axis) + static_cast<std::ranges::range_difference_t<const Axis>>(i));
    }
  }
  template <class Axis>
  static constexpr bool reads_without_throwing =
      noexcept(element(std::declval<const Axis&>(), std::size_t{})) &&
      std::is_nothrow_constructible_v<std::ranges::range_value_t<const Axis>,
                                      decltype(element(std::declval<const Axis&>(), std::size_t{}))>;

  std::tuple<Axes...> axes_;
  std::size_t sizes_[sizeof...(Axes)] = {};
  std::size_t size_ = 0;
};

namespace detail {
/// An axis as a grid keeps it: a range that can be read when const. An array becomes a std::array.
template <class Axis>
auto kept_axis(Axis&& axis) {
  using Range = std::remove_cvref_t<Axis>;
  if constexpr (std::is_array_v<Range>) {
    return std::to_array(std::forward<Axis>(axis));
  } else if constexpr (std::ranges::random_access_range<const Range> && std::ranges::sized_range<const Range>) {
    return Range(std::forward<Axis>(axis));
  } else {
    std::vector<std::ranges::range_value_t<Range>> values;
    for (auto&& each : axis) values.push_back(std::forward<decltype(each)>(each));
    return values;
  }
}
}  // namespace detail

/// The Cartesian product of axes (linspace, vectors, any sized random-access range), last axis fastest.
/// Lvalue axes are copied. More than 2^63 - 1 points is std::invalid_argument.
template <std::ranges::random_access_range... Axes>
  requires(std::ranges::sized_range<Axes> && ...)
auto grid(Axes&&... axes) {
  return grid_input<decltype(detail::kept_axis(std::forward<Axes>(axes)))...>(detail::kept_axis(std::forward<Axes>(axes))...);
}

/// The coordinates of every point of the grid over the axes, one vector per axis, in grid's order ('ij' indexing).
template <std::ranges::random_access_range... Axes>
  requires(std::ranges::sized_range<Axes> && ...)
auto meshgrid(Axes&&... axes) {
  const auto points = grid(std::forward<Axes>(axes)...);
  std::tuple<std::vector<std::ranges::range_value_t<Axes>>...> coordinates;
  std::apply([&](auto&... each) { (each.reserve(points.size()), ...); }, coordinates);
  for (std::size_t i = 0; i < points.size(); ++i)
    [&]<std::size_t... K>(const auto& point, std::index_sequence<K...>) { (std::get<K>(coordinates).push_back(std::get<K>(point)), ...); }(
        points[i], std::index_sequence_for<Axes...>{});
  return coordinates;
}

}  // namespace foldgrid

template <class T>
inline constexpr bool std::ranges::enable_view<foldgrid::linspace_input<T>> = true;
template <class T>
inline constexpr bool std::ranges::enable_view<foldgrid::iota_input<T>> = true;
template <class T>
inline constexpr bool std::ranges::enable_view<foldgrid::repeat_input<T>> = true;
