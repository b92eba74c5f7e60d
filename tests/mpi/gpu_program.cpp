// SPDX-License-Identifier: MIT
// Ranks that work on GPUs: each on its own, with the bits of the CPU. Ends with 0 when all is well; for 3 ranks and 2 software GPUs.
#include <foldgrid/mpi.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <dlfcn.h>

namespace fg = foldgrid;

FOLDGRID_FUNCTION(gpu_square, (double x), { return x * x + 0.1 * x; })

namespace {

int failures = 0;
void expect(bool good, const char* what) {
  if (good) return;
  ++failures;
  std::printf("not so: %s\n", what);
}

/// Kernels that this process has launched on a software GPU.
std::size_t launches() {
  void* const driver = dlopen(std::getenv("FOLDGRID_CUDA_DRIVER"), RTLD_NOW | RTLD_NOLOAD);
  const auto count = driver ? reinterpret_cast<std::size_t (*)(const char*)>(dlsym(driver, "software_cuda_count")) : nullptr;
  return count ? count("cuLaunchKernel") : 0;
}

void on_gpus(const fg::mpi::executor& pool) {
  std::vector<double> xs(20000);
  for (std::size_t i = 0; i < xs.size(); ++i) xs[i] = 1.0 / static_cast<double>(i + 1);
  const fg::executor one{{.where = fg::backend::serial}};
  const auto ys = pool.map(gpu_square, xs), expected = one.map(gpu_square, xs);
  expect(std::memcmp(ys.data(), expected.data(), xs.size() * sizeof(double)) == 0, "a map has the CPU's bits");
  const double sum = pool.map_reduce(gpu_square, std::plus<>{}, xs), as_one = one.map_reduce(gpu_square, std::plus<>{}, xs);
  expect(std::memcmp(&sum, &as_one, sizeof sum) == 0, "a map_reduce has the CPU's bits");
  // tasks run on the CPU of each rank, beside its GPU
  std::vector<fg::future<int>> tasks;
  for (int i = 0; i < 40; ++i)
    tasks.push_back(pool.submit(
        [](int) {
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
          return launches() > 0 ? std::atoi(std::getenv("OMPI_COMM_WORLD_RANK")) : -1;
        },
        i));
  bool first = false, second = false;
  for (auto& each : tasks) {
    const int rank = each.get();
    expect(rank > 0, "the rank has launched kernels");
    first = first || rank == 1;
    second = second || rank == 2;
  }
  expect(first && second, "both ranks were asked");
  expect(launches() == 0, "the manager launches none");
}

}  // namespace

int main(int argc, char** argv) {
  int level = 0, rank = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (const auto pool = fg::mpi::comm_executor(MPI_COMM_WORLD, 0, {.where = fg::backend::gpu})) on_gpus(*pool);
  try {
    fg::mpi::comm_executor(MPI_COMM_WORLD, 0, {.where = fg::backend::gpu, .gpu = 1});
    expect(false, "a third GPU is refused on every rank");
  } catch (const fg::backend_unavailable& e) {
    expect(std::string(e.what()).find("mpi: rank 2 on ") == 0, e.what());
  }
  int all = 0;
  MPI_Allreduce(&failures, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  MPI_Finalize();
  return all == 0 ? 0 : 1;
}
