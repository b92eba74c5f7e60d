// SPDX-License-Identifier: MIT
// Chooses the backend, counts the workers, notices forks.
#include "engine.hpp"

#include "cpu/cores.hpp"
#include "gpu/device.hpp"

#include <pthread.h>

#include <cstdlib>
#include <string_view>

namespace foldgrid::detail {
namespace {

constexpr std::size_t most_workers = 65536;

std::atomic<unsigned> fork_generation = 0;

void watch_forks() {
  static const int registered = pthread_atfork(nullptr, nullptr, [] { fork_generation.fetch_add(1, std::memory_order_relaxed); });
  static_cast<void>(registered);
}

std::size_t checked_workers(const executor_options& asked) {
  if (asked.workers.negative() || asked.workers.value() > most_workers)
    throw std::invalid_argument("executor: asked for " + asked.workers.text() + " workers; give 1 to " + std::to_string(most_workers) +
                                ", or 0 for one per core");
  if (asked.where == backend::serial) return 1;
  return asked.workers.value() == 0 ? usable_cores() : asked.workers.value();
}

backend checked_backend(backend asked) {
  switch (asked) {
    case backend::automatic:
    case backend::threads:
      return backend::threads;
    case backend::serial:
      return backend::serial;
    case backend::gpu:
      return backend::gpu;
    case backend::mpi:
      throw backend_unavailable(
          "executor: asked for backend::mpi, which needs the processes of mpiexec. Start the program with foldgrid::mpi::main, or use "
          "backend::automatic here");
  }
  throw std::invalid_argument("executor: asked for a backend that does not exist (number " + std::to_string(static_cast<int>(asked)) +
                              "); use a name of foldgrid::backend");
}

bool log_wanted() {
  const char* const level = std::getenv("FOLDGRID_LOG");
  return level && std::string_view(level) == "info";
}

}  // namespace

engine::engine(const executor_options& asked)
    : where_(checked_backend(asked.where)),
      automatic_(asked.where == backend::automatic),
      gpu_(where_ == backend::gpu ? &cuda::device_object::get(asked.gpu) : nullptr),
      workers_(checked_workers(asked)),
      reason_(automatic_ ? "automatic: not worth a GPU" : "asked for"),
      logs_(log_wanted()),
      fork_generation_((watch_forks(), fork_generation.load(std::memory_order_relaxed))) {
  if (where_ == backend::serial) {
    initializer_ = asked.initializer;
  } else if (workers_ > 1 || asked.initializer) {
    pool_ = std::make_unique<thread_pool>(workers_, asked.initializer);
  }
}

engine::~engine() {
  // a forked child has none of the threads: joining them would wait for ever
  if (fork_generation_ != fork_generation.load(std::memory_order_relaxed)) static_cast<void>(pool_.release());
}

void engine::check() const {
  if (fork_generation_ != fork_generation.load(std::memory_order_relaxed))
    throw broken_executor("executor: used in a forked child, where its threads do not exist; make a new executor after fork()");
}

void engine::run(job& work, std::size_t participants) {
  if (initializer_) {
    try {
      std::call_once(initialized_, initializer_);
    } catch (...) {
      std::throw_with_nested(broken_executor("executor: the initializer failed; the nested exception tells why"));
    }
  }
  if (pool_) {
    pool_->run(work, participants);
  } else {
    work.participate(0);
  }
}

cuda::device_object* engine::gpu() {
  if (automatic_)
    std::call_once(gpu_sought_, [this] {
      if (cuda::driver::get().device_count > 0) gpu_ = &cuda::device_object::get(0);
    });
  return gpu_;
}

std::string engine::device() const {
  if (where_ == backend::serial) return "the calling thread";
  if (where_ == backend::gpu) return gpu_->name();
  return std::to_string(workers_) + (workers_ == 1 ? " worker" : " workers");
}

std::shared_ptr<engine> make_engine(const executor_options& asked) { return std::make_shared<engine>(asked); }
std::size_t workers_of(const engine& where) noexcept { return where.workers(); }

bool check_quiet(const engine* where) {
  if (!where) throw broken_executor("executor: used after it was moved from; use the executor it was moved to");
  where->check();
  return !where->logs() && where->where() != backend::gpu;
}

}  // namespace foldgrid::detail
