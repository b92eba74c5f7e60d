// SPDX-License-Identifier: MIT
// Many tasks that wait, on more workers than cores, against the ideal time; then without the wait, for the cost of a task.
#include <foldgrid/foldgrid.hpp>

#include "command_line.hpp"

#include <chrono>
#include <cstdio>
#include <thread>

namespace fg = foldgrid;

constexpr char usage[] =
    "usage: sleeping_tasks [--tasks N] [--seconds S] [--backend NAME] [--workers N]\n"
    "  --tasks N        number of tasks (1000)\n"
    "  --seconds S      what each of them sleeps (0.1)\n"
    "  --backend NAME   automatic, serial or threads (automatic); a GPU does not sleep\n"
    "  --workers N      tasks at a time (12)\n";

int example(command_line& arguments) {
  const auto tasks = arguments.integer("--tasks", 1000, 1, 100'000'000);
  const double seconds = arguments.real("--seconds", 0.1, 0, 3600);
  const auto where = static_cast<fg::backend>(arguments.one_of("--backend", {"automatic", "serial", "threads"}));
  const auto workers = arguments.integer("--workers", 12, 1, 65'536);
  arguments.finish();

  const fg::executor pool{{.where = where, .workers = workers}};
  const auto nap = [&](long long i) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    return i;
  };
  fg::run_report report;
  const auto results = pool.map({.report = &report}, nap, fg::iota(tasks));
  const auto at_once = where == fg::backend::serial ? 1 : workers;
  const double ideal = static_cast<double>((tasks + at_once - 1) / at_once) * seconds;
  std::printf("%lld tasks of %g s on %lld workers: ideal %g s\n", tasks, seconds, at_once, ideal);
  print_where(report);
  std::printf("# %.3f s, %.2f times the ideal\n", report.seconds, report.seconds / ideal);

  // The sleep left out: all that is left is what the library costs.
  const auto no_nap = [](long long i) { return i; };
  fg::run_report bare, one_by_one;
  pool.map({.report = &bare}, no_nap, fg::iota(tasks));
  pool.map({.chunk_size = 1, .report = &one_by_one}, no_nap, fg::iota(tasks));
  const double each = 1e9 / static_cast<double>(tasks);
  std::printf("# without the sleep: %.1f ns per task; in chunks of one task: %.1f ns per task\n", bare.seconds * each,
              one_by_one.seconds * each);

  bool good = report.seconds >= ideal && report.seconds < 2 * ideal + 1;
  for (long long i = 0; i < tasks; ++i) good = good && results[static_cast<std::size_t>(i)] == i;
  std::printf("results in order, time near the ideal: %s\n", good ? "yes" : "no");
  return good ? 0 : 1;
}

int main(int argc, char** argv) { return run_example("sleeping_tasks", usage, argc, argv, example); }
