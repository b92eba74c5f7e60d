// SPDX-License-Identifier: MIT
// The program foldgrid-info: what this machine's foldgrid can run on, and why not on more.
#include "gpu/device.hpp"
#include "gpu/driver.hpp"
#include "gpu/experience.hpp"
#include "gpu/kernel_cache.hpp"
#include "gpu/nvrtc.hpp"
#include "gpu/prebuilt.hpp"

#include "cpu/cores.hpp"

#include <foldgrid/foldgrid.hpp>

#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <system_error>

FOLDGRID_FUNCTION(info_example, (double x), { return sqrt(1 - x * x) + x / 3; })

namespace {

using namespace foldgrid::detail;

void print_usage() {
  std::puts(
      "usage: foldgrid-info [--check] [--help]\n"
      "\n"
      "Lists the backends of this build of foldgrid, the devices they find here, and why one is missing.\n"
      "\n"
      "  --check  also compiles a function for the GPU, which needs the CUDA toolkit's run-time compiler but no GPU, and, where there\n"
      "           is one, compares what it computes with the CPU, bit by bit\n"
      "\n"
      "Environment variables that foldgrid reads:\n"
      "  FOLDGRID_LOG=info         every call says on stderr where it ran, and why\n"
      "  FOLDGRID_PLACEMENT        cpu or gpu: where automatic executors run calls that can go to either\n"
      "  FOLDGRID_MACHINE          file with a machine's figures, instead of those measured here; off for estimates and the stated rule\n"
      "  FOLDGRID_CUDA_DRIVER      the driver's library (libcuda.so.1)\n"
      "  FOLDGRID_NVRTC            the run-time compiler's library (libnvrtc.so.13 or .12)\n"
      "  FOLDGRID_CACHE            folder of compiled kernels ($XDG_CACHE_HOME/foldgrid or ~/.cache/foldgrid); off for none\n"
      "  FOLDGRID_MPI_CHECK        off: the bytes of functions sent to other ranks are not searched for addresses\n"
      "\n"
      "Exit status: 0; 1 when --check finds something wrong; 2 for a wrong option.");
}

void print_gpu() {
  using namespace cuda;
  const driver& found = driver::get();
  if (found.device_count == 0) {
    std::printf("gpu      no: %s\n", found.reason.c_str());
  } else {
    std::printf("gpu      yes, driver with CUDA %s\n", version_text(found.version).c_str());
    for (int k = 0; k < found.device_count; ++k) {
      try {
        const device_object& device = device_object::get(k);
        std::printf("         device %d: %s, compute capability %d.%d, %.1f GiB\n", k, device.name().c_str(), device.capability() / 10,
                    device.capability() % 10, static_cast<double>(device.total_bytes()) / (1 << 30));
      } catch (const std::exception& e) {
        std::printf("         device %d: %s\n", k, e.what());
      }
    }
  }
  const nvrtc& compiler = nvrtc::get();
  if (compiler.reason.empty()) {
    std::printf("         compiler: NVRTC %d.%d (%s)\n", compiler.major, compiler.minor, compiler.file.c_str());
  } else {
    std::printf("         compiler: %s\n", compiler.reason.c_str());
  }
  if (prebuilt_kernels.empty()) {
    std::puts("         prebuilt kernels: none, this build had no nvcc");
  } else {
    std::printf("         prebuilt kernels: %zu\n", prebuilt_kernels.size());
  }
  const kernel_cache& cache = kernel_cache::get();
  const kernel_cache::contents kept = cache.count();
  if (cache.folder().empty()) {
    std::puts("         kernel cache: off");
  } else {
    std::printf("         kernel cache: %zu kernels, %.1f MB in %s\n", kept.kernels, static_cast<double>(kept.bytes) * 1e-6,
                cache.folder().c_str());
  }
}

/// What decides where calls of automatic executors go.
void print_placement() {
  const experience& known = experience::get();
  const machine_record record = known.record();
  std::error_code none;
  if (!experience::learns()) {
    std::puts("placing  by the stated rule, since FOLDGRID_MACHINE is off");
  } else if (!known.trouble().empty()) {
    std::printf("placing  by estimates: FOLDGRID_MACHINE, %s: %s\n", known.file().c_str(), known.trouble().c_str());
  } else if (known.file().empty()) {
    std::puts("placing  by what each process measures; nothing is kept, since the kernel cache is off");
  } else {
    std::printf("placing  by the figures of %s%s\n", known.file().c_str(),
                std::filesystem::exists(known.file(), none) ? "; delete it to forget them" : ", which is written as calls run");
  }
  if (!record.gpu.empty()) std::printf("         measured on %s with %s\n", record.cpu.c_str(), record.gpu.c_str());
  for (const figure_name& each : figure_names) {
    const figure& value = record.figures.*each.member;
    std::printf("         %-14s %9.3g %-3s  %s: %s\n", each.name.data(), value.value, each.unit.data(),
                origin_names[static_cast<int>(value.from)].data(), each.meaning.data());
  }
  std::printf("         functions timed: %zu\n", record.functions.size());
}

/// Compiles a function, and runs it where there is a GPU; tells what it found.
bool check_gpu() {
  if (const std::optional<std::string> message = foldgrid::check(info_example)) {
    std::printf("check    failed: %s\n", message->c_str());
    return false;
  }
  std::puts("check    a function compiles for the GPU");
  if (cuda::driver::get().device_count == 0) return true;
  try {
    const foldgrid::executor gpu{{.where = foldgrid::backend::gpu}}, serial{{.where = foldgrid::backend::serial}};
    const auto xs = foldgrid::linspace(-1.0, 1.0, 100'003);
    const bool equal = gpu.map(info_example, xs) == serial.map(info_example, xs) &&
                       gpu.map_reduce(info_example, std::plus<>{}, xs) == serial.map_reduce(info_example, std::plus<>{}, xs);
    std::printf("check    map and reduce on device 0 %s\n", equal ? "have the CPU's bits" : "failed: they differ from the CPU's");
    return equal;
  } catch (const std::exception& e) {
    std::printf("check    failed: %s\n", e.what());
    return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  bool checks = false;
  for (int k = 1; k < argc; ++k) {
    if (std::strcmp(argv[k], "--check") == 0) {
      checks = true;
      continue;
    }
    if (std::strcmp(argv[k], "--help") == 0 || std::strcmp(argv[k], "-h") == 0) {
      print_usage();
      return 0;
    }
    std::fprintf(stderr, "foldgrid-info: unknown option %s; see foldgrid-info --help\n", argv[k]);
    return 2;
  }
  std::printf("foldgrid %s\n", FOLDGRID_VERSION);
  std::puts("serial   yes, the calling thread");
  std::printf("threads  yes, %zu cores that this process may use\n", usable_cores());
  print_gpu();
  print_placement();
  std::puts("mpi      " FOLDGRID_MPI_FOUND);
  return checks && !check_gpu() ? 1 : 0;
}
