// SPDX-License-Identifier: MIT
// A call under way on a device: its memory there, its launches, its failures and its times.
#pragma once

#include "gpu/device.hpp"
#include "gpu/device_attempt.hpp"
#include "gpu/graph_capture.hpp"
#include "gpu/pieces.hpp"
#include "gpu/pinned_ranges.hpp"

#include "engine.hpp"

#include <foldgrid/detail/offload.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace foldgrid::detail::cuda {

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Lives on the stack of the thread that makes the call; holds a stream, and keeps the device's context current.
class device_run {
 public:
  device_run(call& of, device_launch& launch)
      : of_(of), device_(*launch.device), launch_(launch), current_(device_.context_handle()), lane_(device_) {
    for (void* const each : launch.arguments.streams()) start_after(of_.verb(), *lane_, static_cast<stream>(each));
  }

  device_run(const device_run&) = delete;
  device_run& operator=(const device_run&) = delete;
  /// After an error, waits for what is still under way on the caller's arrays; the tickets may be half counted.
  ~device_run() {
    if (finished_) return;
    driver::get().cuStreamSynchronize(lane_->on);
    lane_->tickets.bytes = 0;
  }

  function kernel() {
    const function found = device_.kernel_of(launch_.text);
    ready_ = std::chrono::steady_clock::now();
    return found;
  }
  function kernel(kernel_source text) { return device_.kernel_of(text); }

  /// Memory that lives until the call ends.
  address memory(std::size_t bytes) { return memory_.emplace_back(device_, bytes, lane_->on).at(); }

  /// How much of it there is; gives back what came later, once the stream has come so far.
  std::size_t held() const noexcept { return memory_.size(); }
  void release_to(std::size_t held) {
    while (memory_.size() > held) memory_.pop_back();
  }

  /// Calls allocate(leaves) for all leaves at once, or for as many as there is memory for, a power of two, of which `leaves` then is the
  /// number. Where leaves cannot be done one part after another all have to fit. Throws driver_error with out_of_memory.
  template <class Allocate>
  void allocate_smaller(std::size_t& leaves, bool cuttable, Allocate&& allocate) {
    for (;; leaves = std::bit_ceil(leaves) / 2) {
      const std::size_t before = memory_.size();
      try {
        return allocate(leaves);
      } catch (const driver_error& e) {
        if (e.code() != out_of_memory) throw;
        release_to(before);
        wait();  // now it is free
        if (!cuttable || leaves <= pieces::least) throw;
      }
    }
  }
  /// The word where failures are noted, when the kernel does, says that there were none.
  void note_failures() {
    if (!launch_.notes) return;
    if (status_ == 0) status_ = memory(sizeof noted_);
    FOLDGRID_CUDA(cuMemsetD8Async, status_, static_cast<unsigned char>(0xff), sizeof noted_, lane_->on);
  }

  /// Failures are noted anew, of leaves whose item is item_of(index).
  void forget_notes(std::function<std::size_t(std::size_t)> item_of) {
    note_failures();
    item_of_ = std::move(item_of);
  }

  /// Finds room for the arrays of the call, and for results of so many bytes each; gives the number of leaves it is for.
  std::size_t make_room(std::size_t result_bytes, bool cuttable) {
    note_failures();
    room_ = launch_.n;
    allocate_smaller(room_, cuttable, [&](std::size_t leaves) {
      copies_.clear();
      for (const auto& each : launch_.arguments.arrays())
        copies_.push_back(memory(each.element_bytes == 0 ? each.bytes * each.parts.size() : each.element_bytes * leaves));
      if (result_bytes != 0) results_ = memory(result_bytes * leaves);
    });
    return room_;
  }
  /// Where results go for which room was made.
  address results() const noexcept { return results_; }
  /// True when the room is for all leaves.
  bool has_room_for_all() const noexcept { return room_ == launch_.n; }

  /// Copies what the leaves of a piece read and is not there yet, and writes the addresses into the arguments.
  void copy_inputs(const piece& of) {
    if (of.first == 0) mark(start);
    for (std::size_t k = 0; k < copies_.size(); ++k) {
      const auto& each = launch_.arguments.arrays()[k];
      if (each.element_bytes != 0 && !has_room_for_all()) {
        const std::size_t skipped = of.first * each.element_bytes;
        copy(copies_[k], static_cast<const char*>(each.parts[0]) + skipped, of.count * each.element_bytes);
        place(k, copies_[k] - skipped);
      } else if (of.first == 0) {
        copy_whole(k, copies_[k]);
      }
    }
  }
  /// Copies all of the k-th of the call's arrays.
  void copy_whole(std::size_t k, address to) {
    const auto& each = launch_.arguments.arrays()[k];
    for (std::size_t part = 0; part < each.parts.size(); ++part) copy(to + part * each.bytes, each.parts[part], each.bytes);
    place(k, to);
  }
  /// Tells the kernel where the k-th of the call's arrays begins.
  void place(std::size_t k, address at) {
    std::memcpy(launch_.arguments.bytes().data() + launch_.arguments.arrays()[k].offset, &at, sizeof at);
  }

  /// Launches a kernel over a piece: the call's arguments, base, n and what follows.
  template <class... More>
  void run(function kernel, const piece& over, std::size_t blocks, More... more) {
    run_with(launch_.arguments.pointers(), kernel, over, blocks, more...);
  }
  /// The same with other arguments than the call's.
  template <class... More>
  void run_with(std::vector<void*> parameters, function kernel, const piece& over, std::size_t blocks, More... more) {
    address base = over.first, n = over.count;
    parameters.insert(parameters.end(), {&base, &n, const_cast<void*>(static_cast<const void*>(more))...});
    if (launch_.notes) parameters.push_back(&status_);
    if (!std::exchange(launched_, true)) mark(copied_in);
    began_ = std::chrono::steady_clock::now();
    launch_blocks(kernel, blocks, lane_->on, parameters.data());
    if (over.is_last) {
      mark(computed);
      complete_ = true;
    }
  }
  /// Waits for a piece that is not the last.
  void finish_piece(const piece& over) {
    if (launch_.notes) copy_back(&noted_, status_, sizeof noted_);
    wait();
    launch_.begun = true;
    seconds_ = seconds_since(began_);
    take_note(noted_);
    of_.advance(over.count / launch_.leaves_of_item);
  }

  void copy(address to, const void* from, std::size_t bytes) { copy_in_parts(to, from, bytes, lane_->on); }
  void copy_back(void* to, address from, std::size_t bytes) { copy_out_parts(to, from, bytes, lane_->on); }
  void wait() { FOLDGRID_CUDA(cuStreamSynchronize, lane_->on); }
  /// Where kernels run.
  stream on() noexcept { return lane_->on; }
  /// The word where failures are noted.
  address status() const noexcept { return status_; }

  /// What the last launch took, when it was not that of the last piece.
  std::optional<double> seconds_of_launch() const noexcept { return seconds_; }

  /// Waits for the work, of which `last` leaves were launched last, and tells the call of it.
  fate finish(std::size_t last) {
    if (!complete_) {
      wait();
      return fate::ended;
    }
    if (launch_.notes) copy_back(&noted_, status_, sizeof noted_);
    mark(copied_back);
    wait();
    ended();
    take_note(noted_);
    if (of_.tells()) of_.took(seconds(start, copied_in) + seconds(computed, copied_back), seconds(copied_in, computed));
    took_there(launch_, seconds_since_ready());
    of_.advance(last / launch_.leaves_of_item);
    return fate::done;
  }
  /// All that was launched has been waited for.
  void ended() noexcept { finished_ = true; }
  /// Of the call, since its kernel was there.
  double seconds_since_ready() const { return seconds_since(ready_); }
  /// A status word: the smallest index that failed is in the upper 48 bits, its code below.
  void take_note(address noted) noexcept {
    if (noted == std::numeric_limits<address>::max()) return;
    try {
      foldgrid::fail(static_cast<short>(noted & 0xffff));  // as the function would have here
    } catch (...) {
      const auto index = static_cast<std::size_t>(noted >> 16);
      of_.fail(item_of_ ? item_of_(index) : index / launch_.leaves_of_item);
    }
  }

  /// Zeroed counts for the groups of blocks, left zero by every launch.
  address tickets(std::size_t count) { return zeroed(lane_->tickets, count * sizeof(unsigned)); }
  /// Room for the partial values of blocks.
  address partials(std::size_t bytes) {
    // zero at first: values are read whole, and nothing ever writes their padding
    if (bytes <= most_kept) return zeroed(lane_->partials, bytes);
    const address made = memory(bytes);
    clear(made, bytes);
    return made;
  }
  /// The host's memory where a kernel may write so many bytes; null when there is none.
  std::byte* cell(std::size_t bytes) {
    if (bytes > lane::cell_bytes) return nullptr;
    if (lane_->cell == nullptr) {
      void* made = nullptr;
      const result code = driver::get().cuMemHostAlloc(&made, lane::cell_bytes, host_memory_portable);
      if (is_fatal(code)) check(code, "cuMemHostAlloc");
      lane_->cell = code == success ? static_cast<std::byte*>(made) : nullptr;
    }
    return lane_->cell;
  }

 private:
  enum moment { start, copied_in, computed, copied_back };

  static constexpr std::size_t most_kept = std::size_t{1} << 20;

  /// Makes room for so many bytes; true when it had to be made anew.
  bool grow(kept_memory& kept, std::size_t bytes) {
    if (bytes <= kept.bytes) return false;
    device_.release(std::exchange(kept.at, 0), lane_->on);
    kept.bytes = 0;
    const std::size_t room = std::max<std::size_t>(std::bit_ceil(bytes), 1024);
    kept.at = device_.allocate(room, lane_->on);
    kept.bytes = room;
    return true;
  }

  void clear(address from, std::size_t bytes) { FOLDGRID_CUDA(cuMemsetD8Async, from, static_cast<unsigned char>(0), bytes, lane_->on); }
  /// Room for so many bytes, zero when it is made.
  address zeroed(kept_memory& kept, std::size_t bytes) {
    if (grow(kept, bytes)) {
      const std::size_t room = std::exchange(kept.bytes, 0);  // nobody may count there before it is zero
      clear(kept.at, room);
      kept.bytes = room;
    }
    return kept.at;
  }

  /// Marks the moment on the stream when somebody reads the times.
  void mark(moment now) {
    if (!of_.tells()) return;
    event& at = lane_->marks[now];
    if (at == nullptr) FOLDGRID_CUDA(cuEventCreate, &at, event_default);
    FOLDGRID_CUDA(cuEventRecord, at, lane_->on);
  }
  double seconds(moment from, moment to) {
    float milliseconds = 0;
    FOLDGRID_CUDA(cuEventElapsedTime, &milliseconds, lane_->marks[from], lane_->marks[to]);
    return 1e-3 * static_cast<double>(milliseconds);
  }

  call& of_;
  device_object& device_;
  device_launch& launch_;
  context_guard current_;
  lane_lease lane_;
  std::deque<device_memory> memory_;
  std::vector<address> copies_;
  address results_ = 0, status_ = 0, noted_ = std::numeric_limits<address>::max();
  std::size_t room_ = 0;
  std::function<std::size_t(std::size_t)> item_of_;  ///< empty when a leaf's item is its index by leaves_of_item
  std::chrono::steady_clock::time_point ready_ = std::chrono::steady_clock::now(), began_;
  double seconds_ = 0;
  bool launched_ = false, complete_ = false, finished_ = false;
};

}  // namespace foldgrid::detail::cuda
