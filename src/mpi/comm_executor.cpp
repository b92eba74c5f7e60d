// SPDX-License-Identifier: MIT
// An executor on somebody's communicator, and what mpi::reduce needs of one.
#include "start.hpp"

#include <foldgrid/detail/mpi_start.hpp>
#include <foldgrid/mpi.hpp>

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace foldgrid::detail::remote {
namespace {

std::string mpi_error(int code) {
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  return {text, static_cast<std::size_t>(length)};
}

/// Polls, so that ranks that share a core do not hold each other up.
void wait_for(int code, MPI_Request& request, const char* what) {
  patience pause(true);
  for (int done = 0; code == MPI_SUCCESS && !done;) {
    code = MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (!done) pause.wait();
  }
  if (code != MPI_SUCCESS) throw broken_executor(std::string("mpi::reduce: ") + what + " failed: " + mpi_error(code));
}

/// This rank's own executor, with its share of the node's cores. Counting is collective, and done once for each communicator.
const executor& local_of(MPI_Comm all) {
  static const int key = [] {
    int made = MPI_KEYVAL_INVALID;
    MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, MPI_COMM_NULL_DELETE_FN, &made, nullptr);
    return made;
  }();
  void* known = nullptr;
  int found = 0;
  MPI_Comm_get_attr(all, key, &known, &found);
  if (found) return *static_cast<const executor*>(known);
  bool crowded = false;
  const executor_options share = share_of_node(all, -1, {}, crowded);
  static std::mutex mutex;
  static std::map<std::pair<std::size_t, int>, executor> made;  // by workers and GPU
  const std::lock_guard lock(mutex);
  const std::pair wanted(share.workers.value(), share.gpu);
  auto at = made.find(wanted);
  if (at == made.end()) at = made.try_emplace(wanted, share).first;
  MPI_Comm_set_attr(all, key, &at->second);
  return at->second;
}

}  // namespace

std::shared_ptr<ranks> join_communicator(MPI_Comm all, int root, const executor_options& local, bool& is_root) {
  int started = 0, level = MPI_THREAD_SINGLE, rank = 0, size = 1;
  MPI_Initialized(&started);
  if (!started)
    throw std::invalid_argument("comm_executor: asked for the ranks of a communicator, found MPI not started; call MPI_Init_thread before");
  MPI_Query_thread(&level);
  MPI_Comm_rank(all, &rank);
  MPI_Comm_size(all, &size);
  if (root < 0 || root >= size)
    throw std::invalid_argument("comm_executor: asked for rank " + std::to_string(root) + " as root, found a communicator of " +
                                std::to_string(size) + " ranks; give a number from 0 to " + std::to_string(size - 1));
  is_root = rank == root;
  if (size == 1) return nullptr;
  if (level < MPI_THREAD_SERIALIZED)
    throw std::invalid_argument(
        "comm_executor: asked for the ranks of a communicator, found MPI started without threads; start it by MPI_Init_thread with "
        "MPI_THREAD_SERIALIZED or MPI_THREAD_MULTIPLE");
  int status = 0;
  return join(all, root, local, status);
}

block_exchange::block_exchange(MPI_Comm all) : all_(all), local_(local_of(all)) {
  MPI_Comm_rank(all_, &rank_);
  MPI_Comm_size(all_, &size_);
}

std::vector<std::size_t> block_exchange::sizes(std::size_t mine) const {
  std::vector<std::size_t> all(static_cast<std::size_t>(size_));
  MPI_Request request;
  wait_for(MPI_Iallgather(&mine, sizeof mine, MPI_BYTE, all.data(), sizeof mine, MPI_BYTE, all_, &request), request, "MPI_Iallgather");
  return all;
}

std::vector<message> block_exchange::all_of(const message& mine) const {
  const std::vector<std::size_t> lengths = sizes(mine.size());
  std::vector<int> counts, places;
  std::size_t end = 0;
  for (const std::size_t each : lengths) {
    counts.push_back(static_cast<int>(each));
    places.push_back(static_cast<int>(end));
    end += each;
  }
  if (end > std::size_t{1} << 30) throw error("mpi::reduce: the nodes of all ranks take more than 1 GiB; reduce smaller values");
  message all(end);
  MPI_Request request;
  wait_for(MPI_Iallgatherv(mine.data(), static_cast<int>(mine.size()), MPI_BYTE, all.data(), counts.data(), places.data(), MPI_BYTE, all_,
                           &request),
           request, "MPI_Iallgatherv");
  std::vector<message> parts;
  for (std::size_t i = 0; i < lengths.size(); ++i) parts.emplace_back(all.begin() + places[i], all.begin() + places[i] + counts[i]);
  return parts;
}

}  // namespace foldgrid::detail::remote
