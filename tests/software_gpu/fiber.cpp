// SPDX-License-Identifier: MIT
// Stacks with guard pages, and the switch between them: a few instructions on x86-64, ucontext elsewhere.
#include <sys/mman.h>
#include <unistd.h>
#include <software_gpu/fiber.hpp>
#include <software_gpu/sanitizers.hpp>

#include <cstdint>
#include <new>

#if !defined(SOFTWARE_GPU_PORTABLE_SWITCH)
// Saves what the calling convention lets a callee keep, exchanges stacks, and returns on the other one.
asm(R"(
.text
.p2align 4
.type software_gpu_switch, @function
software_gpu_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size software_gpu_switch, . - software_gpu_switch
)");
extern "C" void software_gpu_switch(void** save, void* load);
#endif

namespace software_gpu::detail {

void give_stack(fiber& one) {
  const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  // Instrumented frames are larger, and the report of a sanitizer is written on the stack where it was found.
  one.size = (under_asan() || under_tsan() ? 256 : 64) * 1024;
  void* memory = mmap(nullptr, page + one.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory, page, PROT_NONE) != 0) throw std::bad_alloc();
  one.bottom = static_cast<char*>(memory) + page;
}

void prepare(fiber& one, void (*entry)(), unsigned number) {
  // Stacks lie at equal offsets in their pages: without this, all would meet in a few sets of the caches.
  const std::size_t shift = number % 64 * 128;
#if defined(SOFTWARE_GPU_PORTABLE_SWITCH)
  getcontext(&one.saved);
  one.saved.uc_stack.ss_sp = one.bottom;
  one.saved.uc_stack.ss_size = one.size - shift;
  one.saved.uc_link = nullptr;
  makecontext(&one.saved, entry, 0);
#else
  auto** top = reinterpret_cast<void**>(one.bottom + one.size - shift);
  top[-1] = nullptr;  // where the entry would return to: the end of every back trace
  top[-2] = reinterpret_cast<void*>(entry);
  for (int saved = 3; saved <= 8; ++saved) top[-saved] = nullptr;
  one.saved = top - 8;
#endif
  one.fake_stack = nullptr;
}

void switch_fiber(fiber& from, fiber& to, bool for_good) {
  if (under_asan()) __sanitizer_start_switch_fiber(for_good ? nullptr : &from.fake_stack, to.bottom, to.size);
  if (under_tsan()) __tsan_switch_to_fiber(to.identity, without_order);
#if defined(SOFTWARE_GPU_PORTABLE_SWITCH)
  swapcontext(&from.saved, &to.saved);
#else
  software_gpu_switch(&from.saved, to.saved);
#endif
  if (under_asan()) __sanitizer_finish_switch_fiber(from.fake_stack, nullptr, nullptr);
}

void arrived(fiber* host) {
  if (!under_asan()) return;
  const void* bottom = nullptr;
  std::size_t size = 0;
  __sanitizer_finish_switch_fiber(nullptr, &bottom, &size);
  if (host == nullptr) return;
  host->bottom = static_cast<char*>(const_cast<void*>(bottom));
  host->size = size;
}

}  // namespace software_gpu::detail
