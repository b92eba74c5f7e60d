// SPDX-License-Identifier: MIT
// A program that owns MPI: mpi::reduce over blocks of any sizes, executors on communicators, initializers. Ends with 0 when all is well.
#include <foldgrid/mpi.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace fg = foldgrid;

namespace {

int failures = 0;
void expect(bool good, const char* what, std::size_t n) {
  if (good) return;
  ++failures;
  std::printf("not so: %s (n = %zu)\n", what, n);
}
bool same(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

struct affine {
  std::uint64_t scale, shift;
  bool operator==(const affine&) const = default;
};
affine join(const affine& a, const affine& b) { return {a.scale * b.scale, b.scale * a.shift + b.shift}; }

/// This rank's part of the elements, cut at random places that all ranks know.
template <class T>
std::vector<T> my_block(const std::vector<T>& all, std::mt19937_64& random, int rank, int size) {
  std::vector<std::size_t> cuts{0};
  for (int r = 1; r < size; ++r) cuts.push_back(random() % (all.size() + 1));
  cuts.push_back(all.size());
  std::sort(cuts.begin(), cuts.end());
  const auto at = static_cast<std::size_t>(rank);
  return {all.begin() + static_cast<std::ptrdiff_t>(cuts[at]), all.begin() + static_cast<std::ptrdiff_t>(cuts[at + 1])};
}

void blocks(int rank, int size) {
  std::mt19937_64 random(20261128);
  for (std::size_t n : {1, 2, 3, 5, 8, 31, 33, 1000, 4097, 100003}) {
    std::vector<double> numbers(n);
    for (double& x : numbers) x = std::ldexp(static_cast<double>(random() >> 11), static_cast<int>(random() % 60) - 80);
    std::vector<affine> maps(n);
    for (affine& m : maps) m = {random() | 1, random()};
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < n && n < 2000; ++i) texts.push_back(std::to_string(i) + ",");
    for (int cut = 0; cut < 3; ++cut) {
      expect(same(fg::mpi::reduce(MPI_COMM_WORLD, std::plus<>{}, my_block(numbers, random, rank, size)),
                  fg::tree_reduce(std::plus<>{}, numbers)),
             "the sum has the bits of the tree", n);
      expect(fg::mpi::reduce(MPI_COMM_WORLD, join, my_block(maps, random, rank, size)) == fg::tree_reduce(join, maps),
             "an operator that does not commute keeps its order", n);
      if (!texts.empty())
        expect(fg::mpi::reduce(MPI_COMM_WORLD, std::plus<>{}, my_block(texts, random, rank, size)) == fg::tree_reduce(std::plus<>{}, texts),
               "texts are concatenated in order", n);
    }
    std::vector<float> floats(numbers.begin(), numbers.end());
    expect(same(fg::mpi::reduce<double>(MPI_COMM_WORLD, std::plus<>{}, my_block(floats, random, rank, size)),
                fg::tree_reduce(std::plus<>{}, std::vector<double>(floats.begin(), floats.end()))),
           "a wider accumulator", n);
  }
  try {
    fg::mpi::reduce(MPI_COMM_WORLD, std::plus<>{}, std::vector<double>{});
    expect(false, "no elements are misuse", 0);
  } catch (const std::invalid_argument&) {
  }
  std::vector<int> numbers(1000, 1);
  numbers[701] = -1;
  try {
    fg::mpi::reduce(
        MPI_COMM_WORLD, [](int a, int b) { return a < 0 || b < 0 ? throw std::domain_error("negative") : a + b; },
        my_block(numbers, random, rank, size));
    expect(false, "an operator that throws does so on every rank", 1000);
  } catch (const fg::task_error& e) {
    expect(e.index() == 700, "the failing node's first element", e.index());
    try {
      std::rethrow_if_nested(e);
    } catch (const std::domain_error&) {
    }
  }
}

/// Cannot be written on one rank.
struct sealed {
  std::string text;
  template <class Archive>
  void serialize(Archive& archive) {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if constexpr (Archive::is_saving::value)
      if (rank == 0) throw std::domain_error("sealed");
    archive(text);
  }
};

void unwritable(int size) {
  const auto join = [](const sealed& a, const sealed& b) { return sealed{a.text + b.text}; };
  try {
    fg::mpi::reduce(MPI_COMM_WORLD, join, std::vector<sealed>{{"a"}, {"b"}});
    expect(size == 1, "a value that cannot be written is an error on every rank", 2);
  } catch (const fg::task_error& e) {
    expect(e.index() == 0 && std::string(e.what()).find("sealed") != std::string::npos, "the node that could not be written", e.index());
  }
}

void executors(int rank, int size) {
  for (int root = 0; root < size; root += 2)
    if (const auto pool = fg::mpi::comm_executor(MPI_COMM_WORLD, root)) {
      expect(rank == root, "only the root has one", static_cast<std::size_t>(root));
      expect(pool->map_reduce([](int i) { return i * i; }, std::plus<>{}, fg::iota(1, 1001)) == 333833500, "map_reduce", 1000);
      auto outlives = pool->submit([](int i) { return i + 1; }, 1);
      expect(outlives.get() == 2, "submit", 1);
    }
  MPI_Comm half = MPI_COMM_NULL;
  MPI_Comm_split(MPI_COMM_WORLD, rank % 2, rank, &half);
  if (const auto pool = fg::mpi::comm_executor(half, 0)) expect(pool->sum(fg::iota(1, 28)) == 378, "two executors beside each other", 27);
  MPI_Comm_free(&half);
  try {
    fg::mpi::comm_executor(MPI_COMM_WORLD, size);
    expect(false, "a root that is not there is misuse", 0);
  } catch (const std::invalid_argument&) {
  }
  MPI_Barrier(MPI_COMM_WORLD);  // MPI is still the program's
}

thread_local int initialised_here = 0;
std::atomic<int> initialised = 0;

/// The initializer runs once on each worker, before its first item; one that throws breaks the executor, and nothing hangs.
void initializers(int rank, int size) {
  const fg::executor_options begins{.workers = 2, .initializer = [] {
                                      ++initialised_here;
                                      ++initialised;
                                    }};
  if (const auto pool = fg::mpi::comm_executor(MPI_COMM_WORLD, 0, begins)) {
    const auto ready = [](int) { return initialised_here == 1; };
    std::vector<fg::future<bool>> tasks;
    for (int i = 0; i < 8 * size; ++i) tasks.push_back(pool->submit(ready, i));
    for (auto& each : tasks) expect(each.get(), "a task runs after the initializer", 1);
    for (const bool each : pool->map({.chunk_size = 3}, ready, fg::iota(50 * size))) expect(each, "an item runs after the initializer", 1);
    for (const int each : pool->map([](int) { return initialised.load(); }, fg::iota(50 * size)))
      expect(each == 1 || each == 2, "once on each worker", static_cast<std::size_t>(each));
  }
  const fg::executor_options fails{.initializer = [bad = rank == size - 1] {
    if (bad) throw std::domain_error("no licence here");
  }};
  if (const auto pool = fg::mpi::comm_executor(MPI_COMM_WORLD, 0, fails)) {
    const auto broken = [](const char* what, auto&& call) {
      try {
        call();
        expect(false, what, 0);
      } catch (const fg::broken_executor& e) {
        try {
          std::rethrow_if_nested(e);
          expect(false, "the cause is nested", 0);
        } catch (const std::domain_error& cause) {
          expect(cause.what() == std::string("no licence here"), "the cause is the one thrown", 0);
        }
      }
    };
    const auto same = [](int i) { return i; };
    // tasks first: some wait for a worker when the initializer fails
    broken("tasks", [&] {
      std::vector<fg::future<int>> tasks;
      for (int i = 0; i < 100 * size; ++i) tasks.push_back(pool->submit(same, i));
      for (auto& each : tasks) each.get();
    });
    broken("map", [&] { pool->map({.chunk_size = 1}, same, fg::iota(100 * size)); });
  }
}

}  // namespace

int main(int argc, char** argv) {
  int level = 0, rank = 0, size = 1;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  blocks(rank, size);
  executors(rank, size);
  initializers(rank, size);
  unwritable(size);
  int all = 0;
  MPI_Allreduce(&failures, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  MPI_Finalize();
  return all == 0 ? 0 : 1;
}
