// SPDX-License-Identifier: MIT
// The arithmetic of placement: expected times, what is learnt from real ones, and when a function changes sides.
#include "gpu/cost_model.hpp"

#include <algorithm>
#include <cmath>

namespace foldgrid::detail {
namespace {

/// What a piece of a large call holds, see pinned_ring.hpp.
constexpr double piece_bytes = 16 << 20;
/// Calls on a GPU that take less say more about what a call costs at all.
constexpr double telling_gpu_seconds = 1e-3;
/// Arrays of this size lie in memory, not in a cache.
constexpr std::size_t telling_bytes = std::size_t{64} << 20;
/// The other side has to be better by this factor.
constexpr double margin = 1.25;

/// The time that a call spends beside the kernel, when the stages of its pieces follow one another: all of it comes before or after the
/// kernel with one piece, and only its share of the first and last with many, unless the copies take longer than the kernel.
struct copying {
  double longest = 0, sum = 0, pieces = 1;
};
copying copies_of(const machine& of, const call_size& call) noexcept {
  const auto in = static_cast<double>(call.bytes_in), out = static_cast<double>(call.bytes_out);
  // The workers read and write each byte on its way through pinned memory.
  const double staged = 2 * (in + out) / of.cpu_rate.value, there = in / of.copy_in.value, back = out / of.copy_out.value;
  return {std::max({staged, there, back}), staged + there + back, std::max(1.0, std::max(in, out) / piece_bytes)};
}

double fixed_seconds(const machine& of, const call_size& call) noexcept {
  return of.launch.value + (call.gives_value ? of.readback.value : 0) + (call.bytes_in + call.bytes_out != 0 ? of.transfer.value : 0);
}

double with_kernel(const copying& copies, double kernel) noexcept {
  const double longest = std::max(copies.longest, kernel);
  return longest + (copies.sum + kernel - longest) / copies.pieces;
}

double kernel_seconds(const machine& of, const call_size& call, const function_cost& function) noexcept {
  const double items = static_cast<double>(call.n);
  if (function.gpu > 0) return items * function.gpu;
  return std::max(static_cast<double>(call.bytes_moved) / of.device_rate.value, items * function.cpu / of.device_workers.value);
}

/// Old and new halfway; true when that is new or differs by a quarter.
bool mix(double& known, double seen) noexcept {
  const double before = known;
  known = before > 0 ? (before + seen) / 2 : seen;
  return before <= 0 || std::abs(known - before) > before / 4;
}
bool measure(figure& known, double seen) noexcept {
  double value = known.from == origin::measured ? known.value : 0;
  const bool news = mix(value, seen);
  known = {value, origin::measured};
  return news;
}
/// The best that was ever seen: calls may be slower for other reasons.
bool measure_best(figure& known, double seen, bool larger_is_better) noexcept {
  const bool first = known.from != origin::measured;
  if (!first && (larger_is_better ? seen <= known.value : seen >= known.value)) return false;
  const bool news = first || std::abs(seen - known.value) > known.value / 4;
  known = {seen, origin::measured};
  return news;
}

}  // namespace

machine estimated_machine(std::size_t workers) noexcept {
  return {.cpu_rate = {std::min(8e9 * static_cast<double>(workers), 1e11)},
          .cpu_call = {1e-5},
          .copy_in = {5.5e10},
          .copy_out = {5.5e10},
          .device_rate = {4.3e12},
          .launch = {5e-6},
          .readback = {1e-5},
          .transfer = {1.5e-5},
          .device_workers = {64},
          .first_use = {0.3}};
}

double cpu_seconds(const machine& of, const call_size& call, const function_cost& function, std::size_t workers) noexcept {
  return of.cpu_call.value + std::max(static_cast<double>(call.bytes_moved) / of.cpu_rate.value,
                                      static_cast<double>(call.n) * function.cpu / static_cast<double>(workers));
}

double gpu_seconds(const machine& of, const call_size& call, const function_cost& function) noexcept {
  return fixed_seconds(of, call) + with_kernel(copies_of(of, call), kernel_seconds(of, call, function));
}

bool learn_from_cpu(machine& of, function_cost& function, const call_size& call, std::size_t workers, double seconds) noexcept {
  if (seconds < telling_cpu_seconds || call.n == 0) return false;
  bool news = call.bytes_moved >= telling_bytes && measure_best(of.cpu_rate, static_cast<double>(call.bytes_moved) / seconds, true);
  const double items = std::max(seconds - of.cpu_call.value, seconds / 2);
  news |= mix(function.cpu, items * static_cast<double>(workers) / static_cast<double>(call.n));
  return news;
}

bool learn_from_gpu(machine& of, function_cost& function, const call_size& call, bool loops, const gpu_times& took) noexcept {
  if (call.n == 0) return false;
  bool news = false;
  const auto rate = [&](figure& known, std::size_t bytes, double seconds) {
    if (seconds > 0 && static_cast<double>(bytes) >= piece_bytes) news |= measure(known, static_cast<double>(bytes) / seconds);
  };
  rate(of.copy_in, call.bytes_in, took.copy_in_seconds);
  rate(of.copy_out, call.bytes_out, took.copy_out_seconds);
  const copying copies = copies_of(of, call);
  if (took.seconds >= telling_gpu_seconds) {
    // with_kernel(copies, kernel) is the time taken: solved for the kernel where that decides, its bytes' time where it hides
    const double left = took.seconds - fixed_seconds(of, call) - copies.sum / copies.pieces;
    const double bytes_alone = static_cast<double>(call.bytes_moved) / of.device_rate.value;
    const double kernel = copies.pieces > 1 && left < copies.longest ? bytes_alone : left;
    news |= mix(function.gpu, std::max({kernel, bytes_alone, 1e-9}) / static_cast<double>(call.n));
    if (call.bytes_in + call.bytes_out == 0 && call.bytes_moved >= telling_bytes)
      news |= measure_best(of.device_rate, static_cast<double>(call.bytes_moved) / took.seconds, true);
    return news;
  }
  if (loops && function.gpu <= 0) return news;  // who knows what the kernel took
  const double spent = took.seconds - with_kernel(copies, kernel_seconds(of, call, function));
  const bool copied = call.bytes_in + call.bytes_out != 0;
  figure& known = copied ? of.transfer : of.launch;
  const double beside = fixed_seconds(of, call) - known.value;
  news |= measure_best(known, std::max(spent - beside, 1e-6), false);
  return news;
}

bool rule_sends_to_gpu(const call_size& call, bool loops) noexcept {
  return loops || (call.bytes_in == 0 && call.bytes_out == 0 && call.n >= (std::size_t{1} << 22));
}

placing choose_side(const machine& of, const call_size& call, const function_cost& function, std::size_t workers, bool loops,
                    placing_habit& habit) noexcept {
  const bool rule = rule_sends_to_gpu(call, loops);
  placing found{.on_gpu = rule};
  if (function.cpu > 0) {
    const double here = cpu_seconds(of, call, function, workers), there = gpu_seconds(of, call, function);
    found = {.on_gpu = habit.on_gpu.value_or(rule), .known = true, .cpu_seconds = here, .gpu_seconds = there};
    if (found.on_gpu) {
      found.on_gpu = here * margin >= there;
    } else if (there * margin < here) {
      if (!habit.gpu_is_ready && !rule) habit.missed += here - there;
      found.on_gpu = habit.gpu_is_ready || rule || habit.missed > of.first_use.value;
    }
  }
  habit.on_gpu = found.on_gpu;
  return found;
}

}  // namespace foldgrid::detail
