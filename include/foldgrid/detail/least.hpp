// SPDX-License-Identifier: MIT
// The few things of <algorithm> that headers need: it would be a tenth of what including foldgrid costs a compiler.
#pragma once

#include <type_traits>

namespace foldgrid::detail {

template <class T>
constexpr T least(T a, std::type_identity_t<T> b) noexcept {
  return b < a ? b : a;
}
template <class T>
constexpr T most(T a, std::type_identity_t<T> b) noexcept {
  return a < b ? b : a;
}
template <class T>
constexpr T clamped(T value, std::type_identity_t<T> low, std::type_identity_t<T> high) noexcept {
  return value < low ? low : high < value ? high : value;
}

}  // namespace foldgrid::detail
