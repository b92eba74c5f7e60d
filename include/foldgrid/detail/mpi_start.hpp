// SPDX-License-Identifier: MIT
// How an MPI executor comes into being: by a launcher, or on somebody's communicator.
#pragma once

#include <foldgrid/detail/mpi_core.hpp>
#include <foldgrid/options.hpp>

#include <functional>
#include <memory>

namespace foldgrid::detail::remote {

/// Calls `body` on the manager: with its ranks, or with null when the program is alone. Gives the exit status of every rank.
FOLDGRID_API int run_program(int argc, char** argv, const executor_options& local, const std::function<int(std::shared_ptr<ranks>)>& body);
/// Ends what an executor used. Waits for the workers to leave.
FOLDGRID_API void close(ranks& where, int status);

}  // namespace foldgrid::detail::remote
