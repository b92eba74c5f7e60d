// SPDX-License-Identifier: MIT
// Which ranges are arrays: those that are contiguous to the standard, and the vectors of Eigen 3, whose iterators are older than that word.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>  // also brings the range concepts, at a fraction of <ranges>' cost
#include <type_traits>

namespace foldgrid::detail {

/// A vector, block, map or reference of Eigen with an inner stride of 1: its data() points to elements that lie side by side.
template <class X>
concept eigen_array = std::ranges::random_access_range<X> && requires(std::remove_reference_t<X>& x) {
  requires std::remove_cvref_t<X>::InnerStrideAtCompileTime == 1;
  { x.data() } -> std::same_as<std::add_pointer_t<std::ranges::range_reference_t<X>>>;
};

template <class X>
concept contiguous_input = std::ranges::contiguous_range<X> || eigen_array<X>;

template <class X>
std::size_t length_of(const X& range) {
  return static_cast<std::size_t>(std::ranges::size(range));  // Eigen's is signed
}

}  // namespace foldgrid::detail
