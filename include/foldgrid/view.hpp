// SPDX-License-Identifier: MIT
// view: a pointer and a length, which a function of a FOLDGRID_ macro may hold and read through.
#pragma once

#include <cstddef>
#include <type_traits>

namespace foldgrid {

/// The elements of an array that lies elsewhere: on the host, or on the device where the function that holds the view runs.
/// Costs nothing to copy; the array must outlive it. Nothing is checked.
template <class T>
class view {
 public:
  constexpr view() = default;
  constexpr view(T* data, std::size_t size) noexcept : data_(data), size_(size) {}
  /// A view that may be written through converts to one that may not.
  constexpr operator view<const T>() const noexcept
    requires(!std::is_const_v<T>)
  {
    return {data_, size_};
  }

  constexpr T* data() const noexcept { return data_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr T& operator[](std::size_t i) const noexcept { return data_[i]; }
  constexpr T* begin() const noexcept { return data_; }
  constexpr T* end() const noexcept { return data_ + size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace foldgrid
