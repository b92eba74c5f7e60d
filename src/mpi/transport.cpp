// SPDX-License-Identifier: MIT
// Isend and Improbe, and objects too large for one message in parts.
#include "transport.hpp"

#include <foldgrid/error.hpp>

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

namespace foldgrid::detail::remote {
namespace {

// Messages of one sender are matched in the order sent whatever their tags.
enum tag : int { whole = 1, several, length_of_parts, part };

constexpr std::size_t small = 4096;  // has arrived with its envelope

void check(int code, const char* what) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw broken_executor(std::string("MPI: ") + what + " failed: " + std::string(text, static_cast<std::size_t>(length)));
}

std::size_t part_size() {
  const char* const asked = std::getenv("FOLDGRID_MPI_PART");
  const std::size_t bytes = asked ? std::strtoull(asked, nullptr, 10) : 0;
  return bytes == 0 ? std::size_t{256} << 20 : std::clamp<std::size_t>(bytes, 64, std::size_t{1} << 30);
}

}  // namespace

void throw_no_message(const std::string& found) {
  throw broken_executor("MPI: waited for a message of another rank, found one " + found +
                        "; ranks of another build, or other code that sends on foldgrid's communicators, may be the cause");
}

transport::transport(MPI_Comm like) : part_(part_size()) {
  check(MPI_Comm_dup(like, &messages_), "MPI_Comm_dup");
  check(MPI_Comm_dup(like, &signals_), "MPI_Comm_dup");
  MPI_Comm_set_errhandler(messages_, MPI_ERRORS_RETURN);
  MPI_Comm_set_errhandler(signals_, MPI_ERRORS_RETURN);
  MPI_Comm_rank(messages_, &rank_);
  MPI_Comm_size(messages_, &size_);
  waiting_.resize(static_cast<std::size_t>(size_));
}

transport::~transport() {
  if (left_) return;
  MPI_Comm_free(&signals_);
  MPI_Comm_free(&messages_);
}

void transport::send(int to, message&& bytes) {
  const std::lock_guard lock(mutex_);
  flush(to);
  start(to, std::move(bytes), whole);
}

void transport::post(int to, message&& bytes) {
  const std::lock_guard lock(mutex_);
  message& waiting = waiting_[static_cast<std::size_t>(to)];
  const std::size_t size = bytes.size(), before = waiting.size();
  if (before + sizeof size + size > small) flush(to);
  if (sizeof size + size > small) return start(to, std::move(bytes), whole);
  const std::size_t at = waiting.size();
  if (at == 0) waiting.reserve(small);
  waiting.resize(at + sizeof size + size);
  std::memcpy(waiting.data() + at, &size, sizeof size);
  std::memcpy(waiting.data() + at + sizeof size, bytes.data(), size);
  any_waits_ = true;
}

void transport::flush() {
  const std::lock_guard lock(mutex_);
  flush_all();
}

void transport::flush_all() {
  if (!std::exchange(any_waits_, false)) return;
  for (int to = 0; to < size_; ++to) flush(to);
}

void transport::flush(int to) {
  message& waiting = waiting_[static_cast<std::size_t>(to)];
  if (!waiting.empty()) start(to, std::exchange(waiting, {}), several);
}

void transport::start(int to, message&& bytes, int kind) {
  const std::size_t size = bytes.size();
  leaving& out = leaving_.emplace_back(std::move(bytes));
  const auto begin = [&](const void* from, std::size_t count, int tag) {
    out.parts.push_back(MPI_REQUEST_NULL);
    check(MPI_Isend(from, static_cast<int>(count), MPI_BYTE, to, tag, messages_, &out.parts.back()), "MPI_Isend");
  };
  if (size <= part_ || kind == several) {
    begin(out.bytes.data(), size, kind);
    int left = 0;
    MPI_Test(&out.parts.front(), &left, MPI_STATUS_IGNORE);
    if (left) leaving_.pop_back();
    return;
  }
  out.length = size;
  begin(&out.length, sizeof out.length, length_of_parts);
  for (std::size_t at = 0; at < size; at += part_) begin(out.bytes.data() + at, std::min(part_, size - at), part);
}

void transport::let_go() {
  std::erase_if(leaving_, [](leaving& each) {
    int left = 0;
    check(MPI_Testall(static_cast<int>(each.parts.size()), each.parts.data(), &left, MPI_STATUSES_IGNORE), "MPI_Testall");
    return left != 0;
  });
}

bool transport::idle() {
  const std::lock_guard lock(mutex_);
  flush_all();
  let_go();
  std::erase_if(signals_leaving_, [](auto& each) {
    int left = 0;
    MPI_Test(&each.second, &left, MPI_STATUS_IGNORE);
    return left != 0;
  });
  return leaving_.empty() && signals_leaving_.empty();
}

/// Behind those of its sender that are still arriving.
void transport::take(int from, message&& bytes) {
  if (const auto before = arriving_.find(from); before != arriving_.end() && !before->second.empty()) {
    arriving& after = before->second.emplace_back();
    after.matched = bytes.size();
    after.bytes = std::move(bytes);
  } else {
    here_.emplace_back(from, std::move(bytes));
  }
}

void transport::match() {
  for (int tries = 0; tries < 64; ++tries) {
    int found = 0;
    MPI_Message handle;
    MPI_Status status;
    check(MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, messages_, &found, &handle, &status), "MPI_Improbe");
    if (!found) return;
    int size = 0;
    MPI_Get_count(&status, MPI_BYTE, &size);
    const auto bytes = static_cast<std::size_t>(size);
    if (status.MPI_TAG == length_of_parts) {
      std::size_t length = 0;
      if (bytes != sizeof length) throw_no_message("that tells a length in " + std::to_string(bytes) + " bytes");
      check(MPI_Mrecv(&length, size, MPI_BYTE, &handle, MPI_STATUS_IGNORE), "MPI_Mrecv");
      arriving_[status.MPI_SOURCE].emplace_back().bytes.resize(length);
      continue;
    }
    if (status.MPI_TAG == several || (status.MPI_TAG == whole && bytes <= small)) {
      message all(bytes);
      check(MPI_Mrecv(all.data(), size, MPI_BYTE, &handle, MPI_STATUS_IGNORE), "MPI_Mrecv");
      if (status.MPI_TAG == whole) {
        take(status.MPI_SOURCE, std::move(all));
        continue;
      }
      for (std::size_t at = 0, length = 0; at < bytes; at += length) {
        if (bytes - at < sizeof length) throw_no_message("that ends within a length");
        std::memcpy(&length, all.data() + at, sizeof length);
        at += sizeof length;
        if (bytes - at < length) throw_no_message("of " + std::to_string(length) + " bytes where " + std::to_string(bytes - at) + " came");
        take(status.MPI_SOURCE,
             message(all.begin() + static_cast<std::ptrdiff_t>(at), all.begin() + static_cast<std::ptrdiff_t>(at + length)));
      }
      continue;
    }
    auto& of_sender = arriving_[status.MPI_SOURCE];
    if (status.MPI_TAG == whole) {
      of_sender.emplace_back().bytes.resize(bytes);
    } else if (status.MPI_TAG != part || of_sender.empty() || of_sender.back().bytes.size() - of_sender.back().matched < bytes) {
      throw_no_message("that belongs to none");
    }
    arriving& to = of_sender.back();
    to.parts.push_back(MPI_REQUEST_NULL);
    check(MPI_Imrecv(to.bytes.data() + to.matched, size, MPI_BYTE, &handle, &to.parts.back()), "MPI_Imrecv");
    to.matched += bytes;
  }
}

bool transport::finish_front(int& from, message& bytes) {
  for (auto& [sender, queue] : arriving_) {
    if (queue.empty()) continue;
    arriving& front = queue.front();
    int arrived = 0;
    if (!front.parts.empty())
      check(MPI_Testall(static_cast<int>(front.parts.size()), front.parts.data(), &arrived, MPI_STATUSES_IGNORE), "MPI_Testall");
    if (front.matched != front.bytes.size() || (!arrived && !front.parts.empty())) continue;
    from = sender;
    bytes = std::move(front.bytes);
    queue.pop_front();
    return true;
  }
  return false;
}

bool transport::receive(int& from, message& bytes) {
  const std::lock_guard lock(mutex_);
  if (!leaving_.empty()) let_go();
  if (here_.empty()) match();
  if (!here_.empty()) {
    from = here_.front().first;
    bytes = std::move(here_.front().second);
    here_.pop_front();
    return true;
  }
  return finish_front(from, bytes);
}

void transport::signal(int to, std::size_t word) {
  const std::lock_guard lock(mutex_);
  auto& out = signals_leaving_.emplace_back(word, MPI_REQUEST_NULL);
  check(MPI_Isend(&out.first, sizeof out.first, MPI_BYTE, to, whole, signals_, &out.second), "MPI_Isend");
}

bool transport::receive_signal(std::size_t& word) {
  const std::lock_guard lock(mutex_);
  int found = 0;
  MPI_Message handle;
  check(MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, signals_, &found, &handle, MPI_STATUS_IGNORE), "MPI_Improbe");
  if (found) check(MPI_Mrecv(&word, sizeof word, MPI_BYTE, &handle, MPI_STATUS_IGNORE), "MPI_Mrecv");
  return found != 0;
}

void patience::wait() {
  ++tries_;
  const unsigned spins = crowded_ ? 0 : 200, yields = 400;
  if (tries_ <= spins) return;
  if (tries_ <= spins + yields) {
    sched_yield();
    return;
  }
  const unsigned beyond = tries_ - spins - yields;
  const unsigned longest = beyond < 5000 ? 200 : 1000;
  std::this_thread::sleep_for(std::chrono::microseconds(std::min(10 * beyond, longest)));
}

}  // namespace foldgrid::detail::remote
