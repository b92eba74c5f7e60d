// SPDX-License-Identifier: MIT
// The errors of foldgrid: one base, few kinds; misuse is std::invalid_argument.
#pragma once

#include <foldgrid/detail/build.hpp>

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>

namespace foldgrid {

/// Base of everything foldgrid throws but misuse (std::invalid_argument) and the caller's own exceptions.
class FOLDGRID_API error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  ~error() override;
};

/// Trouble reported by a function body through foldgrid::fail(code); on the host it travels as this exception.
class FOLDGRID_API failure : public error {
 public:
  explicit failure(int code);
  ~failure() override;
  /// The number given to fail().
  int code() const noexcept { return code_; }

 private:
  int code_;
};

/// A function or operator threw in a data-parallel verb. Carries the smallest failing index, whatever the timing; the
/// original exception is nested (std::rethrow_if_nested).
class FOLDGRID_API task_error : public error, public std::nested_exception {
 public:
  /// Nests the exception being handled, when there is one.
  task_error(const std::string& what, std::size_t index, int code = 0);
  ~task_error() override;
  /// Index of the item; in a reduce, of the first element of the failing node.
  std::size_t index() const noexcept { return index_; }
  /// The number given to fail(), 0 for any other exception.
  int code() const noexcept { return code_; }

 private:
  std::size_t index_;
  int code_;
};

/// A `timeout` or `task_timeout` option ran out.
class FOLDGRID_API timeout_error : public error {
 public:
  using error::error;
  ~timeout_error() override;
};

/// The `stop` option was triggered, or the work was cancelled.
class FOLDGRID_API cancelled_error : public error {
 public:
  using error::error;
  ~cancelled_error() override;
};

/// The executor can no longer be used: moved from, shut down, forked, its initializer failed or its device was lost.
class FOLDGRID_API broken_executor : public error {
 public:
  using error::error;
  ~broken_executor() override;
};

/// The backend asked for is not there; the message says why and what to do.
class FOLDGRID_API backend_unavailable : public error {
 public:
  using error::error;
  ~backend_unavailable() override;
};

/// Reports trouble from inside a function body: `if (x < 0) return fg::fail(3), 0.0;`.
/// On the host it throws `failure`; the verb then raises `task_error` with that code.
[[noreturn]] FOLDGRID_API void fail(int code);

}  // namespace foldgrid
