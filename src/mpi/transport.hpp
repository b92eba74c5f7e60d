// SPDX-License-Identifier: MIT
// Messages of any size between ranks: nothing here ever waits inside MPI.
#pragma once

#include <foldgrid/detail/bytes.hpp>

#include <mpi.h>

#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace foldgrid::detail::remote {

using message = byte_vector;

/// broken_executor: bytes came that no rank sends.
[[noreturn]] void throw_no_message(const std::string& found);

/// A communicator of its own, used by one thread at a time: every call of MPI in this library is made under the lock of one of these or
/// while no other thread is there.
class transport {
 public:
  /// Collective over `like`, which is duplicated.
  explicit transport(MPI_Comm like);
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;
  /// Collective; all messages must have been received.
  ~transport();

  int rank() const noexcept { return rank_; }
  int size() const noexcept { return size_; }
  MPI_Comm communicator() const noexcept { return messages_; }

  /// On its way when this returns; kept until it has left.
  void send(int to, message&& bytes);
  /// The same, but a small one may wait for others to share its way, until flush() or the next send() to that rank.
  void post(int to, message&& bytes);
  void flush();
  /// The next message, if there is one: of one sender, in the order in which they were sent.
  bool receive(int& from, message& bytes);
  /// True when everything sent has left.
  bool idle();
  /// A few words beside the messages, which may overtake them.
  void signal(int to, std::size_t word);
  bool receive_signal(std::size_t& word);
  /// The communicator is not freed: MPI has been finalised, or is about to go down.
  void leave() noexcept { left_ = true; }

 private:
  struct arriving {
    message bytes;
    std::size_t matched = 0;
    std::vector<MPI_Request> parts;
  };
  struct leaving {
    message bytes;
    std::size_t length = 0;  // sent in front of what comes in several parts
    std::vector<MPI_Request> parts;
  };
  void start(int to, message&& bytes, int kind);
  void flush(int to);
  void flush_all();
  void match();
  void take(int from, message&& bytes);
  bool finish_front(int& from, message& bytes);
  void let_go();

  std::mutex mutex_;
  MPI_Comm messages_ = MPI_COMM_NULL, signals_ = MPI_COMM_NULL;
  int rank_ = 0, size_ = 1;
  std::size_t part_;
  std::vector<message> waiting_;  // by rank: small ones, each behind its length
  bool any_waits_ = false;
  std::list<leaving> leaving_;
  std::list<std::pair<std::size_t, MPI_Request>> signals_leaving_;
  std::map<int, std::deque<arriving>> arriving_;
  std::deque<std::pair<int, message>> here_;  // arrived whole
  bool left_ = false;
};

/// Spins, yields, then sleeps for longer and longer, up to a millisecond: for loops that poll.
class patience {
 public:
  explicit patience(bool crowded) noexcept : crowded_(crowded) {}
  void reset() noexcept { tries_ = 0; }
  void wait();

 private:
  bool crowded_;
  unsigned tries_ = 0;
};

}  // namespace foldgrid::detail::remote
