// SPDX-License-Identifier: MIT
// The calls from kernel text. They run in fibers, so they allocate nothing, throw nothing and call no function that is intercepted.
#include <software_gpu/state.hpp>

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

namespace software_gpu::detail {

namespace {

bool same_text(const char* a, const char* b) {
  if (a == b) return true;
  while (*a != 0 && *a == *b) ++a, ++b;
  return *a == *b;
}

bool same_place(const place& a, const place& b) {
  return a.line() == b.line() && a.column() == b.column() && same_text(a.file_name(), b.file_name());
}

[[noreturn]] void to_host_for_good(request wanted) {
  the.wanted = wanted;
  switch_fiber(the.current->flow, the.host);
  __builtin_unreachable();
}

/// The fibers stay as they are, as kernel text may be noexcept; the host drops them and throws.
[[noreturn, gnu::cold]] void report(const fault_record& found) {
  the.found = found;
  to_host_for_good(request::stop);
}

/// What the running thread does wrong at a place, and what another one does: waits, or what the words say.
[[noreturn, gnu::cold]] void report(fault_kind kind, const place& where, const cuda_thread* other) {
  report({.found = true, .kind = kind, .thread = the.current, .where = where, .has_place = true, .other = other});
}

[[noreturn, gnu::cold]] void report(fault_kind kind, const place& where, unsigned other, const char* does) {
  report(
      {.found = true, .kind = kind, .thread = the.current, .where = where, .has_place = true, .other_number = other, .other_does = does});
}

/// The running thread ends, and `waits` waits for it.
[[noreturn, gnu::cold]] void report_end(fault_kind kind, const cuda_thread& waits) {
  report({.found = true, .kind = kind, .thread = &waits, .other_number = the.current->number, .other_does = "has ended"});
}

void step(const place& where) {
  if (++the.steps <= the.most_steps) return;
  report(fault_kind::livelock, where, nullptr);
}

void go_on_with(unsigned seat, bool for_good = false) {
  cuda_thread& self = *the.current;
  if (seat == scheduler::nobody) {
    to_host_for_good(request::stop);
  } else if (cuda_thread& next = on_seat(seat); &next != &self) {
    resume(self.flow, next, for_good);
  }
}

void wait_for_others() {
  cuda_thread& self = *the.current;
  self.waiting = true;
  the.turns.cannot_run(seat_of(self));
  go_on_with(the.turns.take(seat_of(self)));
}

void wake(cuda_thread& other) {
  other.waiting = false;
  the.turns.can_run(seat_of(other));
}

unsigned lowest(unsigned lanes) { return static_cast<unsigned>(__builtin_ctz(lanes)); }

cuda_thread& lane_of(const cuda_thread& thread, unsigned lane) { return thread.block->threads[thread.number / 32 * 32 + lane]; }

void check_mask(const cuda_thread& self, const warp& mine, unsigned mask, const place& where) {
  const unsigned bit = 1u << self.number % 32;
  if ((mask & bit) == 0) report(fault_kind::caller_not_in_mask, where, nullptr);
  if (const unsigned gone = mask & (mine.ended | ~mine.existing); gone != 0) {
    const unsigned lane = lowest(gone);
    report(fault_kind::exited_lane, where, self.number / 32 * 32 + lane, (mine.existing >> lane & 1) != 0 ? "has ended" : "does not exist");
  }
  // Lanes that wait with this mask agree with each other, so one of them is asked; those outside of it must not name this lane.
  if (const unsigned there = mine.waiting & mask; there != 0) {
    const cuda_thread& other = lane_of(self, lowest(there));
    if (other.mask != mask) report(fault_kind::different_mask, where, &other);
    if (other.call != self.call || !same_place(other.where, where)) report(fault_kind::different_collective, where, &other);
  }
  for (unsigned outside = mine.waiting & ~mask; outside != 0; outside &= outside - 1) {
    const cuda_thread& other = lane_of(self, lowest(outside));
    if ((other.mask & bit) != 0) report(fault_kind::different_mask, where, &other);
  }
}

void finish(const cuda_thread& self, unsigned mask) {
  unsigned votes = 0;
  for (unsigned lanes = mask; lanes != 0; lanes &= lanes - 1) {
    const unsigned lane = lowest(lanes);
    if (lane_of(self, lane).value != 0) votes |= 1u << lane;
  }
  std::uint64_t result[32];
  for (unsigned lanes = mask; lanes != 0; lanes &= lanes - 1) {
    const cuda_thread& thread = lane_of(self, lowest(lanes));
    switch (thread.call) {
      case collective::ballot:
        result[lowest(lanes)] = votes;
        break;
      case collective::any:
        result[lowest(lanes)] = votes != 0;
        break;
      case collective::all:
        result[lowest(lanes)] = votes == mask;
        break;
      default:
        result[lowest(lanes)] = lane_of(self, thread.source).value;
    }
  }
  for (unsigned lanes = mask; lanes != 0; lanes &= lanes - 1) lane_of(self, lowest(lanes)).value = result[lowest(lanes)];
}

/// Meets the lanes of the mask; the last one to come does the work of all.
void meet(collective call, unsigned mask, std::uint64_t value, unsigned source, const place& where) {
  step(where);
  cuda_thread& self = *the.current;
  warp& mine = self.block->warps[self.number / 32];
  const unsigned lane = self.number % 32;
  self.call = call;
  check_mask(self, mine, mask, where);
  self.mask = mask;
  self.where = where;
  self.value = value;
  self.source = source;
  const unsigned others = mask & ~(1u << lane);
  if ((mine.waiting & others) != others) {
    mine.waiting |= 1u << lane;
    wait_for_others();
    return;
  }
  finish(self, mask);
  mine.waiting &= ~mask;
  if (call == collective::warp_barrier) mine.meetings ^= 1u << lowest(mask);
  for (unsigned lanes = others; lanes != 0; lanes &= lanes - 1) wake(lane_of(self, lowest(lanes)));
}

[[noreturn]] void end_thread() {
  cuda_thread& self = *the.current;
  resident_block& block = *self.block;
  warp& mine = block.warps[self.number / 32];
  const unsigned bit = 1u << self.number % 32;
  release(block.end_event());
  self.ended = true;
  mine.ended |= bit;
  the.turns.cannot_run(seat_of(self));
  for (unsigned waiting = mine.waiting; waiting != 0; waiting &= waiting - 1) {
    const cuda_thread& other = lane_of(self, lowest(waiting));
    if ((other.mask & bit) != 0) report_end(fault_kind::exited_lane, other);
  }
  if (block.at_barrier != 0) report_end(fault_kind::divergent_barrier, *block.first_there);
  if (block.first_ended == nullptr) block.first_ended = &self;
  if (--block.live == 0) {
    the.wanted = request::block_ended;
    the.ended_block = &block;
    switch_fiber(self.flow, the.host, true);
  } else {
    const unsigned seat = the.turns.take(seat_of(self));
    if (seat == scheduler::nobody) to_host_for_good(request::stop);
    resume(self.flow, on_seat(seat), true);
  }
  __builtin_unreachable();
}

}  // namespace

void thread_main() {
  arrived(the.from_host ? &the.host : nullptr);
  acquire(the.current->block->start_event());
  bool failed = false;
  try {
    the.body(the.argument);
  } catch (...) {
    the.thrown = std::current_exception();
    failed = true;
  }
  if (failed) to_host_for_good(request::stop);
  end_thread();
}

void resume(fiber& from, cuda_thread& next, bool for_good) {
  the.from_host = &from == &the.host;
  the.current = &next;
  threadIdx = next.index;
  blockIdx = next.block->index;
  switch_fiber(from, next.flow, for_good);
}

void barrier(const place& where) {
  step(where);
  cuda_thread& self = *the.current;
  resident_block& block = *self.block;
  self.call = collective::barrier;
  if (block.first_ended != nullptr) report(fault_kind::divergent_barrier, where, block.first_ended->number, "has ended");
  if (block.at_barrier != 0 && !same_place(block.first_there->where, where)) {
    report(fault_kind::divergent_barrier, where, block.first_there);
  }
  self.where = where;
  const unsigned parity = block.barriers;
  release(block.barrier_event(parity));
  if (block.at_barrier++ == 0) block.first_there = &self;
  if (block.at_barrier < block.live) {
    wait_for_others();
  } else {
    block.at_barrier = 0;
    block.barriers ^= 1;
    for (unsigned thread = 0; thread < the.threads; ++thread) {
      if (thread != self.number) wake(block.threads[thread]);
    }
  }
  acquire(block.barrier_event(parity));
}

std::uint64_t exchange(collective call, unsigned mask, std::uint64_t value, unsigned source, const place& where) {
  cuda_thread& self = *the.current;
  // A lane that is not in the mask itself is told so by the meeting.
  if ((mask >> self.number % 32 & 1) != 0 && (mask >> source & 1) == 0) {
    self.call = call;
    report(fault_kind::source_not_in_mask, where, self.number / 32 * 32 + source, "is the one read from");
  }
  meet(call, mask, value, source, where);
  return self.value;
}

unsigned count_votes(collective call, unsigned mask, bool vote, const place& where) {
  meet(call, mask, vote, 0, where);
  return static_cast<unsigned>(the.current->value);
}

void wait_for_warp(unsigned mask, const place& where) {
  cuda_thread& self = *the.current;
  resident_block& block = *self.block;
  if (!under_tsan() || mask == 0) return meet(collective::warp_barrier, mask, 0, self.number % 32, where);
  const unsigned first = lowest(mask);
  void* const event = block.warp_event(self.number / 32 * 32 + first, block.warps[self.number / 32].meetings >> first & 1);
  release(event);
  meet(collective::warp_barrier, mask, 0, self.number % 32, where);
  acquire(event);
}

void* shared_array(const void* key, std::size_t bytes, std::size_t alignment) {
  cuda_thread& self = *the.current;
  resident_block& block = *self.block;
  for (unsigned i = 0; i < block.shared_count; ++i) {
    if (block.shared[i].key != key) continue;
    acquire(block.start_event());  // of the fill with 0xFF
    return block.shared[i].memory;
  }
  the.shared.key = key;
  the.shared.bytes = bytes;
  the.shared.alignment = alignment;
  the.wanted = request::shared_memory;
  switch_fiber(self.flow, the.host);
  acquire(block.start_event());
  return the.shared.memory;
}

void atomic_done(const place& where) {
  step(where);
  go_on_with(the.turns.take_at_point(seat_of(*the.current), false));
}

void polled(const place& where) {
  step(where);
  go_on_with(the.turns.take_at_point(seat_of(*the.current), true));
}

unsigned lane() noexcept { return the.current->number % 32; }

}  // namespace software_gpu::detail
