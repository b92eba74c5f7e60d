// SPDX-License-Identifier: MIT
// What the emulator knows of the launch under way; shared by its host's side and by the calls from kernel text.
#pragma once

#include <software_gpu/device.hpp>
#include <software_gpu/emulator.hpp>
#include <software_gpu/fiber.hpp>
#include <software_gpu/sanitizers.hpp>
#include <software_gpu/scheduler.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>

namespace software_gpu::detail {

inline constexpr unsigned most_resident = 4, most_in_block = 1024, most_shared = 32;

struct resident_block;

/// A CUDA thread. The fiber, with its stack and its identity for the race detector, serves one thread after another.
struct cuda_thread {
  fiber flow;
  resident_block* block = nullptr;
  uint3 index{};
  unsigned number = 0;  ///< in its block
  bool waiting = false, ended = false;
  // Of the collective it waits in; for a shuffle the value is the one brought, and then the one received.
  collective call = collective::barrier;
  unsigned mask = 0, source = 0;
  std::uint64_t value = 0;
  place where{};
};

struct warp {
  unsigned existing = 0, ended = 0, waiting = 0;  ///< lanes; waiting in a collective of the warp
  unsigned meetings = 0;                          ///< bit l: parity of the __syncwarp whose lowest lane was l
};

struct shared_block {
  const void* key;
  void* memory;
};

/// A block that has started and not ended.
struct resident_block {
  bool used = false;
  unsigned number = 0, slot = 0, set = 0;
  uint3 index{};
  cuda_thread* threads = nullptr;
  unsigned live = 0, at_barrier = 0;
  unsigned barriers = 0;               ///< parity of the __syncthreads so far
  cuda_thread* first_there = nullptr;  ///< of those at the barrier
  cuda_thread* first_ended = nullptr;
  warp warps[most_in_block / 32] = {};
  shared_block shared[most_shared] = {};
  unsigned shared_count = 0;
  /// Addresses that stand for events, for the race detector: start, end, two for barriers, two for every lane. Two, because a
  /// fast thread may announce itself at the next barrier while a slow one has still to take note of the last.
  std::uint64_t* events = nullptr;

  void* start_event() { return events; }
  void* end_event() { return events + 1; }
  void* barrier_event(unsigned parity) { return events + 2 + parity; }
  void* warp_event(unsigned thread, unsigned parity) { return events + 4 + thread * 2 + parity; }
};

/// Why a fiber has handed over to the host.
enum class request { none, block_ended, shared_memory, stop };

struct shared_request {
  const void* key = nullptr;
  std::size_t bytes = 0, alignment = 0;
  void* memory = nullptr;
};

struct fault_record {
  bool found = false;
  fault_kind kind = fault_kind::deadlock;
  const cuda_thread* thread = nullptr;
  place where{};
  bool has_place = false;
  const cuda_thread* other = nullptr;  ///< may be null
  unsigned other_number = 0;
  const char* other_does = nullptr;  ///< ends the sentence "thread N ..."
};

struct emulator {
  fiber host;
  bool from_host = false;  ///< the switch under way
  cuda_thread* current = nullptr;
  resident_block blocks[most_resident];
  scheduler turns;
  unsigned threads = 0;  ///< of a block
  void (*body)(void*) = nullptr;
  void* argument = nullptr;
  std::uint64_t steps = 0, most_steps = 0;
  request wanted = request::none;
  resident_block* ended_block = nullptr;
  shared_request shared;
  fault_record found;
  std::exception_ptr thrown;
};

extern emulator the;

inline unsigned seat_of(const cuda_thread& thread) noexcept { return thread.block->slot * the.threads + thread.number; }
inline cuda_thread& on_seat(unsigned seat) noexcept { return the.blocks[seat / the.threads].threads[seat % the.threads]; }

inline void acquire(void* event) noexcept {
  if (under_tsan()) __tsan_acquire(event);
}
inline void release(void* event) noexcept {
  if (under_tsan()) __tsan_release(event);
}

/// Where every fiber begins.
void thread_main();

/// Sets what kernel text reads of `next`, and goes on there.
void resume(fiber& from, cuda_thread& next, bool for_good = false);

/// The text of what was found, with order and seed.
fault describe(const fault_record& found, const options& how);

}  // namespace software_gpu::detail
