// SPDX-License-Identifier: MIT
// The names of CUDA that kernel text uses, for an ordinary compiler; each does no more than call the emulator.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <type_traits>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)

#define FOLDGRID_DEVICE inline
/// A reference to an array in a heap block of exactly its size, filled with 0xFF: both ends are seen by AddressSanitizer.
#define FOLDGRID_SHARED(T, name, count) auto& name = ::software_gpu::detail::shared<T, (count)>([] {})
#define FOLDGRID_ATOMIC_ADD(address, value) ::software_gpu::detail::atomic_add(address, value)
#define FOLDGRID_ATOMIC_MIN(address, value) ::software_gpu::detail::atomic_min(address, value)

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct alignas(16) ulonglong2 {
  unsigned long long x, y;
};

// The emulator sets them at every switch, so that each thread reads its own.
extern uint3 threadIdx;
extern uint3 blockIdx;
extern dim3 blockDim;
extern dim3 gridDim;

namespace software_gpu::detail {

/// What a thread can wait in.
enum class collective : unsigned char { barrier, warp_barrier, shuffle, shuffle_up, shuffle_down, shuffle_xor, ballot, any, all };

using place = std::source_location;

void barrier(const place& where);
/// Gives, of every lane of the mask, the value that lane `source` of the warp brought.
std::uint64_t exchange(collective call, unsigned mask, std::uint64_t value, unsigned source, const place& where);
/// Gives the lanes of the mask that brought a true `vote`, or, for any and all, 1 or 0.
unsigned count_votes(collective call, unsigned mask, bool vote, const place& where);
void wait_for_warp(unsigned mask, const place& where);
/// The block's array of this key, made when its first thread asks.
void* shared_array(const void* key, std::size_t bytes, std::size_t alignment);
/// After an atomic: another thread may go first now.
void atomic_done(const place& where);
/// At a load that bypasses the L1 cache, with which kernels poll: lets others run every so often.
void polled(const place& where);
unsigned lane() noexcept;

template <class T>
concept shuffled = std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8);

template <class T>
concept counted = std::is_unsigned_v<T> && (sizeof(T) == 4 || sizeof(T) == 8);

template <shuffled T>
T exchange_value(collective call, unsigned mask, T value, unsigned source, const place& where) {
  using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  return std::bit_cast<T>(static_cast<bits>(exchange(call, mask, std::bit_cast<bits>(value), source, where)));
}

// The closure's type, and so the key, is another one at every use of the macro and in every instantiation of the text around it.
template <class T, std::size_t Count, class Use>
T (&shared(Use))
[Count] {
  static_assert(std::is_trivially_default_constructible_v<T> && std::is_trivially_destructible_v<T>,
                "shared arrays are not initialised, so their elements must have trivial constructors and destructors");
  static char key;
  return *static_cast<T(*)[Count]>(shared_array(&key, sizeof(T) * Count, alignof(T)));
}

template <counted T>
T atomic_add(T* address, std::type_identity_t<T> value, const place& where = place::current()) {
  const T old = __atomic_fetch_add(address, value, __ATOMIC_ACQ_REL);
  atomic_done(where);
  return old;
}

template <counted T>
T atomic_min(T* address, std::type_identity_t<T> value, const place& where = place::current()) {
  T old = __atomic_load_n(address, __ATOMIC_RELAXED);
  // Stores even where nothing changes, as the device's instruction orders memory then too.
  while (!__atomic_compare_exchange_n(address, &old, value < old ? value : old, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
  }
  atomic_done(where);
  return old;
}

}  // namespace software_gpu::detail

inline void __syncthreads(const std::source_location& where = std::source_location::current()) { software_gpu::detail::barrier(where); }

inline void __syncwarp(unsigned mask = 0xffffffffu, const std::source_location& where = std::source_location::current()) {
  software_gpu::detail::wait_for_warp(mask, where);
}

template <software_gpu::detail::shuffled T>
T __shfl_sync(unsigned mask, T value, int source, const std::source_location& where = std::source_location::current()) {
  using namespace software_gpu::detail;
  return exchange_value(collective::shuffle, mask, value, static_cast<unsigned>(source) % 32, where);
}

template <software_gpu::detail::shuffled T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, const std::source_location& where = std::source_location::current()) {
  using namespace software_gpu::detail;
  return exchange_value(collective::shuffle_up, mask, value, delta <= lane() ? lane() - delta : lane(), where);
}

template <software_gpu::detail::shuffled T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, const std::source_location& where = std::source_location::current()) {
  using namespace software_gpu::detail;
  return exchange_value(collective::shuffle_down, mask, value, delta < 32 - lane() ? lane() + delta : lane(), where);
}

template <software_gpu::detail::shuffled T>
T __shfl_xor_sync(unsigned mask, T value, int bits, const std::source_location& where = std::source_location::current()) {
  using namespace software_gpu::detail;
  return exchange_value(collective::shuffle_xor, mask, value, (lane() ^ static_cast<unsigned>(bits)) % 32, where);
}

inline unsigned __ballot_sync(unsigned mask, int vote, const std::source_location& where = std::source_location::current()) {
  return software_gpu::detail::count_votes(software_gpu::detail::collective::ballot, mask, vote != 0, where);
}

inline int __any_sync(unsigned mask, int vote, const std::source_location& where = std::source_location::current()) {
  return static_cast<int>(software_gpu::detail::count_votes(software_gpu::detail::collective::any, mask, vote != 0, where));
}

inline int __all_sync(unsigned mask, int vote, const std::source_location& where = std::source_location::current()) {
  return static_cast<int>(software_gpu::detail::count_votes(software_gpu::detail::collective::all, mask, vote != 0, where));
}

// Caches are not emulated: loads and stores with a hint are plain ones, which the race detector sees as such.
template <class T>
  requires std::is_trivially_copyable_v<T>
T __ldg(const T* address) {
  return *address;
}

template <class T>
  requires std::is_trivially_copyable_v<T>
T __ldcs(const T* address) {
  return *address;
}

template <class T>
  requires std::is_trivially_copyable_v<T>
T __ldcg(const T* address, const std::source_location& where = std::source_location::current()) {
  software_gpu::detail::polled(where);
  return *address;
}

template <class T>
  requires std::is_trivially_copyable_v<T>
void __stcs(T* address, std::type_identity_t<T> value) {
  *address = value;
}
