// SPDX-License-Identifier: MIT
// Deals out the slots of pinned memory.
#include "gpu/pinned_ring.hpp"

namespace foldgrid::detail::cuda {

bool pinned_ring::ready() {
  const std::lock_guard lock(mutex_);
  if (sought_) return ready_;
  void* memory = nullptr;
  const result code = driver::get().cuMemHostAlloc(&memory, slot_count * slot_bytes, host_memory_portable);
  if (is_fatal(code)) check(code, "cuMemHostAlloc");
  if (code == success) {
    for (std::size_t k = 0; k < slot_count; ++k) {
      slots_[k].data_ = static_cast<std::byte*>(memory) + k * slot_bytes;
      FOLDGRID_CUDA(cuEventCreate, &slots_[k].copied_, event_default);
    }
    ready_ = true;
  }
  sought_ = true;
  return ready_;
}

pinned_ring::slot* pinned_ring::find(std::unique_lock<std::mutex>& lock) {
  slot* found = nullptr;
  for (slot& each : slots_) {
    if (each.is_ == slot::state::idle) {
      each.is_ = slot::state::held;
      return &each;
    }
    if (each.is_ == slot::state::in_flight && (found == nullptr || each.since_ < found->since_)) found = &each;
  }
  if (found == nullptr) return nullptr;
  found->is_ = slot::state::held;
  lock.unlock();
  if (const result code = driver::get().cuEventSynchronize(found->copied_); code != success) {
    give_back(*found);
    check(code, "cuEventSynchronize");
  }
  return found;
}

pinned_ring::slot* pinned_ring::try_take() {
  std::unique_lock lock(mutex_);
  return find(lock);
}

pinned_ring::slot& pinned_ring::take() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (slot* const found = find(lock)) return *found;
    given_back_.wait(lock);
  }
}

void pinned_ring::give_back(slot& used) noexcept {
  {
    const std::lock_guard lock(mutex_);
    used.is_ = slot::state::idle;
  }
  given_back_.notify_one();
}

void pinned_ring::give_back_after(slot& used, stream on) {
  const result code = driver::get().cuEventRecord(used.copied_, on);
  if (code != success) {
    driver::get().cuStreamSynchronize(on);
    give_back(used);
    check(code, "cuEventRecord");
  }
  {
    const std::lock_guard lock(mutex_);
    used.is_ = slot::state::in_flight;
    used.since_ = ++flights_;
  }
  given_back_.notify_one();
}

}  // namespace foldgrid::detail::cuda
