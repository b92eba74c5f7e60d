// SPDX-License-Identifier: MIT
// Memory of a device_array: on a GPU or on the host.
#include "gpu/device.hpp"
#include "gpu/graph_capture.hpp"
#include "gpu/pinned_ranges.hpp"

#include "engine.hpp"
#include "forks.hpp"

#include <foldgrid/device_array.hpp>
#include <foldgrid/shared_array.hpp>

#include <cstring>
#include <new>

namespace foldgrid::detail {
namespace {

using namespace cuda;

constexpr std::align_val_t host_alignment{64};

device_object& device_of(void* gpu) { return *static_cast<device_object*>(gpu); }
address address_of(void* data) { return reinterpret_cast<address>(data); }

/// body(lane) with the device's context current; after fatal trouble with the driver the device is lost. Throws driver_error with
/// out_of_memory.
template <class Body>
void with_device(device_object& device, const char* what, Body&& body) {
  device.check_usable(what);
  try {
    const context_guard current(device.context_handle());
    lane_lease lane(device);
    body(*lane);
  } catch (const driver_error& e) {
    if (e.code() == out_of_memory) throw;
    if (is_fatal(e.code())) device.lose(what, e.what());
    throw error(std::string(what) + ": " + e.what());
  }
}

void* allocate_on(device_object& device, const char* what, std::size_t bytes) {
  address memory = 0;
  with_device(device, what, [&](lane& with) {
    memory = device.allocate(bytes, with.on);
    const result code = driver::get().cuStreamSynchronize(with.on);  // from now on the memory may be used on any stream
    if (code == success) return;
    device.release(memory, with.on);
    cuda::check(code, "cuStreamSynchronize");
  });
  return reinterpret_cast<void*>(memory);
}

/// Where the engine's arrays are: on its GPU while that works, which an automatic executor may lose.
device_object* place_of(engine* where) {
  check_quiet(where);
  device_object* const device = where->gpu();
  return device != nullptr && where->automatic() && device->lost() != nullptr ? nullptr : device;
}

std::string full_text(const char* what, std::size_t bytes, const device_object& device, const char* trouble) {
  return std::string(what) + ": asked for " + std::to_string(bytes) + " bytes on " + device.name() + ", which has no room (" + trouble +
         "); free other device_arrays, or use backend::automatic, which goes on in the host's memory";
}

}  // namespace

device_block::device_block(engine* where, std::size_t bytes) : gpu_(place_of(where)) {
  if (gpu_ != nullptr) {
    device_object& device = device_of(gpu_);
    try {
      data_ = allocate_on(device, "device_array", bytes);
      return;
    } catch (const driver_error& e) {
      if (!where->automatic()) throw error(full_text("device_array", bytes, device, e.what()));
      gpu_ = nullptr;
    }
  }
  data_ = ::operator new(bytes, host_alignment);
}

device_block::~device_block() {
  if (gpu_ == nullptr) {
    ::operator delete(data_, host_alignment);
    return;
  }
  device_object& device = device_of(gpu_);
  if (device.is_of_parent()) return;
  try {
    const context_guard current(device.context_handle());
    lane_lease lane(device);
    device.release(address_of(data_), lane->on);  // every call that used it has ended
  } catch (...) {                                 // the device is gone: so is the memory
  }
}

void device_block::copy_in(const void* from, std::size_t bytes) {
  if (gpu_ == nullptr) {
    std::memcpy(data_, from, bytes);
    return;
  }
  with_device(device_of(gpu_), "device_array", [&](lane& with) {
    copy_in_parts(address_of(data_), from, bytes, with.on);
    FOLDGRID_CUDA(cuStreamSynchronize, with.on);
  });
}

void device_block::copy_out(void* to, std::size_t bytes) const {
  if (gpu_ == nullptr) {
    std::memcpy(to, data_, bytes);
    return;
  }
  with_device(device_of(gpu_), "device_array", [&](lane& with) {
    copy_out_parts(to, address_of(data_), bytes, with.on);
    FOLDGRID_CUDA(cuStreamSynchronize, with.on);
  });
}

std::unique_ptr<device_block> block_on_gpu(engine* where, std::size_t bytes) {
  if (bytes == 0 || place_of(where) == nullptr) return nullptr;
  auto made = std::make_unique<device_block>(where, bytes);
  if (made->gpu() == nullptr) return nullptr;  // no room: functions that read it stay on the CPU
  return made;
}

void check_place(const char* verb, engine* where, const device_block& block) {
  check_quiet(where);
  void* const works = where->gpu();
  if (block.gpu() == works || (block.gpu() == nullptr && where->automatic())) return;  // where memory was full, in the host's
  const auto name = [](void* gpu) { return gpu == nullptr ? std::string("in the host's memory") : "on " + device_of(gpu).name(); };
  throw std::invalid_argument(std::string(verb) + ": given a device_array that lies " + name(block.gpu()) + ", to an executor that works " +
                              name(works) + "; make it by this executor's to_device");
}

void check_works_on_gpu(const char* verb, engine* where) {
  check_quiet(where);
  if (where->gpu() == nullptr)
    throw std::invalid_argument(
        std::string(verb) +
        ": given a range in a GPU's memory, to an executor that works in the host's memory; use backend::gpu, or copy "
        "the range to the host");
}

void copy_from_gpu(engine* where, const void* from, void* to, std::size_t bytes, void* stream) {
  if (bytes == 0) return;
  const char* const what = "device_range";
  with_device(device_of(where->gpu()), what, [&](lane& with) {
    try {
      start_after(what, with, static_cast<cuda::stream>(stream));
      copy_out_parts(to, reinterpret_cast<address>(from), bytes, with.on);
    } catch (const driver_error& e) {
      if (e.code() != invalid_value && e.code() != invalid_handle) throw;
      throw std::invalid_argument(std::string(what) + ": given memory or a stream that " + device_of(where->gpu()).name() +
                                  " does not know (" + e.what() + "); give what the CUDA runtime has allocated on that GPU");
    }
    FOLDGRID_CUDA(cuStreamSynchronize, with.on);
  });
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
