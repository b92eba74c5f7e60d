// SPDX-License-Identifier: MIT
// Section "columns": the sum of an array that lies on the GPU, that lies in the host's memory, and on the CPU, from 2^4 to 2^28
// elements, as the caller sees it: one column alone would mislead.
#include "../statistics.hpp"
#include "../text.hpp"
#include "random.hpp"

#include <chrono>
#include <span>

namespace gpu_check {
namespace {

/// The median of up to 15 calls, after three; fewer when they take long.
template <class Call>
double median_seconds(const session& with, const Call& call) {
  const auto run = [&] {
    const auto start = std::chrono::steady_clock::now();
    call();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  if (with.small()) return run();
  std::vector<double> seconds;
  double all = 0;
  for (int k = 0; k < 18; ++k) {
    const double one = run();
    all += one;
    if (k >= 3 || one > 0.1) seconds.push_back(one);
    if (all > 1 && seconds.size() >= 3) break;
  }
  return bench::estimate_median(seconds).median;
}

template <class T>
void measure_type(session& with) {
  const int largest = with.small() ? 16 : 28;
  const auto xs = random_array<T>(with, std::size_t{1} << largest, 90);
  const std::string type = bench::type_name<T>();
  for (int power = 4; power <= largest; power += with.small() ? 4 : 1) {
    const std::size_t n = std::size_t{1} << power;
    const std::span<const T> here(xs.data(), n);
    const auto there = with.gpu.to_device(here);
    const T expected = with.reference(n).sum(here);
    T resident{}, from_host{}, on_cpu{};
    const double resident_seconds = median_seconds(with, [&] { resident = with.gpu.sum(there); });
    const double host_seconds = median_seconds(with, [&] { from_host = with.gpu.sum(here); });
    const double cpu_seconds = median_seconds(with, [&] { on_cpu = with.cpu.sum(here); });
    with.check.same({"sum", type, n, "GPU resident"}, resident, expected);
    with.check.same({"sum", type, n, "GPU from the host"}, from_host, expected);
    with.check.same({"sum", type, n, "CPU"}, on_cpu, expected);
    with.out.say("sum %s  %-6s %12s %12s %12s  %s", type.c_str(), bench::power_text(power).c_str(),
                 bench::seconds_text(resident_seconds).c_str(), bench::seconds_text(host_seconds).c_str(),
                 bench::seconds_text(cpu_seconds).c_str(),
                 with.stand_in ? "stand-in, not a measurement"
                 : with.quick  ? "quick, not a measurement"
                               : "");
    with.out.keep("columns", record()
                                 .add("type", type)
                                 .add("n", n)
                                 .add("bytes", n * sizeof(T))
                                 .add("gpu_resident_seconds", resident_seconds)
                                 .add("gpu_from_host_seconds", host_seconds)
                                 .add("cpu_seconds", cpu_seconds));
  }
}

}  // namespace

void measure_columns(session& with) {
  with.out.say("%-16s %12s %12s %12s", "", "GPU resident", "GPU, host", "CPU");
  measure_type<double>(with);
  measure_type<float>(with);
}

}  // namespace gpu_check
