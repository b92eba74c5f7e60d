// SPDX-License-Identifier: MIT
// Tasks that do nothing, where only the cost of a task shows, beside oneTBB and Asio; and a stream of short tasks beside the plain loop.
#include "rivals.hpp"
#include "side_by_side.hpp"
#include "subjects.hpp"

#include <foldgrid/foldgrid.hpp>

#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace bench {
namespace {

foldgrid::executor_options on(int workers) { return {.where = foldgrid::backend::threads, .workers = workers}; }

std::string workers_text(int workers) { return std::to_string(workers) + (workers == 1 ? "_worker" : "_workers"); }

struct pools {
  explicit pools(int workers, long long expected) : ours(on(workers)), tbb(workers), asio(workers), expected(expected) {}
  foldgrid::executor ours;
  rivals::tbb_tasks tbb;
  rivals::asio_tasks asio;
  long long expected;
};

struct empty_tasks {
  std::unique_ptr<pools> here;
  bool right(long long result, role) const { return result == here->expected; }
};

/// Submits all, then gets all in order.
long long submit_all(const foldgrid::executor& pool, int n) {
  std::vector<foldgrid::future<int>> all;
  all.reserve(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) all.push_back(pool.submit([i] { return i; }));
  long long sum = 0;
  for (auto& each : all) sum += each.get();
  return sum;
}

/// A rival's tasks store their results, which are read when all are done.
template <class Tasks>
long long run_all(Tasks& tasks, int n) {
  std::vector<int> results(static_cast<std::size_t>(n));
  tasks.run(results.data(), n);
  return std::accumulate(results.begin(), results.end(), 0LL);
}

void add_empty_tasks(int workers) {
  constexpr int n = 100'000;
  comparison<empty_tasks>({.work = "tasks/empty/" + workers_text(workers), .size = "10^5", .rival_bar = 1 / 1.1, .quick = true},
                          [workers] { return empty_tasks{std::make_unique<pools>(workers, (n - 1LL) * n / 2)}; })
      .add(role::ours, "foldgrid", [](const empty_tasks& s) { return submit_all(s.here->ours, n); })
      .add(role::rival, "tbb::task_group", [](const empty_tasks& s) { return run_all(s.here->tbb, n); })
      .add(role::rival, "asio::thread_pool", [](const empty_tasks& s) { return run_all(s.here->asio, n); })
      .registered();
}

/// About a microsecond of arithmetic that depends on itself.
double microsecond(int i) {
  double x = i;
  for (int k = 0; k < 500; ++k) x = x * 0.999999 + 1e-3;
  return x;
}

struct short_tasks {
  std::unique_ptr<foldgrid::executor> ours;
  double expected;
  bool right(double result, role) const { return result == expected; }
};

double plain_loop(int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += microsecond(i);
  return sum;
}

void add_stream(int workers) {
  constexpr int n = 1'000'000;
  comparison<short_tasks>({.work = "imap/1us/" + workers_text(workers), .size = "10^6", .rival_bar = 1 / 1.2},
                          [workers] { return short_tasks{std::make_unique<foldgrid::executor>(on(workers)), plain_loop(n)}; })
      .add(role::ours, "foldgrid",
           [](const short_tasks& s) {
             double sum = 0;
             for (const double each : s.ours->imap({.buffer_size = 4096}, microsecond, foldgrid::iota(n))) sum += each;
             return sum;
           })
      .add(role::rival, "plain_loop", [](const short_tasks&) { return plain_loop(n); })
      .registered();
}

}  // namespace

void add_tasks() {
  for (const int workers : {1, 2}) add_empty_tasks(workers);
  for (const int workers : {1, 2}) add_stream(workers);
}

}  // namespace bench
