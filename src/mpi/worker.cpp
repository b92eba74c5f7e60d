// SPDX-License-Identifier: MIT
// Opens jobs, runs their pieces on this rank's own executor, and listens for stops while it does.
#include "worker.hpp"

#include "common_values.hpp"
#include "protocol.hpp"

#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/detail/mpi_core.hpp>
#include <foldgrid/error.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

namespace foldgrid::detail::remote {
namespace {

using std::chrono::steady_clock;

constexpr double short_piece = 20e-6;  // seconds: results of such share a message

/// What a job needs for every piece, and the trouble there was in opening it.
class opened {
 public:
  opened(const head& front, byte_reader state) : code_(find_code(front.code)) {
    try {
      if (!code_ || code_check(front.code) != front.check)
        throw error(
            "this rank runs another build of the program, which does not have the function asked for; start the same file on every rank");
      state_ = code_->open(state);
    } catch (...) {
      trouble_ = std::current_exception();
    }
  }
  opened(const opened&) = delete;
  opened& operator=(const opened&) = delete;
  ~opened() {
    if (state_) code_->close(state_);
  }
  void run(remote_call& with, byte_reader in, byte_writer& out) const {
    if (trouble_) std::rethrow_exception(trouble_);
    code_->run(state_, with, in, out);
  }

 private:
  const travelling_code* code_;
  void* state_ = nullptr;
  std::exception_ptr trouble_;
};

class worker {
 public:
  worker(transport& line, int manager, const executor& local, const executor_options& options, bool crowded)
      : line_(line), manager_(manager), local_(local), on_threads_(options.workers.value() > 1 || options.initializer), crowded_(crowded) {}

  int serve() {
    std::jthread listener([this](const std::stop_token& end) { listen(end); });
    patience pause(crowded_);
    for (int from = 0;;) {
      message bytes;
      if (!line_.receive(from, bytes)) {
        line_.flush();
        hear_stops();
        pause.wait();
        continue;
      }
      pause.reset();
      const head front = head_of(bytes);
      switch (front.what) {
        case kind::open:
          jobs_.emplace(front.job, std::make_shared<opened>(front, body_of(bytes)));
          break;
        case kind::close:
          jobs_.erase(front.job);
          break;
        case kind::common:
          keep_common(front.job, std::move(bytes), sizeof(head));
          break;
        case kind::drop:
          drop_common(front.job);
          break;
        case kind::finish:
          local_.shutdown();
          while (!line_.idle()) pause.wait();
          return static_cast<int>(front.code);
        case kind::piece: {
          const auto job = jobs_.find(front.job);
          if (job == jobs_.end()) throw_no_message("of a job that was not opened");
          if (front.single && on_threads_) {
            start(front, job->second, std::move(bytes));
          } else {
            run(*job->second, bytes);
          }
          break;
        }
        default:
          throw_no_message("that only workers send");
      }
    }
  }

 private:
  /// A piece that runs, known by its work, until it is done.
  class running {
   public:
    running(worker& of, std::uint64_t work) : of_(of) {
      const std::lock_guard lock(of_.mutex_);
      if (of_.stopped_.contains(work)) stop_.request_stop();
      at_ = of_.running_.emplace(work, stop_);
      of_.busy_.fetch_add(1, std::memory_order_relaxed);
    }
    ~running() {
      const std::lock_guard lock(of_.mutex_);
      of_.running_.erase(at_);
      of_.busy_.fetch_sub(1, std::memory_order_relaxed);
    }
    std::stop_token token() const noexcept { return stop_.get_token(); }

   private:
    worker& of_;
    std::stop_source stop_;
    std::multimap<std::uint64_t, std::stop_source>::iterator at_;
  };

  /// As a task of its own. When no thread can take it, because the initializer failed, that is its answer.
  void start(const head& front, const std::shared_ptr<opened>& job, message&& bytes) {
    try {
      local_.submit([this, job, bytes = std::move(bytes)] { run(*job, bytes); }).on_done([this, front](const outcome<void>& begun) {
        if (!begun.has_value()) answer_failure(front, begun.error());
      });
    } catch (...) {
      answer_failure(front, std::current_exception());
    }
  }
  void answer_failure(head front, const std::exception_ptr& why) {
    byte_writer out = with_head(front);
    fail(front, out, why);
    set_head(out, front);
    line_.send(manager_, std::move(out.bytes()));
  }

  void run(const opened& job, const message& bytes) {
    head front = head_of(bytes);
    byte_writer out = with_head(front);
    const auto began = steady_clock::now();
    try {
      const running here(*this, front.work);
      remote_call with{local_, front.first, front.count, front.width, {}};
      with.told.stop = here.token();
      with.told.fail_fast = front.fail_fast;
      if (front.task_timeout >= 0) with.told.task_timeout = std::chrono::duration<double>(front.task_timeout);
      front.what = kind::value;
      const exact_arithmetic exact;
      job.run(with, body_of(bytes), out);
    } catch (...) {
      fail(front, out, std::current_exception());
    }
    front.seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
    set_head(out, front);
    if (front.seconds > short_piece || front.single) {
      line_.send(manager_, std::move(out.bytes()));
    } else {  // the next is there already, mostly
      line_.post(manager_, std::move(out.bytes()));
    }
  }

  /// What a task threw travels as it is; of a verb's piece the item's error, and whether it was stopped.
  static void fail(head& front, byte_writer& out, std::exception_ptr why) {
    out.bytes().resize(sizeof(head));
    front.what = kind::broken;
    try {
      if (!front.single) std::rethrow_exception(why);
    } catch (const task_error& e) {
      front.what = kind::failed;
      front.index = e.index();
      if (e.nested_ptr()) why = e.nested_ptr();
    } catch (const cancelled_error&) {
      front.what = kind::stopped;
    } catch (...) {
    }
    write_exception(out, why);
  }

  void hear_stops() {
    for (std::size_t work = 0; line_.receive_signal(work);) {
      std::vector<std::stop_source> stop;
      {
        const std::lock_guard lock(mutex_);
        stopped_.insert(work);
        for (auto [at, end] = running_.equal_range(work); at != end; ++at) stop.push_back(at->second);
      }
      for (std::stop_source& each : stop) each.request_stop();
    }
  }

  /// While a piece runs nobody else looks.
  void listen(const std::stop_token& end) {
    while (!end.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      line_.flush();  // results of short pieces behind which a long one runs
      if (busy_.load(std::memory_order_relaxed) != 0) hear_stops();
    }
  }

  transport& line_;
  int manager_;
  const executor& local_;
  bool on_threads_, crowded_;
  std::map<std::uint64_t, std::shared_ptr<opened>> jobs_;
  std::mutex mutex_;
  std::multimap<std::uint64_t, std::stop_source> running_;
  std::unordered_set<std::uint64_t> stopped_;
  std::atomic<int> busy_ = 0;
};

}  // namespace

int serve(transport& line, int manager, const executor& local, const executor_options& options, bool crowded) {
  try {
    return worker(line, manager, local, options, crowded).serve();
  } catch (const std::exception& e) {  // the manager waits for answers that nobody would give
    std::fprintf(stderr, "foldgrid: %s\n", e.what());
    MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    throw;
  }
}

}  // namespace foldgrid::detail::remote
