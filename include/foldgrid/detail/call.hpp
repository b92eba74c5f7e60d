// SPDX-License-Identifier: MIT
// One call of a verb as the compiled core sees it: items, chunks, errors, options; bytes and indices, never user types.
#pragma once

#include <foldgrid/detail/spin_lock.hpp>
#include <foldgrid/error.hpp>
#include <foldgrid/options.hpp>

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace foldgrid::detail {

class engine;
class item_watcher;
class kernel_text;

/// Makes what an executor runs on; see the constructor of executor for what it throws.
FOLDGRID_API std::shared_ptr<engine> make_engine(const executor_options& asked);
/// Workers of the engine.
FOLDGRID_API std::size_t workers_of(const engine& where) noexcept;
/// Throws broken_executor when there is none: its executor was moved from.
FOLDGRID_API engine& checked(engine* where);
FOLDGRID_API void shut_down(engine& what, bool wait, bool cancel_pending);
FOLDGRID_API void request_stop(engine& what);
/// Throws broken_executor when the engine cannot be used; tells whether calls leave no trace, neither log nor report.
FOLDGRID_API bool check_quiet(const engine* where);

/// Where one participant of a loop takes its chunks from.
class chunk_source {
 public:
  /// The next chunk [first, last) is this participant's; false when there is none left, or the call has ended.
  virtual bool next(std::size_t& first, std::size_t& last) noexcept = 0;

 protected:
  ~chunk_source() = default;
};

/// Reference to what a loop runs on each participant: a callable void(chunk_source&), or void(first, last) for every chunk.
class loop_body {
 public:
  template <class F>
    requires(!std::same_as<std::remove_const_t<F>, loop_body>)
  loop_body(F& f) noexcept  // implicit: a lambda is passed where a body is wanted
      : object_(std::addressof(f)), run_([](void* object, chunk_source& chunks) {
          F& body = *static_cast<F*>(object);
          if constexpr (std::invocable<F&, chunk_source&>) {
            body(chunks);
          } else {
            for (std::size_t first, last; chunks.next(first, last);) body(first, last);
          }
        }) {}
  void operator()(chunk_source& chunks) const { run_(object_, chunks); }

 private:
  void* object_;
  void (*run_)(void*, chunk_source&);
};

/// Where a loop may be cut into chunks.
enum class cut {
  anywhere,
  at_nodes,               ///< anywhere, but better at multiples of high powers of two: few nodes of the tree cover a chunk then
  at_nodes_in_any_order,  ///< and from the last to the first as well
};

/// What a call that stays on the CPU teaches about its function, see src/gpu/placement.cpp.
struct timed_work {
  kernel_text (*text)() = nullptr;
  std::uint64_t state = 0;
  std::size_t n = 0, bytes_moved = 0;
};

/// A call of one verb: it checks the options, runs one or more loops on the engine, keeps the error of the smallest
/// failing index, and reports. Lives on the caller's stack; the loops' bodies may use it from any thread.
class FOLDGRID_API call {
 public:
  static constexpr std::size_t unknown = std::numeric_limits<std::size_t>::max();

  /// `items` is what progress counts, `unknown` for a stream. Throws std::invalid_argument for options that make no
  /// sense and broken_executor for an engine that cannot be used. The options must outlive the call.
  call(engine* where, const char* verb, const options& asked, std::size_t items);
  call(const call&) = delete;
  call& operator=(const call&) = delete;
  /// Fills the report and writes the log line.
  ~call();

  /// Runs the body over [0, size) on the workers; `grain` is the least chunk worth a thread, `items_each` how many items
  /// one index stands for. Each worker begins in a part of its own and then helps the others; chunks are claimed in
  /// the order that `where` says within a part and sized by measuring, unless the option says how. Blocks. A call that has ended (abort,
  /// stop, timeout) starts nothing more: finish() then throws.
  void loop(std::size_t size, cut where, std::size_t grain, loop_body body, std::size_t items_each = 1);

  /// Runs f() as a loop of one: where the loops run, with their arithmetic, and not when the call has ended.
  template <class F>
  void once(F&& f) {
    auto body = [&](std::size_t, std::size_t) { f(); };
    loop(1, cut::anywhere, 1, body, 0);
  }

  /// Records the exception being handled as the failure of item `index`; the smallest index wins. Arrays of
  /// unequal length are misuse, not a failure: they abort the call. `where` follows "failed" in the message.
  void fail(std::size_t index, std::string_view where = {}) noexcept;
  /// Ends the call with the exception given: trouble of a source or a callback, not of an item.
  void abort(std::exception_ptr why) noexcept;
  /// True when a chunk that met a failure need not go on.
  bool gives_up() const noexcept {
    return ended_.load(std::memory_order_relaxed) || (asked_.fail_fast && failed_index_.load(std::memory_order_relaxed) != unknown);
  }
  /// True when the call was ended by abort().
  bool aborted() const noexcept { return ended_.load(std::memory_order_relaxed); }
  /// True when nothing new may start: gives_up(), stopped or out of time.
  bool over() const noexcept;

  /// Counts work done and calls the progress callback.
  void advance(std::size_t items) noexcept;
  /// The same without throwing for `stop`, `timeout` and failures: what has been computed is kept. Gives the error of what was not begun.
  std::exception_ptr finish_early();
  /// The error of what was not begun because another item failed (fail_fast).
  std::exception_ptr not_begun() const;
  /// The item count of a stream, when it turns out; std::invalid_argument when it is not the expected total.
  void counted(std::size_t items);
  /// Ends the call: throws what ended it, in this order the error given to abort(), task_error of the smallest failing
  /// index, cancelled_error, timeout_error. If all is well, calls the progress callback a last time.
  void finish();

  /// True when items are timed one by one (task_timeout).
  bool watches_items() const noexcept { return asked_.task_timeout.has_value(); }
  /// Before functions run that take a token: has it stopped by the option `stop` and by the executor's request_stop().
  void link_token();
  /// The token that functions see which take one.
  const std::stop_token& token() const noexcept { return token_; }
  bool sync() const noexcept { return asked_.sync; }
  std::size_t workers() const noexcept { return workers_of(engine_); }
  const char* verb() const noexcept { return verb_; }
  engine& where() const noexcept { return engine_; }
  /// True when somebody reads what the call tells: its report or the log.
  bool tells() const noexcept;
  /// True when advance() calls the user's code.
  bool tells_progress() const noexcept { return static_cast<bool>(asked_.progress); }
  /// What the report says when the work was not done where the executor is, or for another reason.
  void ran(backend where, std::string device, std::string reason);
  /// What the report of an automatic executor says: functions, operators or elements of this call are unknown to a GPU.
  void cannot_leave() noexcept { cannot_leave_ = true; }
  /// What the report says when the work is done by the CPU's workers wherever the executor is.
  void on_workers();
  /// Has took(work, workers, seconds) called when the call ends well.
  void when_done(void (*took)(const timed_work& work, std::size_t workers, double seconds) noexcept, const timed_work& work) noexcept;
  /// What the report says of the time it took.
  void took(double copy_seconds, double compute_seconds) noexcept {
    copy_seconds_ = copy_seconds;
    compute_seconds_ = compute_seconds;
  }
  /// What the report says of data moved.
  void moved(std::size_t bytes_in, std::size_t bytes_out) noexcept {
    bytes_in_ = bytes_in;
    bytes_out_ = bytes_out;
  }

 private:
  friend class loop_job;
  friend class item_watch;
  struct place {
    backend where;
    std::string device, reason;
  };

  engine& engine_;
  const char* verb_;
  const options& asked_;
  std::size_t items_;
  std::size_t bytes_in_ = 0, bytes_out_ = 0;
  std::optional<place> ran_;
  double copy_seconds_ = 0, compute_seconds_ = -1;  // negative: all of the call's time
  std::int64_t started_ = 0;                        // nanoseconds of the steady clock, 0 when nobody asks for the time
  std::int64_t deadline_ = 0;                       // the same, 0 for none
  void (*timed_by_)(const timed_work&, std::size_t, double) noexcept = nullptr;
  timed_work timed_;
  std::atomic<std::size_t> done_ = 0;
  std::size_t reported_ = 0;
  spin_lock reporting_;
  std::atomic<bool> ended_ = false;
  std::atomic<std::size_t> failed_index_ = unknown;
  spin_lock error_lock_;
  std::exception_ptr failure_, abort_;
  std::string failed_where_;
  std::unique_ptr<item_watcher> watcher_;
  bool on_workers_ = false, cannot_leave_ = false;
  unsigned stops_;  // of the engine, when the call began
  std::stop_token token_;
  struct linked_stop;
  std::unique_ptr<linked_stop> linked_;

  bool stop_requested() const noexcept;

  std::size_t progress_total() const noexcept;
  bool time_is_up() const noexcept;
};

/// task_error of that item, with `why` nested; `where` follows "failed" in the message.
[[noreturn]] FOLDGRID_API void throw_failed_item(const char* verb, std::size_t index, const std::string& where,
                                                 const std::exception_ptr& why);

/// A verb's own time limit has passed.
class FOLDGRID_API out_of_time : public timeout_error {
 public:
  out_of_time(const char* verb, std::chrono::duration<double> limit);
  ~out_of_time() override;
};

/// Trouble of a source, not of the function applied to it: verbs deliver the original.
struct source_error {
  std::exception_ptr original;
};

/// Times one item while its function runs (option task_timeout); made and ended on the thread that runs the item.
class FOLDGRID_API item_watch {
 public:
  item_watch(call& of, std::size_t index);
  item_watch(const item_watch&) = delete;
  item_watch& operator=(const item_watch&) = delete;
  ~item_watch();
  /// Stopped when the item runs too long, or the call is stopped.
  std::stop_token token() const noexcept { return source_.get_token(); }
  /// Throws timeout_error when the item ran too long.
  void check();
  /// compute(token()), or timeout_error when that took too long.
  template <class Compute>
  auto run(Compute&& compute) {
    using Result = std::decay_t<decltype(compute(token()))>;
    try {
      if constexpr (std::is_void_v<Result>) {
        compute(token());
        check();
      } else {
        Result result = compute(token());
        check();
        return result;
      }
    } catch (const source_error&) {
      throw;
    } catch (...) {
      check();
      throw;
    }
  }

 private:
  friend class item_watcher;
  call& call_;
  std::size_t index_;
  std::int64_t started_;
  std::stop_source source_;
  item_watch* next_ = nullptr;
  item_watch* previous_ = nullptr;
  struct forward_stop {
    std::stop_source source;
    void operator()() { source.request_stop(); }
  };
  std::stop_callback<forward_stop> forward_;
};

}  // namespace foldgrid::detail
