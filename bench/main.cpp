// SPDX-License-Identifier: MIT
// The benchmark program: options, equal numbers of threads for all, and the table.
#include "rivals.hpp"
#include "side_by_side.hpp"
#include "subjects.hpp"
#include "table.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr const char* help =
    "foldgrid_bench: foldgrid beside its rivals, interleaved in one run\n"
    "  --quick           the smallest size of each row, 5 repeats\n"
    "  --repeats=N       interleaved repeats of each row (25)\n"
    "  --workers=N       threads of every way (one per core)\n"
    "  --help            this text\n"
    "Google Benchmark's options hold too; --benchmark_filter=REGEX and --benchmark_out=FILE are the useful ones. With\n"
    "--benchmark_format the table gives way to Google Benchmark's own output. Exit status 1 when a result was wrong.\n";

/// OpenMP's threads spin after their work unless told otherwise before its runtime starts.
void make_openmp_passive(char** argv) {
  if (std::getenv("OMP_WAIT_POLICY")) return;
  setenv("OMP_WAIT_POLICY", "passive", 1);
  execv("/proc/self/exe", argv);
  std::perror("foldgrid_bench: cannot restart with OMP_WAIT_POLICY=passive; set it yourself");
  std::exit(1);
}

bool take_number(std::string_view argument, std::string_view name, std::size_t& to) {
  if (!argument.starts_with(name)) return false;
  to = std::strtoull(argument.data() + name.size(), nullptr, 10);
  return to != 0;
}

std::string base_name(std::string path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

namespace bench {
const foldgrid::executor& pool() {
  static const foldgrid::executor ours{{.where = foldgrid::backend::threads, .workers = setting().workers}};
  return ours;
}
}  // namespace bench

int main(int argc, char** argv) {
  make_openmp_passive(argv);
  bench::settings& setting = bench::setting();
  setting.workers = std::thread::hardware_concurrency();
  std::string program = base_name(argv[0]), command = program;
  std::vector<char*> left{program.data()};
  bool own_table = true;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (!argument.starts_with("--benchmark_out")) command.append(" ").append(argument);
    if (argument == "--help") {
      std::fputs(help, stdout);
      return 0;
    }
    if (argument == "--quick") {
      setting.quick = true;
      setting.repeats = 5;
    } else if (!take_number(argument, "--repeats=", setting.repeats) && !take_number(argument, "--workers=", setting.workers)) {
      if (argument.starts_with("--benchmark_format")) own_table = false;
      left.push_back(argv[i]);
    }
  }
  int count = static_cast<int>(left.size());
  left.push_back(nullptr);
  benchmark::Initialize(&count, left.data());
  if (benchmark::ReportUnrecognizedArguments(count, left.data())) return 1;
  benchmark::AddCustomContext("processor", bench::processor());
  benchmark::AddCustomContext("compiler", bench::compiler());
  benchmark::AddCustomContext("command", command);
  benchmark::AddCustomContext("workers", std::to_string(setting.workers));
  benchmark::AddCustomContext("repeats", std::to_string(setting.repeats));

  const rivals::threads_limit same_threads(setting.workers);
  bench::add_reduce();
  bench::add_map_reduce();
  bench::add_map_into();
  bench::add_small_arrays();
  bench::add_matrix_product();
  bench::add_tasks();
  bench::add_speed_up();
  if (!own_table) return benchmark::RunSpecifiedBenchmarks() == 0;
  bench::table table(command);
  benchmark::RunSpecifiedBenchmarks(&table);
  return table.wrong();
}
