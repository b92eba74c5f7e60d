// SPDX-License-Identifier: MIT
// The workers: how they are started, what they do next, how they sleep and end.
#include "thread_pool.hpp"

#include "cores.hpp"
#include "forks.hpp"
#include "spinning.hpp"

#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/error.hpp>

#include <sched.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

namespace foldgrid::detail {
namespace {

/// A virtual machine may wake a worker on the core of the thread that asked for it while others are idle, and the two
/// then take turns. So a worker that goes to sleep keeps away from the core that last asked, until it is awake again.
class away_from_core {
 public:
  away_from_core() = default;
  away_from_core(const away_from_core&) = delete;
  away_from_core& operator=(const away_from_core&) = delete;
  ~away_from_core() { end(); }

  void begin(int core) noexcept {
    if (away_ || core < 0 || core >= CPU_SETSIZE || sched_getaffinity(0, sizeof before_, &before_) != 0) return;
    cpu_set_t others = before_;
    CPU_CLR(core, &others);
    away_ = CPU_COUNT(&others) > 0 && sched_setaffinity(0, sizeof others, &others) == 0;
  }
  void end() noexcept {
    if (away_) sched_setaffinity(0, sizeof before_, &before_);
    away_ = false;
  }

 private:
  bool away_ = false;
  cpu_set_t before_;
};

}  // namespace

worker_context& this_worker() noexcept {
  thread_local worker_context context;
  return context;
}

thread_pool::thread_pool(std::size_t workers, std::function<void()> initializer)
    : workers_(workers),
      initializer_(std::move(initializer)),
      spinners_(std::min(workers, usable_cores() - (workers > usable_cores() ? 1 : 0))),
      fork_generation_(fork_generation()) {}

thread_pool::~thread_pool() {
  cancel_pending();  // what was submitted too late
  for (std::jthread& each : threads_)
    if (each.get_id() == std::this_thread::get_id()) each.detach();  // a worker let go of the pool last
}

void thread_pool::close(bool wait) {
  {
    const std::lock_guard lock(mutex_);
    closed_.store(true, std::memory_order_seq_cst);
    while (wake_one()) {
    }
  }
  if (!wait || this_worker().works_for(this)) return;
  const waiting_elsewhere elsewhere(this);
  std::unique_lock lock(mutex_);
  gone_.wait(lock, [this] { return alive_.load(std::memory_order_relaxed) == 0; });
  std::vector<std::jthread> ended = std::move(threads_);  // joined without the lock, by the first to come
  threads_.clear();
  lock.unlock();
}

void thread_pool::check_fork_of(const task& of) {
  if (pool_of(of)) check_fork(of.fork_generation_.load(std::memory_order_relaxed));
}

/// False when the system starts no thread. Needs the mutex.
bool thread_pool::start_thread() {
  try {
    threads_.emplace_back([self = shared_from_this(), seat = threads_.size() + 1] { self->work(seat); });
    alive_.fetch_add(1, std::memory_order_relaxed);
    return true;
  } catch (const std::system_error& e) {
    if (alive_.load(std::memory_order_relaxed) != 0) return false;  // those there do all the work, only slower
    throw broken_executor("executor: asked for " + std::to_string(workers_) + " workers, the system starts no thread (" + e.what() +
                          "); ask for fewer workers or raise the limit on threads");
  }
}

bool thread_pool::initialize() noexcept {
  if (!initializer_) return true;
  try {
    initializer_();
    return true;
  } catch (...) {
    try {
      std::throw_with_nested(broken_executor("executor: the initializer failed in a worker; the nested exception tells why"));
    } catch (...) {
      break_with(std::current_exception());
    }
    return false;
  }
}

void thread_pool::break_with(std::exception_ptr why) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (!broken_) broken_ = std::move(why);
    is_broken_.store(true, std::memory_order_seq_cst);
    for (job* at = first_; at; at = at->next_) at->left_.notify_all();
  }
  while (!tasks_.empty())
    if (task* const waiting = tasks_.pop()) {
      if (waiting->claim()) waiting->drop(broken_, task::failed);
      waiting->release();
    }
}

/// Tells whether there was a worker to wake. Needs the mutex.
bool thread_pool::wake_one(bool for_task) noexcept {
  if (sleepers_ == nullptr) return false;
  sleeper& last = *std::exchange(sleepers_, sleepers_->next);
  sleeping_.fetch_sub(1, std::memory_order_relaxed);
  last.asleep = false;
  last.for_task = for_task;
  if (for_task) roused_.fetch_add(1, std::memory_order_relaxed);
  last.woken.notify_one();
  return true;
}

/// False when the pool is closed and nothing is left to do. First keeps awake a little, when asked to `spin`: not twice in a row, for
/// what keeps it awake may be no work for it.
bool thread_pool::wait_for_work(bool& spin) {
  if (spin && spinning_.load(std::memory_order_relaxed) < spinners_) {
    spinning_.fetch_add(1, std::memory_order_seq_cst);
    // who submits tasks one after another is not disturbed for each of them
    const bool found = spin_until([this] { return open_.load(std::memory_order_relaxed) != 0; }, [this] { return !tasks_.empty(); });
    spinning_.fetch_sub(1, std::memory_order_seq_cst);
    spin = false;
    if (found) return true;
  }
  spin = true;
  away_from_core away;
  if (has_cores()) away.begin(callers_core_.load(std::memory_order_relaxed));
  std::unique_lock lock(mutex_);
  sleeper self;
  self.next = std::exchange(sleepers_, &self);
  sleeping_.fetch_add(1, std::memory_order_seq_cst);
  // who came before saw nobody asleep, and has woken nobody
  const bool work_left = !tasks_.empty() || (first_ && helping_ < helpers_at_once());
  if (work_left || closed_.load(std::memory_order_relaxed)) {
    sleepers_ = self.next;
    sleeping_.fetch_sub(1, std::memory_order_relaxed);
    return work_left;
  }
  self.woken.wait(lock, [&] { return !self.asleep; });
  if (self.for_task) roused_.fetch_sub(1, std::memory_order_seq_cst);  // and looks for tasks next
  return true;
}

void thread_pool::work(std::size_t seat) {
  const working_for context(this, nullptr);
  this_worker().home = this;
  const exact_arithmetic exact;
  if (initialize()) {
    bool waited = true, spin = true;
    do {
      bool task_first = true;  // then in turns, so that neither tasks nor jobs keep the others waiting
      while (!retires() && (task_first ? run_next_task(waited) || help_next_job(seat) : help_next_job(seat) || run_next_task(waited))) {
        task_first = !task_first;
        waited = false;
        spin = true;
      }
      waited = true;
    } while (!retires() && wait_for_work(spin));
    wake_next();  // what this one was woken for, if it retires
  }
  const std::lock_guard lock(mutex_);
  if (this_worker().home) alive_.fetch_sub(1, std::memory_order_relaxed);
  if (alive_.load(std::memory_order_relaxed) == 0) gone_.notify_all();
}

/// More threads may be started: there are less than workers, and others in place of those that wait elsewhere.
bool thread_pool::lacks_threads() const noexcept {
  return alive_.load(std::memory_order_relaxed) < workers_ + waiting_elsewhere_.load(std::memory_order_relaxed);
}

/// True, once, for a thread that took the place of one that is back.
bool thread_pool::retires() noexcept {
  const auto too_many = [this] {
    return alive_.load(std::memory_order_relaxed) > workers_ + waiting_elsewhere_.load(std::memory_order_relaxed);
  };
  if (!too_many() || !this_worker().home) return !this_worker().home;
  const std::lock_guard lock(mutex_);
  if (!too_many()) return false;
  alive_.fetch_sub(1, std::memory_order_relaxed);
  this_worker().home = nullptr;
  for (auto at = threads_.begin(); at != threads_.end(); ++at)
    if (at->get_id() == std::this_thread::get_id()) {
      at->detach();
      threads_.erase(at);
      break;
    }
  return true;
}

}  // namespace foldgrid::detail
