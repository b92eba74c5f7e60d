// SPDX-License-Identifier: MIT
// Memory for tasks: each thread keeps free blocks of a few sizes, and hands many at a time over to the others.
#include <foldgrid/detail/spin_lock.hpp>
#include <foldgrid/detail/task.hpp>

#include <array>
#include <new>
#include <utility>

namespace foldgrid::detail {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FOLDGRID_DETAIL_PLAIN_MEMORY
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define FOLDGRID_DETAIL_PLAIN_MEMORY
#endif
#endif

#if defined(FOLDGRID_DETAIL_PLAIN_MEMORY)

void* allocate_task(std::size_t bytes) { return ::operator new(bytes); }
void free_task(void* block, std::size_t bytes) noexcept { ::operator delete(block, bytes); }

#else

namespace {

/// A list of free blocks of one size. What was allocated once is kept for the life of the process.
struct free_list {
  struct link {
    link* next;
    // in the depot, where the first block of a list stands for it
    link* next_list;
    std::size_t count;
  };
  link* first = nullptr;
  std::size_t count = 0;

  void push(void* block) noexcept {
    first = new (block) link{first, nullptr, 0};
    ++count;
  }
  void* pop() noexcept {
    --count;
    return std::exchange(first, first->next);
  }
};

constexpr std::size_t unit = 64, sizes = 8, batch = 64;

/// What threads have handed over.
struct {
  spin_lock lock;
  free_list::link* lists = nullptr;
} depot[sizes];

/// A thread's own blocks: a list in use and, when that is full or empty, another one, so that a thread that goes back and forth stays
/// away from the depot.
struct thread_blocks {
  std::array<free_list, sizes> in_use, spare;

  ~thread_blocks();
  void* take(std::size_t size) {
    free_list& own = in_use[size];
    if (own.count == 0) std::swap(own, spare[size]);
    if (own.count == 0) refill(own, size);
    return own.pop();
  }
  void give(void* block, std::size_t size) noexcept {
    free_list& own = in_use[size];
    if (own.count == batch) {
      if (spare[size].count != 0) hand_over(spare[size], size);
      std::swap(own, spare[size]);
    }
    own.push(block);
  }
  static void refill(free_list& empty, std::size_t size) {
    {
      const spin_guard guard(depot[size].lock);
      if (free_list::link* const list = depot[size].lists) {
        depot[size].lists = list->next_list;
        empty = {list, list->count};
        return;
      }
    }
    const std::size_t bytes = (size + 1) * unit;
    char* const slab = static_cast<char*>(::operator new(batch * bytes, std::align_val_t{unit}));
    for (std::size_t i = batch; i-- > 0;) empty.push(slab + i * bytes);
  }
  static void hand_over(free_list& given, std::size_t size) noexcept {
    given.first->count = given.count;
    const spin_guard guard(depot[size].lock);
    given.first->next_list = std::exchange(depot[size].lists, given.first);
    given = {};
  }
};

thread_local bool ended = false;
thread_local thread_blocks own_blocks;

thread_blocks::~thread_blocks() {
  ended = true;
  for (std::size_t size = 0; size < sizes; ++size)
    for (free_list* const each : {&in_use[size], &spare[size]})
      if (each->count != 0) hand_over(*each, size);
}

}  // namespace

void* allocate_task(std::size_t bytes) {
  const std::size_t size = (bytes - 1) / unit;
  if (size >= sizes) return ::operator new(bytes);
  if (!ended) return own_blocks.take(size);
  free_list some;
  thread_blocks::refill(some, size);
  void* const block = some.pop();
  if (some.count != 0) thread_blocks::hand_over(some, size);
  return block;
}

void free_task(void* block, std::size_t bytes) noexcept {
  const std::size_t size = (bytes - 1) / unit;
  if (size >= sizes) return ::operator delete(block, bytes);
  if (!ended) return own_blocks.give(block, size);
  free_list one;
  one.push(block);
  thread_blocks::hand_over(one, size);
}

#endif

}  // namespace foldgrid::detail
