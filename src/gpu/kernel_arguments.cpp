// SPDX-License-Identifier: MIT
// Lays kernel arguments out as the compiler of the kernel does.
#include <foldgrid/detail/device_sources.hpp>

#include <cstring>

namespace foldgrid::detail {

void kernel_arguments::pad(std::size_t alignment) { bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment); }

void kernel_arguments::begin(std::size_t alignment) {
  pad(alignment < 16 ? 16 : alignment);  // what follows is aligned by its offset from here
  offsets_.push_back(bytes_.size());
}

void kernel_arguments::append_bytes(const void* value, std::size_t size, std::size_t alignment) {
  pad(alignment);
  bytes_.resize(bytes_.size() + size);
  std::memcpy(bytes_.data() + bytes_.size() - size, value, size);
}

void kernel_arguments::append_array(const void* data, std::size_t bytes) {
  pad(alignof(unsigned long long));
  arrays_.push_back({bytes_.size(), data, bytes});
  append(0ull);
}

}  // namespace foldgrid::detail
