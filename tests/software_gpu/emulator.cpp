// SPDX-License-Identifier: MIT
// The host's side of a launch: starts blocks while others run, serves the fibers' requests, and clears up.
#include <software_gpu/memory.hpp>
#include <software_gpu/state.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace software_gpu::detail {

emulator the;

namespace {

/// The threads' fibers, kept from launch to launch, and which sets of them, each enough for a block, no block uses.
struct fiber_store {
  std::vector<cuda_thread> threads;
  std::deque<unsigned> free_sets;
  void* undertaker = nullptr;  // frees what blocks leave, ordered after them, while the host, which starts blocks, must not be
  char launch_end = 0;         // stands for the event

  /// Threads of two blocks are strangers to the race detector only with fibers of their own, so under it blocks take turns with as
  /// many sets as it bears well; otherwise few sets stay warm in the caches.
  void start(std::uint64_t blocks, unsigned resident, unsigned size) {
    const std::uint64_t sets = std::min<std::uint64_t>(blocks, under_tsan() ? std::max(resident, 2048 / size) : resident);
    for (std::size_t wanted = sets * size; threads.size() < wanted;) {
      cuda_thread next;
      give_stack(next.flow);
      threads.push_back(next);
    }
    free_sets.clear();
    for (unsigned set = 0; set < sets; ++set) free_sets.push_back(set);
    if (under_tsan() && undertaker == nullptr) undertaker = __tsan_create_fiber(0);
  }
};

fiber_store store;

uint3 split(unsigned number, const extent& size) { return {number % size.x, number / size.x % size.y, number / size.x / size.y}; }

void start_thread(cuda_thread& thread, resident_block& block, unsigned number, const extent& size) {
  if (under_tsan() && thread.flow.identity == nullptr) {
    thread.flow.identity = __tsan_create_fiber(0);
    __tsan_set_fiber_name(thread.flow.identity, ("CUDA thread " + std::to_string(number) + " of its block").c_str());
  }
  thread.block = &block;
  thread.index = split(number, size);
  thread.number = number;
  thread.waiting = thread.ended = false;
  prepare(thread.flow, thread_main, number);
  block.warps[number / 32].existing |= 1u << number % 32;
  the.turns.can_run(seat_of(thread));
}

void start_block(unsigned slot, unsigned number, const geometry& shape) {
  resident_block& block = the.blocks[slot];
  block = resident_block{.number = number, .slot = slot, .set = store.free_sets.front(), .index = split(number, shape.blocks)};
  if (under_tsan()) {
    block.events = static_cast<std::uint64_t*>(std::calloc(4 + 2 * ((the.threads + 31) / 32 * 32), sizeof(std::uint64_t)));
    if (block.events == nullptr) throw std::bad_alloc();
  }
  block.used = true;
  store.free_sets.pop_front();
  block.threads = store.threads.data() + std::size_t{block.set} * the.threads;
  block.live = the.threads;
  release(block.start_event());
  for (unsigned thread = 0; thread < the.threads; ++thread) start_thread(block.threads[thread], block, thread, shape.threads);
}

void retire(resident_block& block) {
  if (under_tsan()) {
    __tsan_switch_to_fiber(store.undertaker, without_order);
    acquire(block.start_event());  // for a block none of whose threads has begun
    acquire(block.end_event());
    release(&store.launch_end);
  }
  for (unsigned i = 0; i < block.shared_count; ++i) std::free(block.shared[i].memory);
  std::free(block.events);
  if (under_tsan()) __tsan_switch_to_fiber(the.host.identity, without_order);
  store.free_sets.push_back(block.set);
  block.used = false;
}

void make_shared_array() {
  shared_request& wanted = the.shared;
  resident_block& block = *the.current->block;
  if (block.shared_count == most_shared) throw std::length_error("a block of the software GPU can have 32 shared arrays, not more");
  if (posix_memalign(&wanted.memory, std::max(wanted.alignment, sizeof(void*)), wanted.bytes) != 0) throw std::bad_alloc();
  block.shared[block.shared_count++] = {wanted.key, wanted.memory};
  // Not zero, which is the identity of too many operators.
  std::memset(wanted.memory, 0xff, wanted.bytes);
  release(block.start_event());
}

/// Drops the threads that have not ended, as if they had ended where they stand.
void drop() {
  for (resident_block& block : the.blocks) {
    if (!block.used) continue;
    for (unsigned number = 0; number < the.threads; ++number) {
      fiber& flow = block.threads[number].flow;
      if (under_tsan()) {
        if (!block.threads[number].ended) {
          __tsan_switch_to_fiber(flow.identity, without_order);
          release(block.end_event());
          __tsan_switch_to_fiber(the.host.identity, without_order);
        }
        __tsan_destroy_fiber(std::exchange(flow.identity, nullptr));  // it would remember calls that never return
      }
      if (under_asan()) __asan_unpoison_memory_region(flow.bottom, flow.size);
    }
    retire(block);
  }
}

/// Nobody can run: names the first thread that waits in a collective of its warp, as those at the barrier wait for it.
fault_record find_deadlock() {
  fault_record found{.found = true, .kind = fault_kind::deadlock};
  for (const resident_block& block : the.blocks) {
    for (unsigned number = 0; block.used && number < the.threads; ++number) {
      const cuda_thread& thread = block.threads[number];
      if (!thread.waiting) continue;
      if (found.thread == nullptr) found.thread = &thread;
      if (thread.call == collective::barrier || found.other != nullptr) continue;
      const unsigned missing = thread.mask & ~block.warps[number / 32].waiting;
      found.thread = &thread;
      if (missing != 0) found.other = &block.threads[number / 32 * 32 + static_cast<unsigned>(__builtin_ctz(missing))];
    }
  }
  return found;
}

void run_blocks(const geometry& shape, unsigned blocks, unsigned resident, const options& how) {
  unsigned started = 0, ended = 0;
  for (; started < resident; ++started) start_block(started, the.turns.block(started), shape);
  unsigned seat = the.turns.take(scheduler::nobody);
  while (true) {
    the.wanted = request::none;
    resume(the.host, on_seat(seat));
    switch (the.wanted) {
      case request::shared_memory:
        make_shared_array();
        seat = seat_of(*the.current);
        break;
      case request::block_ended: {
        const unsigned slot = the.ended_block->slot;
        retire(*the.ended_block);
        if (started < blocks) start_block(slot, the.turns.block(started++), shape);
        if (++ended == blocks) return;
        seat = the.turns.take(seat_of(*the.current));
        if (seat == scheduler::nobody) throw describe(find_deadlock(), how);
        break;
      }
      default:
        if (the.thrown) std::rethrow_exception(std::exchange(the.thrown, nullptr));
        throw describe(the.found.found ? the.found : find_deadlock(), how);
    }
  }
}

/// One launch at a time. For the race detector this puts the launches of several OS threads in order, as the reused fibers do anyway.
std::mutex turn;
thread_local bool inside = false;

}  // namespace

void run(const geometry& shape, void (*body)(void*), void* argument, const options& how) {
  const auto count = [](const extent& size) {
    const auto plane = std::uint64_t{size.x} * size.y;
    return plane >> 32 != 0 ? plane : plane * size.z;
  };
  const std::uint64_t blocks = count(shape.blocks), threads = count(shape.threads);
  if (blocks == 0 || blocks >> 32 != 0) throw std::invalid_argument("a launch needs 1 to 2^32 - 1 blocks");
  if (threads == 0 || threads > most_in_block) {
    throw std::invalid_argument("a block has 1 to 1024 threads, " + std::to_string(threads) + " were asked for");
  }
  if (inside) throw std::logic_error("a kernel of the software GPU cannot launch another one");
  const std::lock_guard held(turn);
  const device_access memory;
  const auto resident = static_cast<unsigned>(std::min<std::uint64_t>(blocks, std::clamp(how.resident, 1u, most_resident)));
  the.threads = static_cast<unsigned>(threads);
  store.start(blocks, resident, the.threads);
  the.host.identity = under_tsan() ? __tsan_get_current_fiber() : nullptr;
  the.turns.start(how.scheduling, how.seed, resident, the.threads);
  the.turns.count_blocks(static_cast<unsigned>(blocks));
  the.body = body;
  the.argument = argument;
  the.steps = 0;
  the.most_steps = how.steps;
  the.found = {};
  blockDim = {shape.threads.x, shape.threads.y, shape.threads.z};
  gridDim = {shape.blocks.x, shape.blocks.y, shape.blocks.z};
  inside = true;
  try {
    run_blocks(shape, static_cast<unsigned>(blocks), resident, how);
  } catch (...) {
    inside = false;
    drop();
    acquire(&store.launch_end);
    throw;
  }
  inside = false;
  acquire(&store.launch_end);
}

}  // namespace software_gpu::detail
