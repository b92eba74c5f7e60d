// SPDX-License-Identifier: MIT
// How long a program waits for its first kernel: opening the compiler and compiling (cold), compiling one more (next), finding it in the
// cache on disk (cached). Needs NVRTC, no device. Each kernel's times are medians over processes of their own.
#include <gpu/kernel_cache.hpp>
#include <gpu/kernel_library.hpp>
#include <gpu/nvrtc.hpp>

#include "statistics.hpp"

#include <foldgrid/detail/device_kernels.hpp>
#include <foldgrid/foldgrid.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <vector>

namespace fg = foldgrid;
using namespace foldgrid::detail;

FOLDGRID_FUNCTION(square, (double x), { return x * x; })
FOLDGRID_FUNCTION(plane, (double x, double y), { return x - y; })
FOLDGRID_FUNCTOR(logistic, (double growth; int steps;), (double x), {
  for (int i = 0; i < steps; ++i) x = growth * x * (1 - x);
  return x;
})

namespace {

constexpr int capability = 90, processes = 15;

struct times {
  double cold, next, cached;
};

double seconds_of(const auto& run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// In this process, which has not compiled before.
times measure(const std::string& text, const std::filesystem::path& folder) {
  times found{};
  cuda::compiled made;
  const std::string all = cuda::with_library(text);
  found.cold = seconds_of([&] { made = cuda::compile(all, capability); });
  found.next = seconds_of([&] { cuda::compile(all + "\n", capability); });
  const cuda::kernel_cache cache(folder);
  cache.keep(cuda::kernel_cache::key_of(all, capability), made.code);
  found.cached = seconds_of([&] {
    if (!cache.find(cuda::kernel_cache::key_of(cuda::with_library(text), capability))) std::exit(1);
  });
  return found;
}

/// In a child process.
bool measure_apart(const std::string& text, const std::filesystem::path& folder, times& found) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  const pid_t child = fork();
  if (child == 0) {
    const times made = measure(text, folder);
    _exit(write(ends[1], &made, sizeof made) == sizeof made ? 0 : 1);
  }
  close(ends[1]);
  const bool read_all = child > 0 && read(ends[0], &found, sizeof found) == sizeof found;
  close(ends[0]);
  int status = 1;
  if (child > 0) waitpid(child, &status, 0);
  return read_all && status == 0;
}

bool print_row(const char* name, const kernel_text& text, const std::filesystem::path& folder) {
  std::vector<double> cold, next, cached;
  for (int k = 0; k < processes; ++k) {
    times found;
    if (!measure_apart(text.whole(), folder, found)) {
      std::fprintf(stderr, "kernel_time: %s did not compile\n", name);
      return false;
    }
    cold.push_back(1e3 * found.cold);
    next.push_back(1e3 * found.next);
    cached.push_back(1e3 * found.cached);
  }
  const double most = bench::estimate_median(cold).median, kept = bench::estimate_median(cached).median;
  std::printf("%-34s %9.1f %9.1f %9.2f  %s\n", name, most, bench::estimate_median(next).median, kept,
              most <= 250 && kept <= 5 ? "yes" : "NO");
  return true;
}

}  // namespace

int main() {
  using doubles = array_source<double>;
  using axis = axis_source<linspace_source<double>>;
  std::string pattern = (std::filesystem::temp_directory_path() / "kernel-time-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return 1;
  std::printf("%-34s %9s %9s %9s  %s\n", "kernel (ms)", "cold", "next", "cached", "cold <= 250, cached <= 5");
  const bool well = print_row("sum of f64", reduce_text<double, std::plus<>, void, doubles>(), pattern) &&
                    print_row("map of f64, own function", map_text<double, square_function, doubles>(), pattern) &&
                    print_row("map of f64, own loop", map_text<double, logistic, doubles>(), pattern) &&
                    print_row("map_reduce of f64, own function", reduce_text<double, std::plus<>, square_function, doubles>(), pattern) &&
                    print_row("map_reduce of f64, own loop", reduce_text<double, std::plus<>, logistic, doubles>(), pattern) &&
                    print_row("map over a grid", map_text<double, plane_function, axis, axis>(), pattern) &&
                    print_row("map_reduce over a grid", reduce_text<double, std::plus<>, plane_function, axis, axis>(), pattern);
  std::filesystem::remove_all(pattern);
  return well ? 0 : 1;
}
