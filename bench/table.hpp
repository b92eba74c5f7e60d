// SPDX-License-Identifier: MIT
// A Google Benchmark reporter that prints one line per row and bar.
#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace bench {

/// Columns: work, size, our rate and time, kind (rival, limit) and name of the best, its rate, the ratio of the times with
/// the 95% interval of its median, the bar, and yes or NO. No column but the interval holds spaces.
class table final : public benchmark::BenchmarkReporter {
 public:
  explicit table(std::string command) : command_(std::move(command)) {}
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  bool wrong() const noexcept { return wrong_; }

 private:
  std::string command_;
  bool wrong_ = false;
};

/// The compiler's name, version and optimisation flags.
std::string compiler();

}  // namespace bench
