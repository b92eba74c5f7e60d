// SPDX-License-Identifier: MIT
// Lays kernel arguments out as the compiler of the kernel does.
#include <foldgrid/detail/device_sources.hpp>

#include <cstring>
#include <utility>

namespace foldgrid::detail {

void kernel_arguments::pad(std::size_t alignment) { bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment); }

std::vector<void*> kernel_arguments::pointers() {
  std::vector<void*> all;
  for (const std::size_t offset : offsets_) all.push_back(bytes_.data() + offset);
  return all;
}

std::vector<std::size_t> kernel_arguments::sizes() const {
  std::vector<std::size_t> all;
  for (std::size_t k = 0; k < offsets_.size(); ++k) all.push_back((k < ends_.size() ? ends_[k] : bytes_.size()) - offsets_[k]);
  return all;
}

void kernel_arguments::begin(std::size_t alignment) {
  if (!offsets_.empty()) ends_.push_back(bytes_.size());
  pad(alignment < 16 ? 16 : alignment);  // what follows is aligned by its offset from here
  offsets_.push_back(bytes_.size());
}

void kernel_arguments::append_bytes(const void* value, std::size_t size, std::size_t alignment) {
  pad(alignment);
  bytes_.resize(bytes_.size() + size);
  std::memcpy(bytes_.data() + bytes_.size() - size, value, size);
}

void kernel_arguments::append_arrays(std::vector<const void*> parts, std::size_t bytes, std::size_t element_bytes) {
  pad(alignof(unsigned long long));
  arrays_.push_back({bytes_.size(), std::move(parts), bytes, anywhere_ ? 0 : element_bytes});
  append(0ull);
}

}  // namespace foldgrid::detail
