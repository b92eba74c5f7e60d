// SPDX-License-Identifier: MIT
// The manager's side: which piece of which work goes to which worker, and when.
#pragma once

#include "protocol.hpp"
#include "transport.hpp"

#include <foldgrid/detail/mpi_core.hpp>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace foldgrid::detail::remote {

/// What a worker told when it joined.
struct worker_info {
  std::string host;
  std::size_t threads = 1;
};

class ranks {
 public:
  /// `root` does not work itself. Starts the thread that talks to the others.
  ranks(std::unique_ptr<transport> line, std::vector<worker_info> workers, bool crowded);
  ranks(const ranks&) = delete;
  ranks& operator=(const ranks&) = delete;
  ~ranks();

  void run(pieces& work);
  /// Tells the workers to leave; nothing can be run any more. Collective with their leaving. Called once.
  void close(int status);

  std::size_t workers() const noexcept { return workers_.size(); }
  std::size_t threads() const noexcept { return threads_; }
  std::string describe() const;
  const std::shared_ptr<engine>& proxies() const noexcept { return proxies_; }

 private:
  friend class job;
  struct worker {
    int rank = 0;
    std::string host;
    std::size_t threads = 1, in_flight = 0;
    std::unordered_set<std::uint64_t> has;  // jobs
    std::unordered_map<std::uint64_t, std::weak_ptr<const message>> has_common;
  };
  struct active {
    pieces* work;
    std::uint64_t number;
    std::size_t next = 0, in_flight = 0;
    double longest = -1;  // of a piece lately, in seconds; negative while unknown
    bool told_to_stop = false, finished = false;
    std::vector<std::size_t> in_flight_at;  // by worker
  };

  void talk();
  bool receive_all();
  bool hand_out();
  bool hand_out(active& work);
  void tell_to_stop(active& work);
  void send_piece(active& work, worker& to);
  void send_job(const job& about, worker& to);
  void send_attachments(const byte_writer& of, worker& to);
  void forget_jobs();
  std::size_t room(const active& work, const worker& at) const noexcept;

  const void* const registry_ = code_registry();  // of the copy of the library that the other ranks have too
  std::unique_ptr<transport> line_;
  std::vector<worker> workers_;
  std::size_t threads_ = 0;
  bool crowded_;
  std::shared_ptr<engine> proxies_;

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_, wanted_;
  std::vector<active*> inbox_;
  std::vector<std::uint64_t> forgotten_;
  std::uint64_t next_job_ = 1, next_work_ = 1;
  bool closing_ = false;

  std::deque<active*> active_;  // of the talking thread alone
  double single_seconds_ = -1;  // what a single task took lately
  std::thread talker_;
};

}  // namespace foldgrid::detail::remote
