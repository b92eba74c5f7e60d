// SPDX-License-Identifier: MIT
// Memory of a device_array: on a GPU or on the host.
#include "gpu/device.hpp"

#include "engine.hpp"

#include <foldgrid/device_array.hpp>

#include <cstring>
#include <new>

namespace foldgrid::detail {
namespace {

constexpr std::align_val_t host_alignment{64};

cuda::device_object& device_of(void* gpu) { return *static_cast<cuda::device_object*>(gpu); }
cuda::address address_of(void* data) { return reinterpret_cast<cuda::address>(data); }

}  // namespace

device_block::device_block(engine* where, std::size_t bytes) : gpu_((check_quiet(where), where->gpu())) {
  if (gpu_ == nullptr) {
    data_ = ::operator new(bytes, host_alignment);
    return;
  }
  cuda::device_object& device = device_of(gpu_);
  const cuda::context_guard current(device.context_handle());
  cuda::lane_lease lane(device);
  data_ = reinterpret_cast<void*>(device.allocate(bytes, lane->on));
  FOLDGRID_CUDA(cuStreamSynchronize, lane->on);  // from now on the memory may be used on any stream
}

device_block::~device_block() {
  if (gpu_ == nullptr) {
    ::operator delete(data_, host_alignment);
    return;
  }
  try {
    cuda::device_object& device = device_of(gpu_);
    const cuda::context_guard current(device.context_handle());
    cuda::lane_lease lane(device);
    device.release(address_of(data_), lane->on);  // every call that used it has ended
  } catch (...) {                                 // the driver is gone: so is the memory
  }
}

void device_block::copy_in(const void* from, std::size_t bytes) {
  if (gpu_ == nullptr) {
    std::memcpy(data_, from, bytes);
    return;
  }
  cuda::device_object& device = device_of(gpu_);
  const cuda::context_guard current(device.context_handle());
  cuda::lane_lease lane(device);
  FOLDGRID_CUDA(cuMemcpyHtoDAsync, address_of(data_), from, bytes, lane->on);
  FOLDGRID_CUDA(cuStreamSynchronize, lane->on);
}

void device_block::copy_out(void* to, std::size_t bytes) const {
  if (gpu_ == nullptr) {
    std::memcpy(to, data_, bytes);
    return;
  }
  cuda::device_object& device = device_of(gpu_);
  const cuda::context_guard current(device.context_handle());
  cuda::lane_lease lane(device);
  FOLDGRID_CUDA(cuMemcpyDtoHAsync, to, address_of(data_), bytes, lane->on);
  FOLDGRID_CUDA(cuStreamSynchronize, lane->on);
}

void check_place(const char* verb, engine* where, const device_block& block) {
  check_quiet(where);
  if (block.gpu() == where->gpu()) return;
  const auto name = [](void* gpu) { return gpu == nullptr ? std::string("in the host's memory") : "on " + device_of(gpu).name(); };
  throw std::invalid_argument(std::string(verb) + ": given a device_array that lies " + name(block.gpu()) + ", to an executor that works " +
                              name(where->gpu()) + "; make it by this executor's to_device");
}

void throw_host_range_beside(const char* verb) {
  throw std::invalid_argument(std::string(verb) +
                              ": given a host range beside a device_array; copy it there by to_device first, or use a lazy input");
}

void throw_copy_too_short(std::size_t needed, std::size_t found) {
  throw std::invalid_argument("device_array::copy_to: given room for " + std::to_string(found) + " elements, needs room for " +
                              std::to_string(needed));
}

}  // namespace foldgrid::detail
