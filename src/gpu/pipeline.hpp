// SPDX-License-Identifier: MIT
// Calls over large arrays of the host: parts of them are copied in, computed and copied back at the same time.
#pragma once

#include "gpu/device_run.hpp"
#include "gpu/pinned_ring.hpp"

#include <cstddef>
#include <functional>
#include <optional>

namespace foldgrid::detail::cuda {

/// The streams, events and pinned cells of one pipeline; kept by the device for the next.
struct pipe_parts {
  static constexpr std::size_t stage_count = 3, cell_bytes = 1024;
  struct stage_marks {
    event sent, arrived, began, computed, leaving, returned;
  };
  stream in = nullptr, out = nullptr;
  stage_marks marks[stage_count] = {};
  std::byte* cells = nullptr;  ///< pinned, one for each stage
};

/// What large copies of a device go through. Belongs to the device, for the life of the process.
class staging {
 public:
  pinned_ring ring;
  /// The context must be current.
  pipe_parts take();
  void give_back(const pipe_parts& used) noexcept;

 private:
  static void make_what_is_missing(pipe_parts& of);

  std::mutex mutex_;
  std::vector<pipe_parts> idle_;  ///< an error may have left some of them incomplete
};

/// Goes through the pieces of a call in order. Each is a stage of its own, of which three are under way at a time: while one piece is
/// computed, the next is filled into pinned memory and copied in, and the one before is copied back. What is pinned already (pin.hpp) is
/// copied from and to where it lies.
///
/// Calls share the ring of pinned memory without waiting for one another in a circle: a slot that is read by the device comes free by
/// itself; one that waits to be emptied into the caller's array is held only by a thread that does not block before it has done so. So a
/// thread drains its own stages before it waits for a slot, and holds none while it calls the progress callback.
class pipeline {
 public:
  /// What happens to the result of a piece; called in order, on the calling thread. Not called for pieces of a map, see `out`.
  using value_taker = std::function<void(const piece& of, const void* value)>;

  /// True when the call's arrays are so large, and can be cut so, that this is the way. The context must be current.
  static bool suits(const device_launch& launch, std::size_t out_bytes, std::size_t value_bytes);

  /// A map writes element_bytes for each leaf to `out`, a reduction gives value_bytes for each piece to `take`. Throws driver_error with
  /// out_of_memory when not even small pieces fit.
  pipeline(call& of, device_launch& launch, device_run& run, std::byte* out, std::size_t element_bytes, std::size_t value_bytes,
           value_taker take);
  pipeline(const pipeline&) = delete;
  pipeline& operator=(const pipeline&) = delete;
  /// After an error, waits for what is still under way.
  ~pipeline();

  /// Leaves that a piece may have at most, a power of two.
  std::size_t room() const noexcept { return room_; }
  /// Has the inputs of a piece copied in, and their addresses in the launch's arguments. False when the call is over.
  bool begin(const piece& of);
  /// Where the kernel of the piece begun writes the results of its leaves, or its value.
  address results() const noexcept { return now().results; }
  /// The kernel was launched: its results are copied back.
  void launched();
  /// What a launch took, as far as known by now.
  std::optional<double> seconds_of_launch() const noexcept { return seconds_; }
  /// Waits for all pieces; gives how the call ended.
  fate finish();

 private:
  struct stage {
    piece of{};
    bool under_way = false;
    std::vector<address> inputs;
    address results = 0;
    pinned_ring::slot* out = nullptr;  ///< the results are on their way there, or to where they belong when it is null and `sent_back`
    bool sent_back = false;
  };

  stage& now() noexcept { return stages_[newest_ % pipe_parts::stage_count]; }
  const stage& now() const noexcept { return stages_[newest_ % pipe_parts::stage_count]; }
  pipe_parts::stage_marks& marks(const stage& of) noexcept { return parts_.marks[&of - stages_]; }
  std::byte* cell(const stage& of) noexcept { return parts_.cells + static_cast<std::size_t>(&of - stages_) * pipe_parts::cell_bytes; }

  /// The last bytes of the cell.
  address* note(const stage& of) noexcept { return reinterpret_cast<address*>(cell(of) + pipe_parts::cell_bytes - sizeof(address)); }

  void make_room();
  bool fill(stage& into);
  pinned_ring::slot& slot_for_inputs();
  void send_back(stage& of, pinned_ring::slot* through);
  void drain(stage& of);
  void drain_oldest();
  bool copy_here(std::byte* to, const std::byte* from, std::size_t bytes);
  bool is_out_pinned(const piece& of) const;

  call& of_;
  device_launch& launch_;
  device_run& run_;
  staging& staging_;
  pipe_parts parts_;
  std::byte* const out_;
  const std::size_t element_bytes_, value_bytes_;
  value_taker take_;
  stage stages_[pipe_parts::stage_count];
  std::size_t newest_ = 0, oldest_ = 0;  ///< stages are numbered as pieces are; [oldest_, newest_) are under way
  std::size_t room_ = 0;
  std::optional<double> seconds_;
  double copy_in_seconds_ = 0, copy_out_seconds_ = 0, compute_seconds_ = 0;
  bool finished_ = false;
};

}  // namespace foldgrid::detail::cuda
