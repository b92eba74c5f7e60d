// SPDX-License-Identifier: MIT
// What this process and those before it have found out about the machine: figures and functions' costs, which decide where calls go.
#pragma once

#include "gpu/cost_model.hpp"
#include "gpu/machine_file.hpp"

#include "forks.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace foldgrid::detail {

/// Names a function: its text, and, when it has a loop, its state, on which the time it takes may depend; 0 without.
struct function_key {
  std::uint64_t text, state;
};

/// Shared by all executors of the process; its functions may be called from many threads. The environment variable FOLDGRID_MACHINE names
/// a file with the figures of a machine, which are then not measured, or is "off": nothing is measured then, and the stated rule alone
/// decides. Without it figures are measured as calls run, and kept in the folder of the kernel cache, if there is one.
class experience {
 public:
  static experience& get();

  /// True when calls should be timed. Reads no file.
  static bool learns();
  placing place(const function_key& function, const call_size& call, std::size_t workers, bool loops);
  /// A call took so long on so many workers; telling_cpu_seconds at least, for others teach nothing.
  void took_here(const function_key& function, const call_size& call, std::size_t workers, double seconds);
  /// A call took so long on the GPU of that name.
  void took_there(const function_key& function, const call_size& call, bool loops, const gpu_times& took, const std::string& gpu);

  /// Where figures come from: the file asked for or kept, whether there is one or not; empty for none.
  const std::filesystem::path& file() const noexcept { return file_; }
  /// Why the file asked for cannot be used; empty when it can.
  const std::string& trouble() const noexcept { return trouble_; }
  machine_record record() const;

 private:
  experience();
  void read_file_asked(const std::string& name);
  function_cost cost_of(const function_key& function) const;
  void begin_with(const std::string& gpu);
  void learnt(const function_key& function, const machine& figures, const function_cost& cost);
  void keep(bool news, double seconds, std::unique_lock<std::mutex>& lock);

  std::size_t workers_;
  bool measures_ = true;  ///< the machine's figures
  std::filesystem::path file_;
  std::string trouble_;
  mutable std::mutex mutex_;
  held_over_fork over_fork_{mutex_};
  machine_record record_;
  std::map<std::uint64_t, placing_habit> habits_;  ///< of functions, by their text
  std::string gpu_;                                ///< that this process has used first: calls on others teach nothing
  bool news_ = false;                              ///< something is not in the file yet
  std::chrono::steady_clock::time_point kept_ = std::chrono::steady_clock::now();
};

}  // namespace foldgrid::detail
