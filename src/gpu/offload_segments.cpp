// SPDX-License-Identifier: MIT
// Many trees at once on a GPU: rows, columns, arrays folded elementwise; in parts where not all of the host's arrays fit.
#include "gpu/device_attempt.hpp"
#include "gpu/device_run.hpp"
#include "gpu/grids.hpp"
#include "gpu/segment_window.hpp"

#include <foldgrid/tree.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <utility>

namespace foldgrid::detail {
namespace {

using namespace cuda;

/// The level of the nodes that one launch folds: whole segments when there are many of them, else nodes enough to go round.
unsigned long long level_for(unsigned long long length, unsigned long long segments, unsigned long long nodes_wanted,
                             unsigned long long least, unsigned long long most) {
  const unsigned long long nodes = std::max(1ull, nodes_wanted / std::max(1ull, segments));
  const auto depth = [](unsigned long long n) { return static_cast<unsigned long long>(std::bit_width(n - 1)); };
  return std::clamp(depth((length + nodes - 1) / nodes), least, most);
}

class segment_fold {
 public:
  segment_fold(call& of, device_launch& launch, segment_texts texts, const segments& over, const void* op, void* results,
               std::size_t result_bytes)
      : of_(of), launch_(launch), texts_(texts), over_(over), op_(op), results_(results), result_bytes_(result_bytes), run_(of, launch) {}

  fate run() {
    try {
      run_.make_room(0, false);
    } catch (const driver_error& e) {
      if (e.code() != out_of_memory || launch_.arguments.arrays().size() != 1) throw;
      return in_parts();
    }
    const auto all_at_once = [&](std::size_t, std::size_t) { run_.copy_inputs({0, 0, false}); };
    fold(over_, static_cast<std::size_t>(over_.length), true, all_at_once, results_);
    return run_.finish(launch_.n);
  }

 private:
  /// The trees over segments to `results`. bring(first, last) has leaves [first, last) of each on the device, of which there is room for
  /// `leaves_at_once`, a power of two or all. False when the call is over.
  template <class Bring>
  bool fold(segments over, std::size_t leaves_at_once, bool ends_call, Bring&& bring, void* results) {
    constexpr unsigned long long long_enough = 32;  // for a warp to each
    const auto processors = static_cast<unsigned long long>(launch_.device->multiprocessors());
    const std::size_t held = run_.held();
    bool by_warps = over.step == 1 && over.length >= long_enough, leaves = true;
    unsigned char identity{};
    address from = 0;
    while (true) {
      over.level = level_for(over.length, over.count, processors * (by_warps ? 64 : 2048),
                             by_warps ? static_cast<unsigned long long>(std::countr_zero(tile_leaves(launch_))) : 6,
                             static_cast<unsigned long long>(gpu::most_level(by_warps)));
      if (leaves && leaves_at_once < over.length)
        over.level = std::min(over.level, static_cast<unsigned long long>(std::countr_zero(leaves_at_once)));
      const auto nodes = static_cast<std::size_t>((over.length + (1ull << over.level) - 1) >> over.level);
      const auto count = static_cast<std::size_t>(over.count);
      const address to = run_.memory(nodes * count * result_bytes_);
      const function kernel = run_.kernel(!leaves ? texts_.of_nodes : by_warps ? texts_.by_warps : launch_.text);
      const std::size_t nodes_at_once = leaves && leaves_at_once < over.length ? leaves_at_once >> over.level : nodes;
      for (std::size_t node = 0; node < nodes && !of_.over(); node += nodes_at_once) {
        const std::size_t last = std::min(nodes, node + nodes_at_once);
        if (leaves) bring(node << over.level, std::min<std::size_t>(static_cast<std::size_t>(over.length), last << over.level));
        pieces cut((last - node) * count, facts_of(launch_.text).loops, true);
        for (piece now = cut.next(0); !of_.over(); now = cut.next(run_.seconds_of_launch())) {
          const bool is_last =
              now.is_last && last == nodes && nodes_at_once == nodes;  // there is nothing to wait for before the next level
          const piece units{now.first + node * count, now.count, is_last && nodes == 1 && ends_call};
          const std::size_t blocks = quotient_up(now.count, by_warps ? gpu::warps_in_block : gpu::threads_in_block);
          if (leaves) {
            run_.run(kernel, units, blocks, op_, &over, &to);
          } else {
            run_.run_with({&identity, &from}, kernel, units, blocks, op_, &over, &to);
          }
          if (!is_last) run_.finish_piece({});
          if (now.is_last) break;
        }
      }
      if (of_.over()) return false;
      if (nodes == 1) {
        run_.copy_back(results, to, count * result_bytes_);
        if (!ends_call) {
          run_.finish_piece({});
          run_.release_to(held);
        }
        return true;
      }
      leaves = by_warps = false;
      from = to;
      over = {over.count, nodes, 1, over.count, 0};
    }
  }

  /// Windows of the host's arrays, one after another.
  fate in_parts() {
    const auto& array = launch_.arguments.arrays()[0];
    const segment_source source(array, over_, launch_.n);
    address room = 0;
    std::size_t elements = launch_.n, held = 0;
    run_.allocate_smaller(elements, true, [&](std::size_t leaves) {
      room = run_.memory(leaves / 2 * source.element_bytes);
      held = run_.held();
      run_.memory(leaves / 2 * source.element_bytes);  // left for nodes
    });
    run_.release_to(held);
    const segment_cut cut = cut_into_windows(over_, elements / 2);
    if (cut.segments == 0) throw driver_error("cuMemAllocFromPoolAsync", out_of_memory);
    double copied = 0, computed = 0;
    const std::size_t items = launch_.n / launch_.leaves_of_item;
    const auto count = static_cast<std::size_t>(over_.count);
    std::size_t told = 0;
    for (std::size_t first = 0; first < count; first += cut.segments) {
      const segment_window window(over_, first, std::min(cut.segments, count - first));
      run_.forget_notes([&](std::size_t at) { return window.index_in_whole(at) / launch_.leaves_of_item; });
      double copying = 0;
      const auto start = std::chrono::steady_clock::now();
      const auto bring = [&](std::size_t from, std::size_t to) {
        const auto begin = std::chrono::steady_clock::now();
        source.each_run(window, from, to, [&](std::size_t at, const void* host, std::size_t bytes) { run_.copy(room + at, host, bytes); });
        run_.place(0, room - window.offset_of(from) * source.element_bytes);
        run_.wait();
        copying += seconds_since(begin);
      };
      if (!fold(window.here, cut.leaves, false, bring, static_cast<std::byte*>(results_) + first * result_bytes_)) return fate::ended;
      copied += copying;
      computed += seconds_since(start) - copying;
      const std::size_t done =
          first + window.here.count == count ? items : items / count * static_cast<std::size_t>(first + window.here.count);
      of_.advance(done - std::exchange(told, done));
    }
    run_.ended();
    if (of_.tells()) of_.took(copied, computed);
    return fate::done;
  }

  call& of_;
  device_launch& launch_;
  const segment_texts texts_;
  const segments over_;
  const void* const op_;
  void* const results_;
  const std::size_t result_bytes_;
  device_run run_;
};

}  // namespace

fate fold_segments_on_device(call& of, device_launch& launch, segment_texts texts, segments over, const void* op, void* results,
                             std::size_t result_bytes) {
  if (of.over()) return fate::ended;
  return attempt(of, launch, [&] { return segment_fold(of, launch, texts, over, op, results, result_bytes).run(); });
}

}  // namespace foldgrid::detail
