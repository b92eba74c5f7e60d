// SPDX-License-Identifier: MIT
// A pretend device memory: real addresses that the host may not touch, and that fault just past either end.
#pragma once

#include <cstddef>
#include <cstdint>

namespace software_gpu {

/// Bytes for kernels, filled with 0xFF; no byte may be touched outside of launches and of the copies below.
/// The block ends at a page that always faults when the size is a multiple of 16; other sizes leave up to 15 bytes there, poisoned
/// under AddressSanitizer. So the address is a multiple of 16, and of 256, which a real device promises, where the size is one.
/// Throws std::bad_alloc past the limit.
void* allocate(std::size_t size);

/// Null is allowed. Throws std::invalid_argument for any other pointer that `allocate` has not given or that is freed already.
void deallocate(void* device);

/// Copies, and filling with a byte; [device, device + size) must lie in one block, else std::out_of_range is thrown.
void copy_in(void* device, const void* host, std::size_t size);
void copy_out(void* host, const void* device, std::size_t size);
void fill(void* device, unsigned char byte, std::size_t size);

/// Whether [address, address + size) lies in one block.
bool is_device_memory(const void* address, std::size_t size = 1);

struct memory_use {
  std::size_t blocks = 0, bytes = 0;          ///< not yet deallocated
  std::uint64_t allocations = 0;              ///< ever
  std::uint64_t bytes_in = 0, bytes_out = 0;  ///< ever copied
};
memory_use device_memory_use();

/// Bytes that may be allocated at once; unlimited at first.
void limit_device_memory(std::size_t bytes);

/// Opens device memory to the whole process for as long as it lives, as every launch does.
class device_access {
 public:
  device_access();
  ~device_access();
  device_access(const device_access&) = delete;
  device_access& operator=(const device_access&) = delete;
};

}  // namespace software_gpu
