// SPDX-License-Identifier: MIT
// Chooses the backend, counts the workers, notices forks.
#include "engine.hpp"

#include "cpu/cores.hpp"
#include "cpu/item_watcher.hpp"
#include "forks.hpp"
#include "gpu/device.hpp"

#include <foldgrid/detail/async.hpp>
#include <foldgrid/detail/builtin.hpp>

#include <cstdlib>
#include <string_view>

namespace foldgrid::detail {
namespace {

constexpr std::size_t most_workers = 65536;

void check_workers(const executor_options& asked) {
  if (asked.workers.negative() || asked.workers.value() > most_workers)
    throw std::invalid_argument("executor: asked for " + asked.workers.text() + " workers; give 1 to " + std::to_string(most_workers) +
                                ", or 0 for one per core");
}

std::size_t workers_wanted(const executor_options& asked) {
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
    : where_((check_workers(asked), checked_backend(asked.where))),
      automatic_(asked.where == backend::automatic),
      gpu_asked_(asked.gpu),
      gpu_(where_ == backend::gpu ? &cuda::device_object::get(asked.gpu) : nullptr),
      workers_(workers_wanted(asked)),
      shown_(where_),
      reason_(automatic_ ? "automatic: too few items to be worth a GPU" : "asked for"),
      logs_(log_wanted()),
      caller_takes_part_(where_ == backend::serial || !asked.initializer),
      fork_generation_(fork_generation()) {
  if (where_ == backend::serial) {
    initializer_ = asked.initializer;
  } else {
    pool_ = std::make_shared<thread_pool>(workers_, asked.initializer);
  }
}

engine::~engine() {
  // a forked child has none of the threads: joining them would wait for ever
  if (fork_generation_ != fork_generation()) {
    static_cast<void>(new std::shared_ptr<thread_pool>(std::move(pool_)));
  } else {
    shutdown(true, false);
  }
}

void engine::check() const {
  check_fork(fork_generation_);
  if (closed_.load(std::memory_order_relaxed))
    throw broken_executor("executor: used after it was shut down; make a new executor, or shut this one down later");
}

void engine::run_initializer() {
  if (!initializer_) return;
  try {
    std::call_once(initialized_, initializer_);
  } catch (...) {
    std::throw_with_nested(broken_executor("executor: the initializer failed; the nested exception tells why"));
  }
}

void engine::run(job& work, std::size_t participants) {
  run_initializer();
  if (pool_) {
    pool_->run(work, participants);
  } else {
    work.participate(0);
  }
}

void engine::start(task& work) {
  if (pool_) return pool_->submit(work);
  run_initializer();
  const exact_arithmetic exact;
  thread_pool::run_alone(work);
}

void engine::shutdown(bool wait, bool cancel_pending) {
  closed_.store(true, std::memory_order_relaxed);
  if (!pool_ || fork_generation_ != fork_generation()) return;
  if (cancel_pending) pool_->cancel_pending();
  pool_->close(wait);
}

void engine::request_stop() {
  std::stop_source stopped;
  {
    const std::lock_guard lock(stop_mutex_);
    std::swap(stopped, stop_);
    stops_.fetch_add(1, std::memory_order_relaxed);
  }
  stopped.request_stop();
  if (pool_) pool_->cancel_pending();
}

std::stop_token engine::token() const {
  const std::lock_guard lock(stop_mutex_);
  return stop_.get_token();
}

cuda::device_object* engine::gpu() {
  if (automatic_)
    std::call_once(gpu_sought_, [this] {
      no_gpu_ = cuda::driver::get().reason;
      try {
        if (cuda::driver::get().device_count > 0) gpu_ = &cuda::device_object::get(gpu_asked_);
      } catch (const backend_unavailable& e) {
        no_gpu_ = e.what();
      }
    });
  return gpu_;
}

void engine::present(backend where, std::string device) {
  shown_ = where;
  shown_device_ = std::move(device);
  reason_ = "started by mpiexec";
}

std::string engine::device() const {
  if (!shown_device_.empty()) return shown_device_;
  if (where_ == backend::serial) return "the calling thread";
  if (where_ == backend::gpu) return gpu_->name();
  return std::to_string(workers_) + (workers_ == 1 ? " worker" : " workers");
}

std::shared_ptr<engine> make_engine(const executor_options& asked) { return std::make_shared<engine>(asked); }
std::size_t workers_of(const engine& where) noexcept { return where.workers(); }

engine& checked(engine* where) {
  if (!where) throw broken_executor("executor: used after it was moved from; use the executor it was moved to");
  return *where;
}
void shut_down(engine& what, bool wait, bool cancel_pending) { what.shutdown(wait, cancel_pending); }
void request_stop(engine& what) {
  what.check();
  what.request_stop();
}

void start_task(engine* where, task& work) {
  check_quiet(where);
  where->start(work);
}

std::stop_token token_of(engine* where) {
  check_quiet(where);
  return where->token();
}

std::size_t items_ahead(const engine& where, const options& asked) noexcept {
  if (where.where() == backend::serial) return 1;  // computed when pulled
  return asked.buffer_size.value() != 0 ? asked.buffer_size.value() : 2 * where.workers();
}

later_options::later_options(const options& asked) : asked_(asked), made_(steady_nanoseconds()) {}

options later_options::left() const {
  options asked = asked_;
  if (asked.timeout) *asked.timeout -= std::chrono::nanoseconds(steady_nanoseconds() - made_);
  return asked;
}

bool check_quiet(const engine* where) {
  checked(const_cast<engine*>(where)).check();
  return !where->logs() && where->where() != backend::gpu;
}

}  // namespace foldgrid::detail
