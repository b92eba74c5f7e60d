// SPDX-License-Identifier: MIT
// The sanitizers' calls for programs with stacks of their own; weak, so that one compiled emulator serves every kind of program.
#pragma once

#include <cstddef>

extern "C" {
[[gnu::weak]] void __sanitizer_start_switch_fiber(void** fake_stack, const void* bottom, std::size_t size);
[[gnu::weak]] void __sanitizer_finish_switch_fiber(void* fake_stack, const void** bottom, std::size_t* size);
[[gnu::weak]] void __asan_poison_memory_region(const volatile void* begin, std::size_t size);
[[gnu::weak]] void __asan_unpoison_memory_region(const volatile void* begin, std::size_t size);
[[gnu::weak]] void* __tsan_get_current_fiber();
[[gnu::weak]] void* __tsan_create_fiber(unsigned flags);
[[gnu::weak]] void __tsan_destroy_fiber(void* fiber);
[[gnu::weak]] void __tsan_switch_to_fiber(void* fiber, unsigned flags);
[[gnu::weak]] void __tsan_set_fiber_name(void* fiber, const char* name);
[[gnu::weak]] void __tsan_acquire(void* address);
[[gnu::weak]] void __tsan_release(void* address);
}

namespace software_gpu::detail {

inline constexpr unsigned without_order = 1;  // __tsan_switch_to_fiber_no_sync

inline bool under_asan() noexcept { return __sanitizer_start_switch_fiber != nullptr; }
inline bool under_tsan() noexcept { return __tsan_create_fiber != nullptr; }

}  // namespace software_gpu::detail
