// SPDX-License-Identifier: MIT
// foldgrid over many machines: the same program under mpiexec, or on the communicator of a program that owns MPI.
#pragma once

#ifndef OMPI_SKIP_MPICXX
#define OMPI_SKIP_MPICXX
#endif
#include <mpi.h>

#include <foldgrid/detail/mpi_blocks.hpp>
#include <foldgrid/foldgrid.hpp>
#include <foldgrid/mpi_executor.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace foldgrid::mpi {

/// Runs a program on every process that mpiexec started: `body(executor&)` on rank 0, the manager, while the others work for it until it
/// returns; then all give its result, the exit status, which is 0 when it returns nothing. Without a launcher, or with one process, the
/// executor is one of foldgrid on this machine, and MPI is not started. What the body throws is told on stderr, once; the status is 1 then.
///
/// `local` are options of each rank's own executor: see comm_executor. Refuses, with a line on stderr and the status 1: a launcher of
/// another MPI (which would run the program many times), processes that run different builds or cannot work as `local` asks, an MPI without
/// threads. Call it once, from main, with everything that is not meant for all processes in the body.
template <class Body>
  requires std::invocable<Body&, executor&>
int main(int argc, char** argv, const executor_options& local, Body&& body) {
  return detail::remote::run_program(argc, argv, local, [&](std::shared_ptr<detail::remote::ranks> ranks) -> int {
    executor pool(std::move(ranks), local, false);
    if constexpr (std::is_void_v<std::invoke_result_t<Body&, executor&>>) {
      body(pool);
      return 0;
    } else {
      return static_cast<int>(body(pool));
    }
  });
}
template <class Body>
  requires std::invocable<Body&, executor&>
int main(int argc, char** argv, Body&& body) {
  return main(argc, argv, executor_options{}, std::forward<Body>(body));
}

/// An executor for a program that owns MPI. Collective over `comm`, which is duplicated: gives an executor on `root`, and nothing on the
/// other ranks, which serve it until it is destroyed. One rank: the executor of this machine. Throws std::invalid_argument on every rank
/// when MPI is not started with MPI_THREAD_SERIALIZED or more, or there is no such root, foldgrid::error when ranks run different builds,
/// and backend_unavailable when one has not the backend asked for. The options are those of each rank's own executor: `initializer` runs on
/// its workers, `gpu` is the number of the first GPU of a node, whose working ranks take one each. Blocks on all ranks but the root. The
/// root must destroy it before MPI_Finalize, and not call MPI meanwhile unless MPI was started with MPI_THREAD_MULTIPLE.
inline std::optional<executor> comm_executor(MPI_Comm comm, int root, const executor_options& local = {}) {
  bool is_root = false;
  auto ranks = detail::remote::join_communicator(comm, root, local, is_root);
  if (!is_root) return std::nullopt;
  return executor(std::move(ranks), local, true);
}

/// An input of every item that is the same for all: sent once to each worker, however many pieces and calls use it. Copies share it.
template <class T>
auto common(T value) {
  return detail::remote::common_input<T>(std::move(value));
}

/// From now on an E that a function throws on another rank is an E again: with all it holds when it is serializable, else with its
/// what(), given to its constructor. Need not be called on all ranks.
template <class E>
void register_exception() {
  static_cast<void>(detail::remote::exception_of<E>::number);
}

/// The tree of op over the elements of all ranks' blocks, in the order of the ranks: an all-reduce, collective over `comm`, that gives the
/// same bits on every rank for any number of ranks and any sizes of their blocks, empty ones included. Each rank reduces its own elements
/// (on its share of the host's cores, or its GPU) to about 2 log2 n nodes of the tree at most; those are exchanged, and every rank folds
/// them. The accumulator is the element type, or the one named: `reduce<double>(comm, op, floats)`. Throws on every rank: task_error when
/// the operator threw on any (index() is the failing node's first element, of all elements), std::invalid_argument when there are no
/// elements.
template <class A = void, class Op, class X>
auto reduce(MPI_Comm comm, const Op& op, X&& local_block) {
  return detail::remote::reduce_blocks<A>(detail::remote::block_exchange(comm), op, std::forward<X>(local_block));
}

}  // namespace foldgrid::mpi
