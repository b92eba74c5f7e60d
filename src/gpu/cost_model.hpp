// SPDX-License-Identifier: MIT
// What a call costs on the CPU and on the GPU, from a machine's figures and what a function has cost before; pure arithmetic.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace foldgrid::detail {

/// Where a figure comes from.
enum class origin { estimated, measured };
inline constexpr std::string_view origin_names[] = {"estimated", "measured"};

struct figure {
  double value;
  origin from = origin::estimated;
};

/// The figures of a machine: seconds, and bytes a second.
struct machine {
  figure cpu_rate;        ///< all workers together, reading and writing memory
  figure cpu_call;        ///< a call on the workers, beside its items
  figure copy_in;         ///< pinned memory to the device
  figure copy_out;        ///< and back
  figure device_rate;     ///< a kernel, reading and writing the device's memory
  figure launch;          ///< a call that copies nothing, beside its items
  figure readback;        ///< a value on its way back
  figure transfer;        ///< copying arrays of the host, beside their bytes
  figure device_workers;  ///< as many workers equal the device, for a function that was never timed there
  figure first_use;       ///< opening the driver and compiling a kernel
};

/// How a figure is called, what it is, and between which values it can be: others are taken for damage.
struct figure_name {
  std::string_view name, unit, meaning;
  figure machine::* member;
  double least, most;
};
inline constexpr figure_name figure_names[] = {
    {"cpu_rate", "B/s", "memory read and written by the CPU's workers", &machine::cpu_rate, 1e6, 1e15},
    {"cpu_call", "s", "a call on the workers, beside its items", &machine::cpu_call, 1e-9, 1},
    {"copy_in", "B/s", "copies to the GPU", &machine::copy_in, 1e6, 1e15},
    {"copy_out", "B/s", "copies back", &machine::copy_out, 1e6, 1e15},
    {"device_rate", "B/s", "the GPU's memory read and written by a kernel", &machine::device_rate, 1e6, 1e15},
    {"launch", "s", "a call that copies nothing, beside its items", &machine::launch, 1e-9, 1},
    {"readback", "s", "a value on its way back", &machine::readback, 1e-9, 1},
    {"transfer", "s", "copying arrays of the host, beside their bytes", &machine::transfer, 1e-9, 1},
    {"device_workers", "", "workers that equal the GPU where a function was not timed there", &machine::device_workers, 1e-3, 1e6},
    {"first_use", "s", "opening the driver and compiling a kernel", &machine::first_use, 1e-9, 1e3},
};

/// What stands in for the figures of a machine with so many workers until they are measured: a server's GPU of 2024 on PCIe 5.
machine estimated_machine(std::size_t workers) noexcept;

/// The size of a call.
struct call_size {
  std::size_t n = 0;
  std::size_t bytes_in = 0, bytes_out = 0;  ///< to be copied to the GPU, and back
  std::size_t bytes_moved = 0;              ///< read and written by the function, wherever it runs
  bool gives_value = false;                 ///< a reduction
};

/// What an item of a function has cost so far; 0 while that is not known.
struct function_cost {
  double cpu = 0;  ///< seconds of one worker
  double gpu = 0;  ///< seconds of the device
};

/// What a call takes. A function that is not known yet counts as long as its bytes take, at least.
double cpu_seconds(const machine& of, const call_size& call, const function_cost& function, std::size_t workers) noexcept;
double gpu_seconds(const machine& of, const call_size& call, const function_cost& function) noexcept;

// What calls teach. True when something was learnt that is worth keeping: a figure for the first time, or another by a quarter.

/// Calls on the workers that take less say little about their items.
inline constexpr double telling_cpu_seconds = 2e-4;
/// A call of the function took so long on the workers.
bool learn_from_cpu(machine& of, function_cost& function, const call_size& call, std::size_t workers, double seconds) noexcept;
struct gpu_times {
  double seconds;                            ///< of the call, without opening and compiling
  double copy_in_seconds, copy_out_seconds;  ///< of the copies alone; 0 when they were not timed
};
bool learn_from_gpu(machine& of, function_cost& function, const call_size& call, bool loops, const gpu_times& took) noexcept;

/// Where calls of a function went so far.
struct placing_habit {
  std::optional<bool> on_gpu;  ///< the last of them
  bool gpu_is_ready = false;   ///< one of them has run there in this process
  double missed = 0;           ///< seconds that the GPU would have saved, had it been ready
};
struct placing {
  bool on_gpu;
  bool known = false;  ///< by what follows; by the stated rule otherwise
  double cpu_seconds = 0, gpu_seconds = 0;
};

/// The stated rule, for functions that nobody has timed on the CPU: one with a loop goes to the GPU; any other when nothing is copied and
/// there are 2^22 items.
bool rule_sends_to_gpu(const call_size& call, bool loops) noexcept;

/// Where a call goes. A function that was timed on the CPU goes where it is expected to take less time; it changes sides when the
/// other one is faster by a quarter, and against the rule to a GPU that is not ready only when the calls so far, with this one, would have
/// saved what that costs.
placing choose_side(const machine& of, const call_size& call, const function_cost& function, std::size_t workers, bool loops,
                    placing_habit& habit) noexcept;

}  // namespace foldgrid::detail
