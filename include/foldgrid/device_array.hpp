// SPDX-License-Identifier: MIT
// device_array: an array where an executor works, so that chains of calls leave their results there.
#pragma once

#include <foldgrid/detail/slots.hpp>
#include <foldgrid/detail/throw.hpp>
#include <foldgrid/error.hpp>
#include <foldgrid/view.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid {

class executor;

namespace detail {

class engine;

/// Memory where an executor works: its GPU's, or the host's. May outlive the executor.
class FOLDGRID_API device_block {
 public:
  /// Throws what allocation throws; the contents are not initialised.
  device_block(engine* where, std::size_t bytes);
  ~device_block();
  device_block(const device_block&) = delete;
  device_block& operator=(const device_block&) = delete;

  /// Which GPU the memory is on; null for the host's.
  void* gpu() const noexcept { return gpu_; }
  void* data() const noexcept { return data_; }
  /// Copies from and to the host's memory. Block.
  void copy_in(const void* from, std::size_t bytes);
  void copy_out(void* to, std::size_t bytes) const;

 private:
  void* gpu_;
  void* data_ = nullptr;
};

/// Throws std::invalid_argument unless the block lies where the executor works.
FOLDGRID_API void check_place(const char* verb, engine* where, const device_block& block);
/// Throws std::invalid_argument unless the executor has a GPU, where a range of the caller's lies.
FOLDGRID_API void check_works_on_gpu(const char* verb, engine* where);
/// Copies from the memory of the executor's GPU what is there once a stream of the caller's has done what it holds. Blocks.
FOLDGRID_API void copy_from_gpu(engine* where, const void* from, void* to, std::size_t bytes, void* stream);
[[noreturn]] FOLDGRID_API void throw_host_range_beside(const char* verb);
[[noreturn]] FOLDGRID_API void throw_copy_too_short(std::size_t needed, std::size_t found);

}  // namespace detail

/// n elements where the executor that made it works: on its GPU, or, on other backends, in the host's memory. What
/// executor::to_device gives, and map over one. Move-only; a moved-from one is empty. May outlive its executor.
template <class T>
class device_array {
  static_assert(std::is_trivially_copyable_v<T>, "foldgrid: a device_array holds trivially copyable elements");

 public:
  using value_type = T;

  device_array() = default;
  device_array(device_array&& other) noexcept : block_(std::move(other.block_)), size_(std::exchange(other.size_, 0)) {}
  device_array& operator=(device_array&& other) noexcept {
    block_ = std::move(other.block_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  /// A copy on the host. Blocks.
  std::vector<T> to_vector() const {
    if constexpr (std::is_same_v<T, bool>) {  // std::vector<bool> packs bits
      const auto copy = std::make_unique<bool[]>(size_);
      copy_to({copy.get(), size_});
      return std::vector<T>(copy.get(), copy.get() + size_);
    } else if constexpr (std::is_default_constructible_v<T>) {
      std::vector<T> copy(size_);
      copy_to(copy);
      return copy;
    } else {
      const detail::room<T> copy(size_);
      copy_to({copy.data(), size_});
      return std::vector<T>(copy.data(), copy.data() + size_);
    }
  }
  /// Copies into the caller's memory; std::invalid_argument when that is too short. Blocks.
  void copy_to(std::span<T> out) const {
    if (out.size() < size_) detail::throw_copy_too_short(size_, out.size());
    if (size_ != 0) block_->copy_out(out.data(), size_ * sizeof(T));
  }

  /// What a function's state may hold, for reading and, from an array that is not const, writing. Calls with such a function run where
  /// the array is.
  foldgrid::view<T> view() noexcept { return {host_data(), gpu_data(), size_}; }
  foldgrid::view<const T> view() const noexcept { return {host_data(), gpu_data(), size_}; }

  /// For the library: memory for n elements, not initialised.
  device_array(detail::engine* where, std::size_t n)
      : block_(n == 0 ? nullptr : std::make_unique<detail::device_block>(where, n * sizeof(T))), size_(n) {}
  /// For the library.
  detail::device_block* block() const noexcept { return block_.get(); }
  /// For the library: the address on the GPU, null where it does not lie there.
  T* gpu_data() const noexcept { return block_ && block_->gpu() != nullptr ? static_cast<T*>(block_->data()) : nullptr; }

 private:
  T* host_data() const noexcept { return block_ && block_->gpu() == nullptr ? static_cast<T*>(block_->data()) : nullptr; }

  std::unique_ptr<detail::device_block> block_;
  std::size_t size_ = 0;
};

}  // namespace foldgrid
