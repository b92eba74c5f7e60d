// SPDX-License-Identifier: MIT
// Inputs on their way: a lazy input travels once and whole, the elements of any other in the piece that needs them.
#pragma once

#include <foldgrid/detail/mpi_wire.hpp>
#include <foldgrid/detail/ranges.hpp>

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail::remote {

/// Elements [first, first + size) of a lazy input that stays where it is.
template <class Lazy>
class slice_input : public lazy_input<slice_input<Lazy>> {
 public:
  slice_input(const Lazy& of, std::size_t first, std::size_t size) : of_(&of), first_(first), size_(size) {}
  std::size_t size() const noexcept { return size_; }
  decltype(auto) operator[](std::size_t i) const { return (*of_)[first_ + i]; }

 private:
  const Lazy* of_;
  std::size_t first_, size_;
};

/// Input X, as forwarding gave it, on both sides.
template <class X>
class part {
  using range = std::remove_cvref_t<X>;
  using element = std::ranges::range_value_t<range>;

 public:
  static constexpr bool possible = travels<element>;

  static void write_state(byte_writer&, const range&) {}
  static void write(byte_writer& out, std::remove_reference_t<X>& x, std::size_t first, std::size_t count) {
    const auto elements = elements_of<X>(x);
    if constexpr (is_array_of<X, element> && is_flat<element>) {
      out.write(elements.data + first, count * sizeof(element));
    } else {
      for (std::size_t i = first; i < first + count; ++i) wire<element>::write(out, elements[i]);
    }
  }

  explicit part(byte_reader&) {}
  static std::vector<element> open(byte_reader& in, std::size_t, std::size_t count) {
    std::vector<element> elements;
    if constexpr (is_array_of<X, element> && is_flat<element> && std::is_default_constructible_v<element>) {
      const std::byte* const from = in.take(count, sizeof(element));
      elements.resize(count);
      if (count != 0) std::memcpy(static_cast<void*>(elements.data()), from, count * sizeof(element));
    } else {
      elements.reserve(least(count, in.left()));
      for (std::size_t i = 0; i < count; ++i) {
        if constexpr (is_array_of<X, element> && is_flat<element>) {
          elements.push_back(in.get<element>());
        } else {
          elements.push_back(wire<element>::read(in));
        }
      }
    }
    return elements;
  }
  /// As the function sees it on one machine: variables, constants, or elements to be moved from.
  static decltype(auto) as_given(std::vector<element>& opened) {
    if constexpr (!std::is_lvalue_reference_v<X>) {
      return std::move(opened);
    } else if constexpr (std::is_const_v<std::remove_reference_t<element_t<X>>>) {
      return std::as_const(opened);
    } else {
      return (opened);
    }
  }
};

template <class X>
  requires(requires { typename std::remove_cvref_t<X>::foldgrid_lazy; } && travels<std::remove_cvref_t<X>>)
class part<X> {
  using range = std::remove_cvref_t<X>;

 public:
  static constexpr bool possible = true;

  static void write_state(byte_writer& out, const range& x) { wire<range>::write(out, x); }
  static void write(byte_writer&, const range&, std::size_t, std::size_t) {}

  explicit part(byte_reader& state) : input_(wire<range>::read(state)) {}
  decltype(auto) open(byte_reader&, std::size_t first, std::size_t count) const {
    if constexpr (endless_input<range>) {
      return (input_);
    } else {
      return slice_input<range>(input_, first, count);
    }
  }
  template <class Opened>
  static const Opened& as_given(const Opened& opened) {
    return opened;
  }

 private:
  range input_;
};

template <class... X>
constexpr bool check_parts() {
  constexpr bool possible = (part<X>::possible && ...);
  static_assert(
      possible,
      "foldgrid: the elements of an input cannot travel to another rank. They must be flat, standard containers of such, or default "
      "constructible with a serialize function for cereal; pointers, std::string_view and std::span refer to what is not there");
  return possible;
}

/// The inputs of one piece on the rank that works: `use` gets them as a function would on one machine.
template <class... X>
class parts {
 public:
  explicit parts(byte_reader& state) : all_{part<X>(state)...} {}
  template <class Use>
  decltype(auto) open(byte_reader& in, std::size_t first, std::size_t count, Use&& use) {
    return open_at<0>(in, first, count, use);
  }

 private:
  template <std::size_t at, class Use, class... Opened>
  decltype(auto) open_at(byte_reader& in, std::size_t first, std::size_t count, Use&& use, Opened&&... opened) {
    if constexpr (at == sizeof...(X)) {
      return use(std::forward<Opened>(opened)...);
    } else {
      using this_part = std::tuple_element_t<at, std::tuple<part<X>...>>;
      decltype(auto) next = std::get<at>(all_).open(in, first, count);
      return open_at<at + 1>(in, first, count, use, std::forward<Opened>(opened)..., this_part::as_given(next));
    }
  }
  std::tuple<part<X>...> all_;
};

}  // namespace foldgrid::detail::remote
