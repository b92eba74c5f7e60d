// SPDX-License-Identifier: MIT
// A Google Benchmark reporter that prints the timing table.
#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

namespace bench {

/// Prints a line for each benchmark, whose name is KIND/VERB: sleeping, empty or memory. The columns change with the kind.
class timing_table final : public benchmark::BenchmarkReporter {
 public:
  explicit timing_table(std::string command) : command_(std::move(command)) {}
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  bool failed() const noexcept { return failed_; }

 private:
  void line(const Run& run);

  const std::string command_;
  std::string kind_;  // of the line before
  bool failed_ = false;
};

}  // namespace bench
