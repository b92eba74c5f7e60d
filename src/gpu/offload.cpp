// SPDX-License-Identifier: MIT
// map and reduce on a GPU: inputs copied in, kernels launched, results copied back; in parts where not all fits, or takes long.
#include "gpu/device_attempt.hpp"
#include "gpu/device_run.hpp"
#include "gpu/graph_capture.hpp"
#include "gpu/grids.hpp"
#include "gpu/pieces.hpp"
#include "gpu/pipeline.hpp"

#include <foldgrid/detail/builtin.hpp>

#include <cstring>
#include <optional>
#include <vector>

namespace foldgrid::detail {
namespace {

using namespace cuda;

/// The values of a reduction's pieces, each of which is a node: siblings are combined as soon as both are there.
class node_values {
 public:
  node_values(call& of, const device_launch& launch, const void* op, std::size_t bytes)
      : of_(of), launch_(launch), op_(op), bytes_(bytes) {}

  /// Where the value of the next piece belongs.
  void* append(const piece& of) {
    counts_.push_back(of.count);
    values_.resize(counts_.size() * bytes_);
    return at(counts_.size() - 1);
  }
  /// Combines what can be while more pieces follow.
  void meet() {
    while (counts_.size() > 1 && counts_.back() == counts_[counts_.size() - 2]) combine_last();
  }
  /// The value of all pieces.
  void finish(void* result) {
    while (counts_.size() > 1) combine_last();
    std::memcpy(result, at(0), bytes_);
  }

 private:
  unsigned char* at(std::size_t k) { return values_.data() + k * bytes_; }
  void combine_last() {
    const exact_arithmetic exact;
    const std::size_t left = counts_.size() - 2;
    launch_.combine(of_, op_, at(left), at(left + 1));
    counts_[left] += counts_[left + 1];
    counts_.pop_back();
  }

  call& of_;
  const device_launch& launch_;
  const void* op_;
  const std::size_t bytes_;
  std::vector<std::size_t> counts_;
  std::vector<unsigned char> values_;
};

fate map_in_stages(call& of, device_launch& launch, device_run& run, function kernel, void* out, std::size_t element_bytes) {
  pipeline stages(of, launch, run, static_cast<std::byte*>(out), element_bytes, 0, {});
  pieces cut(launch.n, facts_of(launch.text).loops, true, stages.room());
  for (piece now = cut.next({}); stages.begin(now); now = cut.next(stages.seconds_of_launch())) {
    const address to = stages.results();
    run.run(kernel, now, map_blocks(launch, now.count), &to);
    stages.launched();
    if (now.is_last) break;
  }
  return stages.finish();
}

/// The call in stages, when that suits it and their memory can be had: each needs room for a piece. Empty otherwise.
template <class InStages>
std::optional<fate> in_stages(const device_launch& launch, std::size_t element_bytes, std::size_t value_bytes, InStages&& run) {
  if (!pipeline::suits(launch, element_bytes, value_bytes)) return {};
  try {
    return run();
  } catch (const driver_error& e) {
    if (e.code() != out_of_memory || launch.begun) throw;
    return {};
  }
}

/// Room for the blocks of a reduction to meet, for pieces of so many leaves.
struct reduction_workspace {
  reduction_workspace(device_run& run, const device_launch& launch, std::size_t leaves, std::size_t result_bytes) {
    const meeting_room room(launch, leaves);
    partials = run.partials(room.partials * result_bytes);
    tickets = run.tickets(room.tickets);
  }
  address partials, tickets;
};

/// Where a kernel writes a reduction's value: in the host's memory when it can, which spares a copy.
class value_place {
 public:
  value_place(device_run& run, std::size_t bytes) : run_(run), bytes_(bytes), cell_(run.cell(bytes)) {
    at_ = cell_ != nullptr ? reinterpret_cast<address>(cell_) : run.memory(bytes);
  }
  const address& at() const noexcept { return at_; }
  /// The kernel was launched; `to` must last as long as the run.
  void launched(void* to) {
    if (cell_ == nullptr) run_.copy_back(to, at_, bytes_);
  }
  /// The launch was waited for: the value is at `to` now.
  void arrived(void* to) const {
    if (cell_ != nullptr) std::memcpy(to, cell_, bytes_);
  }

 private:
  device_run& run_;
  const std::size_t bytes_;
  const std::byte* const cell_;
  address at_ = 0;
};

fate capture_reduce(call& of, device_launch& launch, stream from, const void* op, address to, std::size_t result_bytes) {
  graph_capture graph(of, launch, from);
  const meeting_room room(launch, launch.n);
  const std::size_t ticket_bytes = (room.tickets * sizeof(unsigned) + 255) / 256 * 256;
  const std::size_t bytes = ticket_bytes + room.partials * result_bytes;
  const address tickets = graph.memory(bytes), partials = tickets + ticket_bytes;
  if (bytes != 0) graph.clear(tickets, bytes);
  graph.run(reduce_blocks(launch, launch.n), op, &to, &partials, &tickets);
  return graph.finish();
}

fate reduce_in_stages(call& of, device_launch& launch, device_run& run, function kernel, const void* op, node_values& nodes,
                      std::size_t result_bytes) {
  pipeline stages(of, launch, run, nullptr, 0, result_bytes, [&](const piece& done, const void* value) {
    std::memcpy(nodes.append(done), value, result_bytes);
    if (!done.is_last) nodes.meet();
  });
  pieces cut(launch.n, facts_of(launch.text).loops, true, stages.room());
  const reduction_workspace workspace(run, launch, cut.longest(), result_bytes);
  for (piece now = cut.next({}); stages.begin(now); now = cut.next(stages.seconds_of_launch())) {
    const address value = stages.results();
    run.run(kernel, now, reduce_blocks(launch, now.count), op, &value, &workspace.partials, &workspace.tickets);
    stages.launched();
    if (now.is_last) break;
  }
  return stages.finish();
}

}  // namespace

fate map_on_device(call& of, device_launch& launch, void* out, std::size_t element_bytes) {
  if (launch.n == 0) return fate::done;
  if (of.over()) return fate::ended;
  return attempt(of, launch, [&] {
    if (const stream from = captured_stream(of, launch)) {
      graph_capture graph(of, launch, from);
      const address to = reinterpret_cast<address>(out);
      graph.run(map_blocks(launch, launch.n), &to);
      return graph.finish();
    }
    device_run run(of, launch);
    const function kernel = run.kernel();
    if (const auto how = in_stages(launch, element_bytes, 0, [&] { return map_in_stages(of, launch, run, kernel, out, element_bytes); }))
      return *how;
    const std::size_t room = run.make_room(launch.resident ? 0 : element_bytes, true);
    pieces cut(launch.n, facts_of(launch.text).loops, true, room);
    piece now = cut.next({});
    for (; !of.over(); now = cut.next(run.seconds_of_launch())) {
      const bool whole = launch.resident || run.has_room_for_all();
      const address to = launch.resident ? reinterpret_cast<address>(out) : run.results();
      const address here = to + (whole ? now.first * element_bytes : 0);
      run.copy_inputs(now);
      run.run(kernel, now, map_blocks(launch, now.count), &here);
      if (!whole) run.copy_back(static_cast<char*>(out) + now.first * element_bytes, here, now.count * element_bytes);
      if (now.is_last) {
        if (whole && !launch.resident && element_bytes != 0) run.copy_back(out, to, launch.n * element_bytes);
        break;
      }
      run.finish_piece(now);
    }
    return run.finish(now.count);
  });
}

fate reduce_on_device(call& of, device_launch& launch, const void* op, void* result, std::size_t result_bytes) {
  if (of.over()) return fate::ended;
  return attempt(of, launch, [&] {
    node_values nodes(of, launch, op, result_bytes);  // outlives the run, which writes to it until it ends
    device_run run(of, launch);
    const function kernel = run.kernel();
    const bool cuttable = launch.combine != nullptr, loops = facts_of(launch.text).loops;
    std::optional<fate> how;
    if (cuttable)
      how = in_stages(launch, 0, result_bytes, [&] { return reduce_in_stages(of, launch, run, kernel, op, nodes, result_bytes); });
    if (!how) {
      const reduction_workspace workspace(run, launch, pieces(launch.n, loops, cuttable).longest(), result_bytes);
      value_place value(run, result_bytes);
      pieces cut(launch.n, loops, cuttable, run.make_room(0, cuttable));
      piece now = cut.next({});
      void* to = nullptr;
      for (; !of.over(); now = cut.next(run.seconds_of_launch())) {
        run.copy_inputs(now);
        run.run(kernel, now, reduce_blocks(launch, now.count), op, &value.at(), &workspace.partials, &workspace.tickets);
        to = nodes.append(now);
        value.launched(to);
        if (now.is_last) break;
        run.finish_piece(now);
        value.arrived(to);
        nodes.meet();
      }
      how = run.finish(now.count);
      if (*how == fate::done) value.arrived(to);
    }
    if (*how == fate::done) nodes.finish(result);
    return *how;
  });
}

fate reduce_into_device(call& of, device_launch& launch, const void* op, void* to, std::size_t result_bytes) {
  if (of.over()) return fate::ended;
  return attempt(of, launch, [&] {
    const address value = reinterpret_cast<address>(to);
    if (const stream from = captured_stream(of, launch)) return capture_reduce(of, launch, from, op, value, result_bytes);
    device_run run(of, launch);
    const reduction_workspace workspace(run, launch, launch.n, result_bytes);
    const piece all{0, launch.n, true};
    run.make_room(0, false);
    run.copy_inputs(all);
    run.run(run.kernel(), all, reduce_blocks(launch, launch.n), op, &value, &workspace.partials, &workspace.tickets);
    return run.finish(launch.n);
  });
}

}  // namespace foldgrid::detail
