// SPDX-License-Identifier: MIT
// The arguments of a launch of the stand-in driver, which runs after the caller's own are gone.
#pragma once

#include "module.hpp"

#include <cstddef>
#include <cstring>
#include <vector>

namespace software_gpu {

/// A launch's arguments, copied to where their types may lie.
class argument_values {
 public:
  argument_values(const kernel_entry& entry, void* const* parameters) {
    for (std::size_t k = 0; k < entry.parameter_count; ++k) {
      const std::size_t bytes = entry.parameter_sizes[k];
      std::memcpy(values_.emplace_back((bytes + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t)).data(), parameters[k], bytes);
    }
  }
  void** pointers() {
    pointers_.clear();
    for (auto& each : values_) pointers_.push_back(each.data());
    return pointers_.data();
  }

 private:
  std::vector<std::vector<std::max_align_t>> values_;
  std::vector<void*> pointers_;
};

}  // namespace software_gpu
