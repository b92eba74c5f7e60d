// SPDX-License-Identifier: MIT
// The columns of the timing table.
#include "timing_table.hpp"

#include "text.hpp"

#include <cstdio>

namespace bench {
namespace {

void header(const std::string& kind) {
  if (kind == "sleeping") {
    std::printf("\nTasks that sleep, seconds\n%-20s %9s %8s %9s %9s %9s %9s %4s\n", "verb", "tasks", "workers", "took", "ideal", "ratio",
                "must", "met");
  } else if (kind == "empty") {
    std::printf("\nTasks that do nothing, ns per task\n%-20s %9s %8s %9s %9s %9s\n", "verb", "tasks", "workers", "took", "plain",
                "overhead");
  } else {
    std::printf("\nMemory of a long stream, resident MiB after its first tenth and the most later\n%-20s %9s %8s %9s %9s %9s\n", "verb",
                "items", "workers", "seconds", "early", "most");
  }
}

}  // namespace

bool timing_table::ReportContext(const Context& context) {
  std::printf("machine   %s, %d cores\ncommand   %s\n", processor().c_str(), context.cpu_info.num_cpus, command_.c_str());
  return true;
}

void timing_table::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) line(run);
  std::fflush(stdout);
}

void timing_table::line(const Run& run) {
  const std::string& name = run.run_name.function_name;
  const std::string kind = name.substr(0, name.find('/')), what = name.substr(name.find('/') + 1);
  if (run.error_occurred) {
    std::printf("%-20s WRONG: %s\n", what.c_str(), run.error_message.c_str());
    failed_ = true;
    return;
  }
  const auto value = [&](const char* counter) { return run.counters.at(counter).value; };
  if (kind != kind_) header(kind);
  kind_ = kind;
  const double seconds = run.real_accumulated_time;
  std::printf("%-20s %9.0f %8.0f", what.c_str(), value("tasks"), value("workers"));
  if (kind == "sleeping") {
    std::printf(" %9.3f %9.3f %9.3f", seconds, value("ideal"), seconds / value("ideal"));
    if (run.counters.contains("must")) std::printf(" %9.3f %4s", value("must"), seconds <= value("must") ? "yes" : "NO");
  } else if (kind == "empty") {
    std::printf(" %9.1f %9.1f %9.1f", value("ns per task"), value("plain loop"), value("ns per task") - value("plain loop"));
  } else {
    std::printf(" %9.3f %9.1f %9.1f", seconds, value("early MiB"), value("most MiB"));
  }
  std::printf("\n");
}

}  // namespace bench
