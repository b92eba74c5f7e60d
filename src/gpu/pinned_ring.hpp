// SPDX-License-Identifier: MIT
// Pinned memory of the host through which large arrays are copied: a few slots for all calls on a device.
#pragma once

#include "gpu/device.hpp"

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace foldgrid::detail::cuda {

/// Pinning is slow and takes memory from everybody, so the ring is small, made once, and kept for the life of the process. The device's
/// context must be current in every call.
class pinned_ring {
 public:
  static constexpr std::size_t slot_bytes = std::size_t{16} << 20, slot_count = 4;

  class slot {
   public:
    std::byte* data() const noexcept { return data_; }

   private:
    friend class pinned_ring;
    enum class state { idle, held, in_flight };
    std::byte* data_ = nullptr;
    event copied_ = nullptr;  ///< passes when the device has read it
    state is_ = state::idle;
    std::size_t since_ = 0;
  };

  /// Allocates the slots when first called. False when the host has no memory to pin: copies then go without.
  bool ready();

  /// A slot for the caller alone; may wait for the device to have read it. Null when other calls hold them all. A call must not wait for a
  /// slot while it holds one that only its own work will free: see pipeline.
  slot* try_take();
  /// The same, but waits for the others.
  slot& take();
  /// Done with it.
  void give_back(slot& used) noexcept;
  /// Done with it when the stream has come so far: the device reads it until then.
  void give_back_after(slot& used, stream on);

 private:
  slot* find(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable given_back_;
  slot slots_[slot_count];
  std::size_t flights_ = 0;
  bool sought_ = false, ready_ = false;
};

}  // namespace foldgrid::detail::cuda
