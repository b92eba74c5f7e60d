// SPDX-License-Identifier: MIT
// Cuts a long call into launches of about a tenth of a second, so that it can be stopped, and tells its progress.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <limits>

namespace foldgrid::detail::cuda {

/// The leaves [first, first + count) of a call: a node of its tree.
struct piece {
  std::size_t first, count;
  bool is_last;
};

/// Pieces of n leaves, one after another. Each is as long as the time the one before took allows, a power of two, and begins at a
/// multiple of its length: any two that meet are siblings in the tree. A function without a loop takes so little time that its leaves
/// are cut only where there are very many.
class pieces {
 public:
  pieces(std::size_t n, bool long_running, bool cuttable)
      : n_(n),
        most_(!cuttable      ? std::numeric_limits<std::size_t>::max()
              : long_running ? std::size_t{1} << 30
                             : std::size_t{1} << 34),
        want_(cuttable && long_running ? std::size_t{1} << 18 : most_) {}

  /// No piece is longer.
  std::size_t longest() const noexcept { return std::min(n_, most_); }

  /// The next piece, after one that took so many seconds; there must be one left.
  piece next(double seconds) noexcept {
    if (first_ != 0) fit(seconds);
    const std::size_t left = n_ - first_, most = first_ == 0 ? want_ : std::min(want_, first_ & (~first_ + 1));
    const piece made{first_, std::min(left, most), left <= most};
    first_ += made.count;
    return made;
  }

 private:
  void fit(double seconds) noexcept {
    constexpr double aim = 0.1;
    if (seconds < aim / 2) {
      want_ = std::min(want_ * 2, most_);
    } else {
      for (; seconds > aim && want_ > least; seconds /= 2) want_ /= 2;
    }
  }

  static constexpr std::size_t least = std::size_t{1} << 16;  // more than a block's leaves, whatever its shape
  std::size_t n_, most_, want_, first_ = 0;
};

}  // namespace foldgrid::detail::cuda
