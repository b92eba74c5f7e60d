// SPDX-License-Identifier: MIT
// What both ways to start have in common.
#pragma once

#include "ranks.hpp"

#include <foldgrid/options.hpp>

#include <memory>

namespace foldgrid::detail::remote {

/// Joins the ranks of a communicator: compares their builds and tells the root of the workers. Null on all ranks but the root, which serve
/// until it leaves; `status` is then what it told. Throws foldgrid::error on every rank when the builds differ. Collective.
std::shared_ptr<ranks> join(MPI_Comm all, int root, const executor_options& local, int& status);

/// Options of the rank's own executor: its share of the cores that the ranks of this node have, and the GPU of its number among those of
/// them that work, which `manager` (-1: none) does not. Collective.
executor_options share_of_node(MPI_Comm all, int manager, const executor_options& asked, bool& crowded);

}  // namespace foldgrid::detail::remote
