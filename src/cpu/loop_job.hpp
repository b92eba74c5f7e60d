// SPDX-License-Identifier: MIT
// Claiming chunks: how the indices of one loop are dealt out to the threads that run it.
#pragma once

#include "item_watcher.hpp"
#include "thread_pool.hpp"

#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/detail/call.hpp>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>

namespace foldgrid::detail {

/// One loop, joined by several threads. Each begins in a part of its own, the same in every loop over as many indices, so
/// that what lies in a core's cache is read there again; who has finished a part helps where most is left. Where the order says
/// nothing, every other loop goes down instead of up: of an array larger than the cache, its end is there when the loop before has
/// gone up. A call that fails fast has one part, claimed in index order: everything below a failing item has then begun.
class loop_job final : public job {
 public:
  loop_job(call& of, std::size_t size, cut where, std::size_t grain, std::size_t fixed, std::size_t participants, loop_body body,
           std::size_t items_each)
      : call_(of),
        body_(body),
        grain_(grain),
        fixed_(fixed),
        items_each_(items_each),
        at_nodes_(where != cut::anywhere),
        alone_(participants == 1),
        descends_(where == cut::at_nodes_in_any_order && !alone_ && !of.asked_.fail_fast && every_other()),
        part_count_(of.asked_.fail_fast ? 1 : std::min(participants, most_parts)) {
    const std::size_t share = size / part_count_;
    const std::size_t unit = fixed != 0  ? fixed
                             : at_nodes_ ? std::bit_floor(std::max<std::size_t>(share / 4, 1))
                                         : (share >= 4 * even_start ? even_start : 1);
    std::size_t at = 0;
    for (std::size_t k = 0; k < part_count_; ++k) {
      const std::size_t left = part_count_ - k, end = left == 1 ? size : std::min(size, at + (size - at) / left / unit * unit);
      parts_[k].next.store(descends_ ? end : at, std::memory_order_relaxed);
      parts_[k].end = descends_ ? at : end;
      at = end;
    }
  }

  void participate(std::size_t seat) noexcept override {
    const exact_arithmetic exact;
    participant mine(*this, seat);
    try {
      body_(mine);
    } catch (...) {
      call_.abort(std::current_exception());
    }
  }

 private:
  /// A chunk that takes this long hides the cost of claiming it and still leaves the ends of a call even.
  static constexpr std::int64_t chunk_time = 100'000;

  /// Large chunks and parts start at multiples of this: of a cache line, whatever the elements.
  static constexpr std::size_t even_start = 64;

  /// Most parts a loop is dealt out in; more participants than that share them.
  static constexpr std::size_t most_parts = 16;
  struct part;

  class participant final : public chunk_source {
   public:
    participant(loop_job& job, std::size_t seat) noexcept
        : job_(job),
          part_(job.first_part(seat)),
          want_(job.fixed_ != 0 ? job.fixed_ : job.grain_),
          before_(job.fixed_ == 0 ? steady_nanoseconds() : 0) {}

    bool next(std::size_t& first, std::size_t& last) noexcept override {
      if (claimed_ != 0) finish_chunk();
      while (!job_.call_.over()) {
        if (job_.claim(*part_, want_, first, last)) {
          claimed_ = last - first;
          return true;
        }
        part_ = job_.fullest_part();
        if (part_ == nullptr) break;
      }
      claimed_ = 0;
      return false;
    }

   private:
    void finish_chunk() noexcept {
      job_.call_.advance(claimed_ * job_.items_each_);
      if (job_.fixed_ != 0) return;
      const std::int64_t now = steady_nanoseconds(), spent = now - before_;
      before_ = now;
      if (spent < chunk_time / 2) {
        const auto factor = static_cast<std::size_t>(std::clamp<std::int64_t>(chunk_time / (2 * spent + 1), 2, 64));
        want_ = want_ < most_wanted / factor ? want_ * factor : most_wanted;
      } else if (spent > 4 * chunk_time && want_ > job_.grain_) {
        want_ /= 2;
      }
    }

    loop_job& job_;
    part* part_;
    std::size_t want_, claimed_ = 0;
    std::int64_t before_;
  };

  /// Indices from `next` to `end` are left, which lies below when the loop descends.
  struct alignas(64) part {
    std::atomic<std::size_t> next;
    std::size_t end;
    std::atomic<bool> owned = false;
  };

  std::size_t left_from(std::size_t at, const part& in) const noexcept { return descends_ ? at - in.end : in.end - at; }

  part* first_part(std::size_t seat) noexcept {
    for (std::size_t k = 0; k < part_count_; ++k) {
      part& each = parts_[(seat + k) % part_count_];
      if (!each.owned.exchange(true, std::memory_order_relaxed)) return &each;
    }
    return &parts_[seat % part_count_];
  }

  /// The part where most is left; null when every part has been seen empty, which it then stays.
  part* fullest_part() noexcept {
    part* found = nullptr;
    std::size_t most = 0;
    for (part* each = parts_; each != parts_ + part_count_; ++each) {
      const std::size_t left = left_from(each->next.load(std::memory_order_relaxed), *each);  // read once: others claim meanwhile
      if (left <= most) continue;
      most = left;
      found = each;
    }
    return found;
  }

  bool claim(part& from, std::size_t want, std::size_t& first, std::size_t& last) const noexcept {
    std::size_t at = from.next.load(std::memory_order_relaxed), to;
    do {
      const std::size_t left = left_from(at, from);
      if (left == 0) return false;
      std::size_t k = want;
      if (fixed_ == 0 && !alone_)
        k = std::min(k, std::max({left / 2, want / 64, grain_ / 8, std::size_t{1}}));  // leave some for the others
      k = std::min(k, left);
      to = descends_ ? at - k : at + k;
      if (k < left) {
        const std::size_t unit = fixed_ != 0           ? fixed_
                                 : at_nodes_           ? std::bit_floor(k) / std::min<std::size_t>(std::bit_floor(k), 4)
                                 : k >= 2 * even_start ? even_start
                                                       : 1;
        to -= to % unit;
        if (descends_ && at - to > k) to += unit;
      }
    } while (!from.next.compare_exchange_weak(at, to, std::memory_order_relaxed));
    first = std::min(at, to);
    last = std::max(at, to);
    return true;
  }

  static bool every_other() noexcept {
    static std::atomic<unsigned> loops = 0;
    return loops.fetch_add(1, std::memory_order_relaxed) % 2 != 0;
  }

  static constexpr std::size_t most_wanted = std::numeric_limits<std::size_t>::max() / 2;

  call& call_;
  const loop_body body_;
  const std::size_t grain_, fixed_, items_each_;
  const bool at_nodes_, alone_, descends_;
  const std::size_t part_count_;
  part parts_[most_parts];
};

}  // namespace foldgrid::detail
