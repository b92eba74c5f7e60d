// SPDX-License-Identifier: MIT
// What stands in front of every message between the manager and its workers.
#pragma once

#include "transport.hpp"

#include <foldgrid/detail/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace foldgrid::detail::remote {

enum class kind : std::uint32_t {
  open,    ///< to a worker: what a job needs for every piece
  piece,   ///< to a worker: a piece of it
  close,   ///< to a worker: forget the job
  common,  ///< to a worker: keep a common value, whose number stands for the job's
  drop,    ///< to a worker: forget it
  finish,  ///< to a worker: leave; `code` is the program's exit status
  value,   ///< to the manager: the bytes of a piece
  failed,  ///< to the manager: the error of the piece's item `index`
  broken,  ///< to the manager: an error of the whole piece
  stopped  ///< to the manager: it was not done, because the work was stopped
};

struct head {
  kind what{};
  std::uint32_t code = 0;
  std::uint32_t check = 0;
  bool single = false, fail_fast = false;
  std::uint64_t job = 0, work = 0, first = 0, count = 0, width = 1, index = 0;
  double seconds = 0;  ///< that the piece took
  double task_timeout = -1;
};

inline byte_writer with_head(const head& front) {
  byte_writer out;
  out.put(front);
  return out;
}
/// broken_executor when they are no such message.
inline head head_of(const message& bytes) {
  if (bytes.size() < sizeof(head)) throw_no_message("with a head of " + std::to_string(bytes.size()) + " bytes");
  head front;
  std::memcpy(static_cast<void*>(&front), bytes.data(), sizeof front);
  const auto flag_at = [&](std::size_t at) { return std::to_integer<unsigned>(bytes[at]); };
  if (front.what > kind::stopped || flag_at(offsetof(head, single)) > 1 || flag_at(offsetof(head, fail_fast)) > 1)
    throw_no_message("of a kind that does not exist");
  return front;
}
inline void set_head(byte_writer& out, const head& front) { std::memcpy(out.bytes().data(), &front, sizeof front); }
inline byte_reader body_of(const message& bytes) { return {bytes.data() + sizeof(head), bytes.size() - sizeof(head)}; }

}  // namespace foldgrid::detail::remote
