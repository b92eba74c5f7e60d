// SPDX-License-Identifier: MIT
// Prints the table line by line as rows get done.
#include "table.hpp"

#include "side_by_side.hpp"
#include "text.hpp"

#include <cstdio>

namespace bench {
namespace {

/// Takes the text after the last slash off `name`.
std::string split_last(std::string& name) {
  const std::size_t at = name.rfind('/');
  std::string last = name.substr(at + 1);
  name.erase(at == std::string::npos ? 0 : at);
  return last;
}

/// A dash where bytes say nothing.
std::string rate(const benchmark::BenchmarkReporter::Run& run, const char* counter) {
  const auto found = run.counters.find(counter);
  if (found == run.counters.end()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", found->second.value);
  return text;
}

}  // namespace

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__ " " FOLDGRID_BENCH_FLAGS;
#else
  return "g++ " __VERSION__ " " FOLDGRID_BENCH_FLAGS;
#endif
}

bool table::ReportContext(const Context& context) {
  std::printf("machine   %s, %d cores\ncompiler  %s\ncommand   %s\n", processor().c_str(), context.cpu_info.num_cpus, compiler().c_str(),
              command_.c_str());
  std::printf("measured  %zu workers, medians of %zu interleaved repeats; ratio = rival's time / ours [95%% interval of its median]\n\n",
              setting().workers, setting().repeats);
  std::printf("%-21s %-5s %9s %9s  %-5s %-32s %8s  %-20s %6s %4s\n", "work", "size", "ours_GB/s", "ours", "kind", "best", "its_GB/s",
              "ratio", "must", "met");
  return true;
}

void table::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    std::string work = run.run_name.function_name;
    const std::string name = split_last(work), kind = split_last(work), size = split_last(work);
    if (run.error_occurred) {
      if (kind == "ours") std::printf("%-21s %-5s WRONG: %s\n", work.c_str(), size.c_str(), run.error_message.c_str());
      wrong_ = true;
      continue;
    }
    if (!run.counters.contains("bar")) continue;
    const auto value = [&](const char* counter) { return run.counters.at(counter).value; };
    char interval[48];
    std::snprintf(interval, sizeof interval, "%.2f [%.2f, %.2f]", value("ratio"), value("low"), value("high"));
    std::printf("%-21s %-5s %9s %9s  %-5s %-32s %8s  %-20s %6.2f %4s\n", work.c_str(), size.c_str(), rate(run, "ours GB/s").c_str(),
                seconds_text(value("ours seconds")).c_str(), kind.c_str(), name.c_str(), rate(run, "GB/s").c_str(), interval, value("bar"),
                value("met") != 0 ? "yes" : "NO");
    std::fflush(stdout);
  }
}

}  // namespace bench
