// SPDX-License-Identifier: MIT
// The pool's one mutex guards all of its state; what is hot (claiming chunks) happens outside, in the jobs.
#include "thread_pool.hpp"

#include "cores.hpp"

#include <foldgrid/error.hpp>

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

namespace foldgrid::detail {
namespace {

thread_local thread_pool* pool_of_this_thread = nullptr;

constexpr auto spin_time = std::chrono::microseconds(100);

void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Waits a little for a condition that is likely to come true soon; tells whether it did.
template <class Condition>
bool spin_until(Condition done) noexcept {
  const auto end = std::chrono::steady_clock::now() + spin_time;
  do {
    for (int i = 0; i < 32; ++i) {
      if (done()) return true;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  return done();
}

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

thread_pool::thread_pool(std::size_t workers, std::function<void()> initializer)
    : workers_(workers), initializer_(std::move(initializer)), spins_(workers <= usable_cores()) {}

thread_pool::~thread_pool() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  while (wake_one()) {
  }
}

void thread_pool::run(job& work, std::size_t participants) {
  const bool takes_part = !initializer_ || pool_of_this_thread == this;
  const std::size_t helpers = std::min(participants, workers_) - (takes_part ? 1 : 0);
  if (helpers > 0) {
    std::unique_lock lock(mutex_);
    if (broken_) std::rethrow_exception(broken_);
    callers_core_.store(sched_getcpu(), std::memory_order_relaxed);
    work.wanted_ = helpers;
    (last_ ? last_->next_ : first_) = &work;
    last_ = &work;
    open_.fetch_add(1, std::memory_order_relaxed);
    start_threads();
    if (spinning_ < helpers) wake_one();  // who wakes up wakes the next
  }
  if (takes_part) {
    work.participate(0);
    if (helpers == 0) return;
  }
  if (!takes_part && pool_of_this_thread) pool_of_this_thread->worker_waits_elsewhere();
  const auto nobody_attached = [&] { return work.attached_.load(std::memory_order_acquire) == 0; };
  std::unique_lock lock(mutex_);
  if (takes_part) {
    unlink(work);  // all claimed: those attached finish soon
    if (spins_ && !nobody_attached()) {
      lock.unlock();
      spin_until(nobody_attached);
      lock.lock();
    }
  }
  // a caller that takes no part waits until a helper has found the work all claimed: nothing is wanted from then on
  work.left_.wait(lock, [&] { return (work.wanted_ == 0 && nobody_attached()) || broken_; });
  if (broken_) {
    unlink(work);
    work.left_.wait(lock, nobody_attached);
  }
  const std::exception_ptr broken = broken_;
  lock.unlock();
  if (!takes_part && pool_of_this_thread) pool_of_this_thread->worker_is_back();
  if (broken) std::rethrow_exception(broken);
}

std::size_t thread_pool::helpers_at_once() const noexcept { return workers_ - (initializer_ ? 0 : 1) + waiting_elsewhere_; }

void thread_pool::worker_waits_elsewhere() {
  const std::lock_guard lock(mutex_);
  ++waiting_elsewhere_;
  if (!first_) return;
  start_threads();
  wake_one();
}

void thread_pool::worker_is_back() noexcept {
  const std::lock_guard lock(mutex_);
  --waiting_elsewhere_;
}

void thread_pool::unlink(job& work) noexcept {
  if (work.wanted_ == 0) return;
  work.wanted_ = 0;
  open_.fetch_sub(1, std::memory_order_relaxed);
  job* before = nullptr;
  for (job* at = first_; at != &work; at = at->next_) before = at;
  (before ? before->next_ : first_) = work.next_;
  if (last_ == &work) last_ = before;
}

void thread_pool::start_threads() {
  const std::size_t idle = sleeping_ + spinning_;
  std::size_t wanted = 0;
  for (const job* at = first_; at; at = at->next_) wanted += at->wanted_;
  for (std::size_t missing = wanted > idle ? wanted - idle : 0; missing > 0 && threads_.size() < helpers_at_once(); --missing) {
    try {
      threads_.emplace_back([this, seat = threads_.size() + 1] { this->work(seat); });
    } catch (const std::system_error& e) {
      if (!threads_.empty()) return;  // the caller and the threads there are do all the work, only slower
      if (!initializer_) return;
      throw broken_executor("executor: asked for " + std::to_string(workers_) + " workers, the system starts no thread (" + e.what() +
                            "); ask for fewer workers or raise the limit on threads");
    }
  }
}

bool thread_pool::initialize() noexcept {
  if (!initializer_) return true;
  try {
    initializer_();
    return true;
  } catch (...) {
    std::exception_ptr broken;
    try {
      std::throw_with_nested(broken_executor("executor: the initializer failed in a worker; the nested exception tells why"));
    } catch (...) {
      broken = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    if (!broken_) broken_ = broken;
    for (job* at = first_; at; at = at->next_) at->left_.notify_all();
    return false;
  }
}

void thread_pool::sleep(std::unique_lock<std::mutex>& lock) {
  sleeper self;
  self.next = std::exchange(sleepers_, &self);
  ++sleeping_;
  self.woken.wait(lock, [&] { return !self.asleep; });
  --sleeping_;
}

/// Tells whether there was a worker to wake.
bool thread_pool::wake_one() noexcept {
  if (sleepers_ == nullptr) return false;
  sleeper& last = *std::exchange(sleepers_, sleepers_->next);
  last.asleep = false;
  last.woken.notify_one();
  return true;
}

/// The oldest job that wants a helper, which the calling worker is then; null when the pool stops.
job* thread_pool::next_job(std::unique_lock<std::mutex>& lock) {
  bool spun = !spins_;
  away_from_core away;
  while (!first_ || helping_ >= helpers_at_once()) {
    if (!first_ && stopping_) return nullptr;
    if (!spun) {
      ++spinning_;
      lock.unlock();
      if (!spin_until([this] { return open_.load(std::memory_order_relaxed) != 0; }))
        away.begin(callers_core_.load(std::memory_order_relaxed));
      lock.lock();
      --spinning_;
      spun = true;
    } else {
      sleep(lock);
      if (!spins_) continue;
      lock.unlock();
      away.end();
      lock.lock();
      spun = false;  // who woke up too late is likely to be wanted soon
    }
  }
  job* const found = first_;
  ++helping_;
  found->attached_.fetch_add(1, std::memory_order_relaxed);
  if (found->wanted_ == 1) {
    unlink(*found);
  } else {
    --found->wanted_;
  }
  if (first_) wake_one();
  return found;
}

void thread_pool::work(std::size_t seat) {
  pool_of_this_thread = this;
  if (!initialize()) return;
  std::unique_lock lock(mutex_);
  while (job* const found = next_job(lock)) {
    lock.unlock();
    found->participate(seat);
    lock.lock();
    --helping_;
    unlink(*found);  // its work is all claimed
    if (found->attached_.fetch_sub(1, std::memory_order_release) == 1) found->left_.notify_all();
  }
}

}  // namespace foldgrid::detail
