// SPDX-License-Identifier: MIT
// What keeping a study safe costs: checkpoints beside none, a finished sweep read again, the memory of a fold over very many points.
// usage: foldgrid_study_bench [FOLDER-OF-CHECKPOINTS [REPEATS [RESULTS.json]]]
#include <foldgrid/foldgrid.hpp>
#include <foldgrid/study.hpp>

#include "statistics.hpp"
#include "text.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace fg = foldgrid;

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct spin {
  double seconds;
  double operator()(double x, double y) const {
    for (const double end = now() + seconds; now() < end;) continue;
    return x * y;
  }
};
struct doze {
  double operator()(double x, double y) const {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return x * y;
  }
};

struct costs {
  std::vector<double> without, with, over, saving, resume;
};

/// Interleaved runs without and with a checkpoint, and of the finished file.
template <class F>
costs measure(const fg::executor& pool, const fg::study& study, const F& f, const std::string& file, int repeats) {
  costs all;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    fg::study_report report;
    double start = now();
    study.run(pool, f);
    all.without.push_back(now() - start);
    std::filesystem::remove(file);
    start = now();
    study.run(pool, f, {.checkpoint = file, .report = &report});
    all.with.push_back(now() - start);
    all.over.push_back(all.with.back() - all.without.back());
    all.saving.push_back(report.save_seconds);
    start = now();
    study.run(pool, f, {.checkpoint = file});
    all.resume.push_back(now() - start);
  }
  return all;
}

/// One object of JSON for each measurement.
std::vector<std::string> rows;
template <class... Values>
void keep(const char* format, Values... values) {
  char text[512];
  std::snprintf(text, sizeof text, format, values...);
  rows.emplace_back(text);
}
void write_rows(const char* path) {
  std::ofstream file(path);
  file << "{\n \"cpu\": \"" << bench::processor() << "\",\n \"cores\": " << std::thread::hardware_concurrency() << ",\n \"rows\": [";
  for (std::size_t i = 0; i < rows.size(); ++i) file << (i == 0 ? "\n  " : ",\n  ") << rows[i];
  file << "\n ]\n}\n";
  if (!file.flush()) throw std::runtime_error(std::string("asked to write ") + path + ", found that it cannot be written");
}

double median(const std::vector<double>& sample) { return bench::estimate_median(sample).median; }

/// The most memory that a process of its own held, in MB, and its seconds.
template <class Run>
std::pair<double, double> in_a_process(Run&& run) {
  std::fflush(stdout);
  const double start = now();
  const pid_t child = fork();
  if (child == 0) {
    run();
    _exit(0);
  }
  int status = 0;
  rusage used{};
  if (wait4(child, &status, 0, &used) != child || status != 0) std::exit(1);
  return {static_cast<double>(used.ru_maxrss) / 1024, now() - start};
}

void memory(long points, bool best) {
  const auto [megabytes, seconds] = in_a_process([&] {
    const fg::executor pool;
    fg::study study("fold");
    study.axis("x", fg::linspace(0, 1, points / 1000)).axis("y", fg::linspace(-1, 1, 1000));
    const auto f = [](double x, double y) { return (x - 0.3) * (x - 0.3) + y * y; };
    const double found = best ? study.best(pool, f, 10)[0].value : study.statistics(pool, f).mean;
    if (!(found < 1)) std::abort();
  });
  keep(R"({"what": "%s", "points": %ld, "megabytes": %.2f, "seconds": %.4f})", best ? "best(10)" : "statistics", points, megabytes,
       seconds);
  std::printf("%-10s of 10^%d points: %6.1f MB at most, %6.2f s\n", best ? "best(10)" : "statistics", points == 1'000'000 ? 6 : 9,
              megabytes, seconds);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : ".", file = folder + "/bench_study.fg";
  const int repeats = argc > 2 ? std::atoi(argv[2]) : 5;
  for (const bool best : {false, true})
    for (const long points : {1'000'000l, 1'000'000'000l}) memory(points, best);

  const fg::executor pool;
  fg::study slow("slow"), fast("fast");
  slow.axis("x", fg::linspace(0, 1, 100)).axis("y", fg::linspace(0, 1, 100));
  fast.axis("x", fg::linspace(0, 1, 1000)).axis("y", fg::linspace(0, 1, 1000));
  const auto told = [&](const char* what, const costs& all, double bar, bool relative) {
    const double unit = relative ? median(all.without) / 100 : 1;
    const bench::estimate over = bench::estimate_median(all.over);
    const double cost = over.median / unit;
    keep(R"({"what": "%s", "without": %.5f, "with": %.5f, "cost": %.5f, "cost_low": %.5f, "cost_high": %.5f, "unit": "%s", "bar": %g, )"
         R"("writing": %.5f, "resume": %.5f})",
         what, median(all.without), median(all.with), cost, over.low / unit, over.high / unit, relative ? "%" : "s", bar,
         median(all.saving), median(all.resume));
    std::printf("%-34s %8.3f s without, %8.3f s with a checkpoint: %+.3f %s (at most %g), %.3f s writing; finished file read in %.3f s\n",
                what, median(all.without), median(all.with), cost, relative ? "%" : "s", bar, median(all.saving), median(all.resume));
  };
  told("10^4 points that sleep 1 ms", measure(pool, slow, doze{}, file, repeats), 2, true);
  told("10^4 points that compute 1 ms", measure(pool, slow, spin{1e-3}, file, repeats), 2, true);
  told("10^6 points that compute 1 us", measure(pool, fast, spin{1e-6}, file, repeats), 1, false);
  std::filesystem::remove(file);
  if (argc > 3) write_rows(argv[3]);
}
