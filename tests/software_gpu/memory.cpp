// SPDX-License-Identifier: MIT
// Device memory by mmap and mprotect: every block has pages of its own between two that are never opened.
#include <sys/mman.h>
#include <unistd.h>
#include <software_gpu/memory.hpp>
#include <software_gpu/sanitizers.hpp>

#include <cstring>
#include <limits>
#include <map>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>

namespace software_gpu {

namespace {

struct device_block {
  char* pages = nullptr;  // that can be opened; a guard page lies before and after
  std::size_t paged = 0, size = 0;
};

struct device_memory {
  std::map<std::uintptr_t, device_block> blocks;  // by first byte
  memory_use use;
  std::size_t limit = std::numeric_limits<std::size_t>::max();
  unsigned open = 0;
};

device_memory memory;
std::mutex guard;

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

std::uintptr_t number_of(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

void protect(const device_block& block, bool open) {
  if (block.paged != 0) mprotect(block.pages, block.paged, open ? PROT_READ | PROT_WRITE : PROT_NONE);
}

bool holds(const void* address, std::size_t size) {
  const auto after = memory.blocks.upper_bound(number_of(address));
  if (after == memory.blocks.begin()) return false;
  const auto& [first, block] = *std::prev(after);
  const std::size_t offset = number_of(address) - first;
  return offset <= block.size && size <= block.size - offset;
}

void check(const void* device, std::size_t size) {
  const std::lock_guard held(guard);
  if (holds(device, size)) return;
  throw std::out_of_range("the " + std::to_string(size) + " bytes asked for do not lie in one block of device memory");
}

}  // namespace

void* allocate(std::size_t size) {
  const std::size_t page = page_size();
  const std::lock_guard held(guard);
  if (size > memory.limit || memory.use.bytes > memory.limit - size) throw std::bad_alloc();
  const std::size_t rounded = (size + 15) / 16 * 16, paged = (rounded + page - 1) / page * page;
  if (rounded < size || paged < rounded || paged + 2 * page < paged) throw std::bad_alloc();
  void* mapped = mmap(nullptr, paged + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  const device_block block{static_cast<char*>(mapped) + page, paged, size};
  char* const first = block.pages + (paged - rounded);
  protect(block, true);
  std::memset(first, 0xff, size);  // not zero, which is the identity of too many operators
  if (__asan_poison_memory_region != nullptr) {
    __asan_poison_memory_region(block.pages, paged - rounded);
    __asan_poison_memory_region(first + size, rounded - size);
  }
  protect(block, memory.open != 0);
  memory.blocks.emplace(number_of(first), block);
  ++memory.use.blocks;
  ++memory.use.allocations;
  memory.use.bytes += size;
  return first;
}

void deallocate(void* device) {
  if (device == nullptr) return;
  const std::lock_guard held(guard);
  const auto found = memory.blocks.find(number_of(device));
  if (found == memory.blocks.end()) throw std::invalid_argument("not the first byte of a block of device memory");
  const device_block block = found->second;
  memory.blocks.erase(found);
  --memory.use.blocks;
  memory.use.bytes -= block.size;
  if (__asan_unpoison_memory_region != nullptr) __asan_unpoison_memory_region(block.pages, block.paged);
  munmap(block.pages - page_size(), block.paged + 2 * page_size());
}

void copy_in(void* device, const void* host, std::size_t size) {
  check(device, size);
  const device_access open;
  std::memcpy(device, host, size);
  __atomic_fetch_add(&memory.use.bytes_in, size, __ATOMIC_RELAXED);
}

void copy_out(void* host, const void* device, std::size_t size) {
  check(device, size);
  const device_access open;
  std::memcpy(host, device, size);
  __atomic_fetch_add(&memory.use.bytes_out, size, __ATOMIC_RELAXED);
}

void fill(void* device, unsigned char byte, std::size_t size) {
  check(device, size);
  const device_access open;
  std::memset(device, byte, size);
}

bool is_device_memory(const void* address, std::size_t size) {
  const std::lock_guard held(guard);
  return holds(address, size);
}

memory_use device_memory_use() {
  const std::lock_guard held(guard);
  return memory.use;
}

void limit_device_memory(std::size_t bytes) {
  const std::lock_guard held(guard);
  memory.limit = bytes;
}

device_access::device_access() {
  const std::lock_guard held(guard);
  if (memory.open++ != 0) return;
  for (const auto& [first, block] : memory.blocks) protect(block, true);
}

device_access::~device_access() {
  const std::lock_guard held(guard);
  if (--memory.open != 0) return;
  for (const auto& [first, block] : memory.blocks) protect(block, false);
}

}  // namespace software_gpu
