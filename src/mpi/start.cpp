// SPDX-License-Identifier: MIT
// Starts MPI when a launcher did start several processes, and joins them; or does nothing of the kind.
#include "start.hpp"

#include "cpu/cores.hpp"
#include "worker.hpp"

#include <foldgrid/detail/mpi_start.hpp>
#include <foldgrid/error.hpp>

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace foldgrid::detail::remote {
namespace {

/// What a rank tells when it joins.
struct hello {
  std::uint64_t build = 0;
  std::uint32_t threads = 1;
  char host[64] = {};
  char trouble[512] = {};  // why it cannot work
};

long number_in(const char* variable) {
  const char* const text = std::getenv(variable);
  return text ? std::strtol(text, nullptr, 10) : 0;
}

/// How many processes a launcher says it has started; 0 when there is no launcher, 1 also when it does not say.
long launched() {
  long most = 0;
  for (const char* const each : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS", "SLURM_STEP_NUM_TASKS", "PALS_SIZE"})
    most = std::max(most, number_in(each));
  if (most != 0) return most;
  return std::getenv("PMIX_RANK") || std::getenv("PMI_RANK") ? 1 : 0;
}

bool may_be_many() { return launched() > 1 || (launched() == 1 && !std::getenv("OMPI_COMM_WORLD_SIZE") && !std::getenv("PMI_SIZE")); }

std::string library_name() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(text, &length);
  const std::string name(text, static_cast<std::size_t>(length));
  return name.substr(0, name.find_first_of(",\n"));
}

/// Calls the body, whose exceptions end the program: they are told once.
int guarded(const std::function<int(std::shared_ptr<ranks>)>& body, const std::shared_ptr<ranks>& where) {
  try {
    return body(where);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "foldgrid::mpi::main: the program's body threw: %s\n", e.what());
  } catch (...) {
    std::fprintf(stderr, "foldgrid::mpi::main: the program's body threw an exception that is no std::exception\n");
  }
  return EXIT_FAILURE;
}

}  // namespace

executor_options share_of_node(MPI_Comm all, int manager, const executor_options& asked, bool& crowded) {
  struct neighbour {
    cpu_set_t cores;
    int rank = 0;
  };
  MPI_Comm node = MPI_COMM_NULL;
  MPI_Comm_split_type(all, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
  int here = 1;
  MPI_Comm_size(node, &here);
  neighbour mine{};
  MPI_Comm_rank(all, &mine.rank);
  sched_getaffinity(0, sizeof mine.cores, &mine.cores);
  std::vector<neighbour> everyone(static_cast<std::size_t>(here));
  MPI_Allgather(&mine, sizeof mine, MPI_BYTE, everyone.data(), sizeof mine, MPI_BYTE, node);
  MPI_Comm_free(&node);
  const auto sharing = static_cast<std::size_t>(
      std::count_if(everyone.begin(), everyone.end(), [&](const neighbour& each) { return CPU_EQUAL(&each.cores, &mine.cores); }));
  const auto workers_before =
      std::count_if(everyone.begin(), everyone.end(), [&](const neighbour& each) { return each.rank < mine.rank && each.rank != manager; });
  const std::size_t cores = usable_cores();
  crowded = sharing > cores;
  executor_options local = asked;
  if (asked.workers.value() == 0) local.workers = std::max<std::size_t>(1, cores / sharing);
  local.gpu = asked.gpu + static_cast<int>(workers_before);
  return local;
}

std::shared_ptr<ranks> join(MPI_Comm all, int root, const executor_options& asked, int& status) {
  int rank = 0, size = 1;
  MPI_Comm_rank(all, &rank);
  MPI_Comm_size(all, &size);
  bool crowded = false;
  const executor_options local = share_of_node(all, root, asked, crowded);
  hello mine{.build = all_code_check(), .threads = static_cast<std::uint32_t>(local.workers.value())};
  gethostname(mine.host, sizeof mine.host - 1);
  std::optional<executor> own;
  try {
    if (rank != root) own.emplace(local);
  } catch (const std::exception& e) {
    std::strncpy(mine.trouble, e.what(), sizeof mine.trouble - 1);
  }
  std::vector<hello> told(static_cast<std::size_t>(size));
  MPI_Allgather(&mine, sizeof mine, MPI_BYTE, told.data(), sizeof mine, MPI_BYTE, all);
  for (std::size_t i = 0; i < told.size(); ++i)
    if (told[i].build != told[static_cast<std::size_t>(root)].build)
      throw error("mpi: rank " + std::to_string(i) + " on " + told[i].host + " runs another build of the program than rank " +
                  std::to_string(root) + " on " + told[static_cast<std::size_t>(root)].host +
                  ": their functions would be mixed up; start the same file on every rank");
  for (std::size_t i = 0; i < told.size(); ++i)
    if (told[i].trouble[0] != 0)
      throw backend_unavailable("mpi: rank " + std::to_string(i) + " on " + told[i].host + " cannot work: " + told[i].trouble);
  auto line = std::make_unique<transport>(all);
  if (rank != root) {
    status = serve(*line, root, *own, local, crowded);
    return nullptr;
  }
  std::vector<worker_info> workers;
  for (std::size_t i = 0; i < told.size(); ++i)
    if (static_cast<int>(i) != root) workers.push_back({told[i].host, told[i].threads});
  return std::make_shared<ranks>(std::move(line), std::move(workers), crowded);
}

int run_program(int argc, char** argv, const executor_options& local, const std::function<int(std::shared_ptr<ranks>)>& body) {
  if (!may_be_many()) return guarded(body, nullptr);
  int before = 0, level = MPI_THREAD_SINGLE;
  MPI_Initialized(&before);
  if (before) {
    std::fprintf(stderr,
                 "foldgrid::mpi::main: asked to start MPI, found that the program has done so; leave that to it, or use "
                 "foldgrid::mpi::comm_executor(comm, root)\n");
    return EXIT_FAILURE;
  }
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &level);
  int size = 1, rank = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  int status = EXIT_FAILURE;
  if (size == 1 && launched() > 1) {
    std::fprintf(
        stderr,
        "foldgrid::mpi::main: asked to run as one of %ld processes (says the environment), found one rank: the launcher belongs to "
        "another MPI than the program, which would run %ld times. Start it with the mpiexec of the MPI it was built with (%s)\n",
        launched(), launched(), library_name().c_str());
  } else if (size == 1) {
    status = guarded(body, nullptr);
  } else if (level < MPI_THREAD_SERIALIZED) {
    if (rank == 0)
      std::fprintf(stderr, "foldgrid::mpi::main: asked MPI for MPI_THREAD_SERIALIZED, found less; use an MPI built with threads\n");
  } else {
    try {
      if (const auto where = join(MPI_COMM_WORLD, 0, local, status)) {
        status = guarded(body, where);
        close(*where, status);
      }
    } catch (const std::exception& e) {
      if (rank == 0) std::fprintf(stderr, "foldgrid::mpi::main: %s\n", e.what());
      status = EXIT_FAILURE;
    }
  }
  MPI_Finalize();
  return status;
}

void close(ranks& where, int status) { where.close(status); }

}  // namespace foldgrid::detail::remote
