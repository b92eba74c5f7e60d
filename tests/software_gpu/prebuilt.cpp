// SPDX-License-Identifier: MIT
// The library's prebuilt kernels for the software GPU.
#include "module.hpp"

#include <prebuilt.cu>

#define FOLDGRID_PREBUILT SOFTWARE_GPU_ENTRY
extern "C" __attribute__((visibility("default"))) const software_gpu::kernel_entry* software_gpu_kernels() {
  static const software_gpu::kernel_entry all[] = {
#include <prebuilt_kernels.inc>
      {nullptr, nullptr, nullptr, 0}};
  return all;
}
