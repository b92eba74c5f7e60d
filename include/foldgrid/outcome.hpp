// SPDX-License-Identifier: MIT
// What came of one item: its value or its error.
#pragma once

#include <foldgrid/detail/throw.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace foldgrid {

namespace detail {
/// In the place of a result of type void there is a std::monostate.
template <class R>
using stored_t = std::conditional_t<std::is_void_v<R>, std::monostate, R>;
}  // namespace detail

/// The value of an item, or what its function threw. R may be void.
template <class R>
class [[nodiscard]] outcome {
  using stored = detail::stored_t<R>;

 public:
  using value_type = R;

  explicit outcome(std::size_t index = 0) noexcept : index_(index) {}

  /// True when the function returned.
  bool has_value() const noexcept { return value_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }

  /// The value; throws what the function threw, std::invalid_argument when there is neither. Nothing for void.
  decltype(auto) value() & { return checked(*this); }
  decltype(auto) value() const& { return checked(*this); }
  R value() && {
    check();
    if constexpr (!std::is_void_v<R>) return *std::move(value_);
  }

  /// What the function threw; null when it returned.
  const std::exception_ptr& error() const noexcept { return error_; }
  /// The number of the item in its input, from 0.
  std::size_t index() const noexcept { return index_; }

  /// Writes the value, or what making it throws.
  template <class Make>
  void set(Make&& make) noexcept {
    try {
      if constexpr (std::is_void_v<R>) {
        std::forward<Make>(make)();
        value_.emplace();
      } else {
        value_.emplace(std::forward<Make>(make)());
      }
    } catch (...) {
      error_ = std::current_exception();
    }
  }
  /// Lets go of the value or error.
  void reset() noexcept {
    value_.reset();
    error_ = nullptr;
  }
  void set_error(std::exception_ptr why) noexcept {
    value_.reset();
    error_ = std::move(why);
  }

 private:
  template <class Self>
  static auto checked(Self& self)
      -> std::conditional_t<std::is_void_v<R>, void, std::conditional_t<std::is_const_v<Self>, const stored&, stored&>> {
    self.check();
    if constexpr (!std::is_void_v<R>) return *self.value_;
  }
  void check() const {
    if (error_) std::rethrow_exception(error_);
    if (!value_) detail::throw_no_outcome();
  }

  std::optional<stored> value_;
  std::exception_ptr error_;
  std::size_t index_;
};

}  // namespace foldgrid
