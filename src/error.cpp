// SPDX-License-Identifier: MIT
// The error classes' out-of-line parts; their destructors anchor the type information in the library.
#include <foldgrid/error.hpp>

namespace foldgrid {

error::~error() = default;
failure::~failure() = default;
task_error::~task_error() = default;
timeout_error::~timeout_error() = default;
cancelled_error::~cancelled_error() = default;
broken_executor::~broken_executor() = default;
backend_unavailable::~backend_unavailable() = default;

failure::failure(int code) : error("the function reported trouble: fail(" + std::to_string(code) + ")"), code_(code) {}

task_error::task_error(const std::string& what, std::size_t index, int code) : error(what), index_(index), code_(code) {}

void fail(int code) { throw failure(code); }

}  // namespace foldgrid
