// SPDX-License-Identifier: MIT
// A stack with a saved point of execution, and the switch from one to another.
#pragma once

#include <cstddef>

#if !defined(__x86_64__) || defined(SOFTWARE_GPU_UCONTEXT)
#define SOFTWARE_GPU_PORTABLE_SWITCH
#include <ucontext.h>
#endif

namespace software_gpu::detail {

/// One flow of execution as the machine and the sanitizers know it: a CUDA thread's, or the host's own.
struct fiber {
#if defined(SOFTWARE_GPU_PORTABLE_SWITCH)
  ucontext_t saved;
#else
  void* saved = nullptr;  ///< its stack pointer; the registers lie there
#endif
  char* bottom = nullptr;  ///< lowest address of its stack
  std::size_t size = 0;
  void* fake_stack = nullptr;  ///< AddressSanitizer's
  void* identity = nullptr;    ///< ThreadSanitizer's
};

/// Gives the fiber a stack with a page below it that faults, out of a store that is kept until the program ends; throws std::bad_alloc.
void give_stack(fiber& one);

/// Makes the fiber start in `entry`, which must never return; `number` spreads the starting points over the sets of the caches.
void prepare(fiber& one, void (*entry)(), unsigned number);

/// Leaves `from` and goes on in `to`; returns when something switches back. `for_good` when it never will.
void switch_fiber(fiber& from, fiber& to, bool for_good = false);

/// To be called first in a new fiber; when the host has switched to it, `host` is told where its stack is.
void arrived(fiber* host);

}  // namespace software_gpu::detail
