// SPDX-License-Identifier: MIT
// Runs this program again in another environment and reads what it prints.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gpu_check {

struct child_result {
  int status;          ///< exit status, or 128 plus the signal
  std::string output;  ///< what it printed, errors included
  /// The rest of the line that begins with `key` and a blank; empty when there is none.
  std::string line(const std::string& key) const;
  /// That as a number; NaN when there is none.
  double number(const std::string& key) const;
};

/// Blocks until the child ends. Throws std::system_error when none can be started.
child_result run_again(const std::vector<std::string>& arguments, const std::vector<std::pair<std::string, std::string>>& environment);

// What a child does: it prints lines of a key and a value and gives the exit status.

/// The first and second call of a kernel that was never compiled before, in seconds.
int time_first_call();
/// Where a call runs, or why it cannot.
int tell_placement();

}  // namespace gpu_check
