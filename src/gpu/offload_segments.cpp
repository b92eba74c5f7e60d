// SPDX-License-Identifier: MIT
// Many trees at once on a GPU: rows, columns, arrays folded elementwise.
#include "gpu/device_attempt.hpp"
#include "gpu/device_run.hpp"
#include "gpu/grids.hpp"

#include <foldgrid/tree.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>

namespace foldgrid::detail {
namespace {

using namespace cuda;

/// The level of the nodes that one launch folds: whole segments when there are many of them, else nodes enough to go round.
unsigned long long level_for(unsigned long long length, unsigned long long segments, unsigned long long nodes_wanted,
                             unsigned long long least) {
  const unsigned long long nodes = std::max(1ull, nodes_wanted / std::max(1ull, segments));
  const auto depth = [](unsigned long long n) { return static_cast<unsigned long long>(std::bit_width(n - 1)); };
  return std::max(least, depth((length + nodes - 1) / nodes));
}

}  // namespace

fate fold_segments_on_device(call& of, device_launch& launch, segment_texts texts, segments over, const void* op, void* results,
                             std::size_t result_bytes) {
  if (of.over()) return fate::ended;
  return attempt(of, launch, [&] {
    device_run run(of, launch);
    constexpr unsigned long long long_enough = 32;  // for a warp to each
    const auto processors = static_cast<unsigned long long>(launch.device->multiprocessors());
    const unsigned long long leaves_in_warp = tile_leaves(launch);
    bool by_warps = over.step == 1 && over.length >= long_enough, leaves = true;
    run.make_room(0, false);
    unsigned char identity{};
    address from = 0;
    piece now{};
    while (true) {
      over.level = level_for(over.length, over.count, processors * (by_warps ? 64 : 2048),
                             by_warps ? static_cast<unsigned long long>(std::countr_zero(leaves_in_warp)) : 6);
      const unsigned long long nodes = (over.length + (1ull << over.level) - 1) >> over.level, units = nodes * over.count;
      const address to = run.memory(static_cast<std::size_t>(units) * result_bytes);
      const function kernel = run.kernel(!leaves ? texts.of_nodes : by_warps ? texts.by_warps : launch.text);
      pieces cut(static_cast<std::size_t>(units), facts_of(launch.text).loops, true);
      const std::size_t in_block = by_warps ? gpu::warps_in_block : gpu::threads_in_block;
      for (now = cut.next(0); !of.over(); now = cut.next(run.seconds_of_launch())) {
        const bool ends = now.is_last;
        now.is_last = ends && nodes == 1;
        if (leaves) {
          run.copy_inputs(now);
          run.run(kernel, now, quotient_up(now.count, in_block), op, &over, &to);
        } else {
          run.run_with({&identity, &from}, kernel, now, quotient_up(now.count, in_block), op, &over, &to);
        }
        if (ends) break;
        now.is_last = false;
        run.finish_piece({});
      }
      if (of.over() || nodes == 1) {
        if (now.is_last) run.copy_back(results, to, static_cast<std::size_t>(units) * result_bytes);
        return run.finish(launch.n);
      }
      leaves = by_warps = false;
      from = to;
      over = {over.count, nodes, 1, over.count, 0};
    }
  });
}

}  // namespace foldgrid::detail
