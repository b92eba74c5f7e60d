// SPDX-License-Identifier: MIT
// The compiled core of the MPI executor as its verbs see it: work cut into pieces, bytes there and back, errors.
#pragma once

#include <foldgrid/detail/call.hpp>
#include <foldgrid/detail/travelling_code.hpp>
#include <foldgrid/executor.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <stop_token>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace foldgrid::detail {

/// On the rank that works: what a piece of work is about, and where to run it.
struct remote_call {
  const executor& local;
  std::size_t first, count;
  std::size_t width;  ///< elements that one index stands for
  options told;
};

namespace remote {

/// The ranks of one executor, seen from the one that manages them.
class ranks;

/// What comes back of a piece: bytes, or an error of one of its items (`index`, counted within the piece), or of all (`whole`).
struct reply {
  int rank = 0;
  std::string host;
  byte_reader in;
  std::exception_ptr error;
  std::size_t index = 0;
  bool whole = false;
  bool cancelled = false;
};

/// What workers need for every piece of one piece of work; sent to a worker with the first piece it gets. Workers forget it when the last
/// reference is gone.
class FOLDGRID_API job {
 public:
  /// std::invalid_argument when the code was registered in another copy of the library than the one that started the ranks.
  job(std::shared_ptr<ranks> where, code_number code, byte_writer&& state);
  job(const job&) = delete;
  job& operator=(const job&) = delete;
  ~job();
  ranks& where() const noexcept { return *where_; }

 private:
  friend class ranks;
  std::shared_ptr<ranks> where_;
  std::uint32_t code_, check_;
  std::uint64_t number_;
  byte_writer state_;
};

/// Work in pieces. Its functions are called by the thread that talks to the other ranks, one at a time.
class FOLDGRID_API pieces {
 public:
  pieces(const job& what, std::size_t size, std::size_t each, std::size_t width = 1) noexcept
      : job_(what), size_(size), each_(each), width_(width) {}
  pieces(const pieces&) = delete;
  pieces& operator=(const pieces&) = delete;
  const job& about() const noexcept { return job_; }

  /// The elements of a piece that travel. Trouble goes to the call, and ends it.
  virtual void write(std::size_t first, std::size_t count, byte_writer& out) = 0;
  virtual void done(std::size_t first, std::size_t count, reply& what) = 0;
  /// Trouble of write() and done() themselves.
  virtual void trouble(std::exception_ptr why) noexcept = 0;
  /// Nothing new shall start, and what runs be told to stop.
  virtual bool over() const noexcept = 0;

 protected:
  ~pieces() = default;
  friend class ranks;
  const job& job_;
  const std::size_t size_, each_, width_;
  bool single_ = false;       ///< one task of many, which takes one thread
  bool fail_fast_ = false;    ///< told to the workers
  double task_timeout_ = -1;  ///< the same; seconds, negative for none
};

/// All pieces of the work, in the order of their indices, on the workers; blocks.
FOLDGRID_API void run(pieces& work);
/// Number of ranks that work, and of threads they have in all.
FOLDGRID_API std::size_t workers_of(const ranks& where) noexcept;
FOLDGRID_API std::size_t threads_of(const ranks& where) noexcept;
/// What reports say of where the work was done.
FOLDGRID_API std::string describe(const ranks& where);
/// The engine whose threads wait for single tasks on other ranks.
FOLDGRID_API const std::shared_ptr<engine>& engine_of(const ranks& where) noexcept;

/// std::invalid_argument, naming the callable, when its bytes hold the address of something on the stack, the heap or in writable data:
/// that is somewhere else in another process. FOLDGRID_MPI_CHECK=off in the environment turns it off.
FOLDGRID_API void check_closure(const char* verb, const char* name, const void* bytes, std::size_t size);

/// The exception, with another one nested in it, which may be null.
template <class E>
std::exception_ptr nesting(const std::exception_ptr& nested, E&& what) {
  if (!nested) return std::make_exception_ptr(std::forward<E>(what));
  try {
    std::rethrow_exception(nested);
  } catch (...) {
    try {
      std::throw_with_nested(std::forward<E>(what));
    } catch (...) {
      return std::current_exception();
    }
  }
}
/// True for an E, and for what std::throw_with_nested makes of one.
template <class E>
bool is_exactly(const E& what) {
  if (typeid(what) == typeid(E)) return true;
  if constexpr (!std::is_final_v<E> && !std::is_base_of_v<std::nested_exception, E>) {
    if (!dynamic_cast<const std::nested_exception*>(std::addressof(what))) return false;
    try {
      std::throw_with_nested(E(what));
    } catch (const E& other) {
      return typeid(other) == typeid(what);
    }
  }
  return false;
}
/// Calls write(e) when exactly an E was thrown, and tells whether it was.
template <class E, class Write>
bool write_exactly(const std::exception_ptr& what, Write&& write) {
  try {
    std::rethrow_exception(what);
  } catch (const E& e) {
    if (!is_exactly(e)) return false;
    write(e);
    return true;
  } catch (...) {
    return false;
  }
}

/// How an exception travels: its number, or what it says; and the same of the one nested in it.
struct exception_form {
  const std::type_info* type;
  bool (*write)(const std::exception_ptr& what, byte_writer& out);  ///< false when it is of another type
  std::exception_ptr (*read)(byte_reader& in, const std::exception_ptr& nested);
};
FOLDGRID_API std::uint32_t register_exception(const exception_form& form);
/// In a handler of what the writing of a result threw: foldgrid::error that tells so and of what type it was, with the original nested.
[[noreturn]] FOLDGRID_API void throw_unwritten(const char* type);
FOLDGRID_API void write_exception(byte_writer& out, const std::exception_ptr& what);
FOLDGRID_API std::exception_ptr read_exception(byte_reader& in);

/// One task on any worker; blocks. Stopping is forwarded while it runs.
FOLDGRID_API void run_single(const job& what, byte_writer&& arguments, const std::stop_token& token, void (*done)(void* to, reply& what),
                             void* to);

}  // namespace remote
}  // namespace foldgrid::detail
