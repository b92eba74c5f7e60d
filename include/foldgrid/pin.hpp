// SPDX-License-Identifier: MIT
// pin: memory of the host that a GPU copies from and to where it lies.
#pragma once

#include <foldgrid/detail/build.hpp>
#include <foldgrid/detail/contiguous.hpp>

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

namespace foldgrid {

/// Keeps memory pinned for as long as it lives; what pin gives. Move-only.
class [[nodiscard]] pinned {
 public:
  pinned() = default;
  pinned(pinned&& other) noexcept : data_(std::exchange(other.data_, nullptr)), reason_(std::move(other.reason_)) {}
  pinned& operator=(pinned&& other) noexcept {
    pinned before(std::move(*this));
    data_ = std::exchange(other.data_, nullptr);
    reason_ = std::move(other.reason_);
    return *this;
  }
  ~pinned() {
    if (data_ != nullptr) unpin(data_);
  }

  /// False when the memory could not be pinned: then calls copy it as any other.
  bool active() const noexcept { return data_ != nullptr; }
  /// Why not: there is no GPU, or the system refuses. Empty when active.
  const std::string& reason() const noexcept { return reason_; }

  /// For the library: pins bytes from `data` on.
  FOLDGRID_API pinned(const void* data, std::size_t bytes);

 private:
  FOLDGRID_API static void unpin(const void* data) noexcept;

  const void* data_ = nullptr;
  std::string reason_;
};

/// Pins the memory of a contiguous range, so that every GPU of the process copies from and to it directly, instead of through pinned memory
/// of the library: one copy in the host's memory less for each call. Pinning itself costs as much as reading the range a few times (about a
/// second for 1 to 2 GB) and takes the memory from the system, so it is for ranges that take part in ten calls or more. The range must
/// outlive what is given, and not be reallocated meanwhile. Never throws for want of a GPU, and changes no bits. Blocks.
///
/// ```
/// std::vector<double> xs = ...;
/// const auto hold = foldgrid::pin(xs);
/// ```
template <detail::contiguous_input X>
pinned pin(X& range) {
  return {std::ranges::data(range), detail::length_of(range) * sizeof(std::ranges::range_value_t<X>)};
}
template <detail::contiguous_input X>
  requires(!std::ranges::borrowed_range<X>)
pinned pin(const X&& range) {
  static_assert(sizeof(X) == 0, "foldgrid: pin refers to the range, which must outlive it: give a variable, not a temporary");
  return pin(range);
}

}  // namespace foldgrid
