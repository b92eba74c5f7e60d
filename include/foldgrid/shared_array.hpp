// SPDX-License-Identifier: MIT
// shared_array: a range that functions may read beside their inputs, wherever they run.
#pragma once

#include <foldgrid/device_array.hpp>
#include <foldgrid/view.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>

namespace foldgrid {

/// What executor::share gives: a range of the host, and, where the executor has a GPU, a read-only copy there. Move-only; must outlive the
/// calls that read it, as the range must. May outlive its executor.
template <class T>
class shared_array {
  static_assert(std::is_trivially_copyable_v<T>, "foldgrid: share takes ranges of trivially copyable elements");

 public:
  using value_type = T;

  std::size_t size() const noexcept { return here_.size(); }
  bool empty() const noexcept { return here_.empty(); }
  /// What a function's state may hold.
  foldgrid::view<const T> view() const noexcept {
    return {here_.data(), there_ ? static_cast<const T*>(there_->data()) : nullptr, here_.size()};
  }
  operator foldgrid::view<const T>() const noexcept { return view(); }

  /// For the library: the range, and its copy on a GPU or null.
  shared_array(std::span<const T> here, std::unique_ptr<detail::device_block> there) : here_(here), there_(std::move(there)) {}

 private:
  std::span<const T> here_;
  std::unique_ptr<detail::device_block> there_;
};

namespace detail {

/// Memory for a copy on the GPU where the engine works; null where it works in the host's memory.
FOLDGRID_API std::unique_ptr<device_block> block_on_gpu(engine* where, std::size_t bytes);

template <class T>
shared_array<T> share(engine* where, std::span<const T> range) {
  std::unique_ptr<device_block> there = block_on_gpu(where, range.size_bytes());
  if (there) there->copy_in(range.data(), range.size_bytes());
  return {range, std::move(there)};
}

}  // namespace detail
}  // namespace foldgrid
