// SPDX-License-Identifier: MIT
// view: an array that lies elsewhere, which a function of a FOLDGRID_ macro may hold and read through.
#pragma once

#include <cstddef>
#include <type_traits>

namespace foldgrid {

/// The elements of an array that lies elsewhere. It carries the array's address on the host and the one on a GPU, each null where the
/// array does not lie, and uses the one of the side it runs on. Costs nothing to copy; the array must outlive it. Nothing is checked when
/// an element is read; verbs check that the array lies where the function runs.
///
/// A view of a std::vector is `fg::view<const double>(v.data(), v.size())`: for the CPU alone. pool.share(v) gives one for every
/// backend, device_array::view() one that may also be written through.
template <class T>
class view {
 public:
  constexpr view() = default;
  /// Of an array in the host's memory.
  constexpr view(T* data, std::size_t size) noexcept : data_(data), size_(size) {}
  /// Of an array in the host's memory, on a GPU, or on both.
  constexpr view(T* data, T* gpu_data, std::size_t size) noexcept : data_(data), gpu_data_(gpu_data), size_(size) {}
  /// A view that may be written through converts to one that may not.
  constexpr operator view<const T>() const noexcept
    requires(!std::is_const_v<T>)
  {
    return {data_, gpu_data_, size_};
  }

  constexpr T* data() const noexcept { return data_; }
  /// The address on the GPU, for kernels; not to be read through on the host.
  constexpr T* gpu_data() const noexcept { return gpu_data_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  /// `count` elements from `first` on.
  constexpr view subview(std::size_t first, std::size_t count) const noexcept {
    return {data_ == nullptr ? nullptr : data_ + first, gpu_data_ == nullptr ? nullptr : gpu_data_ + first, count};
  }
  constexpr T& operator[](std::size_t i) const noexcept { return data_[i]; }
  constexpr T* begin() const noexcept { return data_; }
  constexpr T* end() const noexcept { return data_ + size_; }

 private:
  T* data_ = nullptr;
  T* gpu_data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace foldgrid
