// SPDX-License-Identifier: MIT
// Cuts a long call into launches of about a tenth of a second, so that it can be stopped and tells its progress, and into what fits.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <limits>
#include <optional>

namespace foldgrid::detail::cuda {

/// The leaves [first, first + count) of a call: a node of its tree.
struct piece {
  std::size_t first, count;
  bool is_last;
};

/// Pieces of n leaves, one after another. Each is as long as the time the one before took allows, a power of two, and begins at a
/// multiple of its length: any two that meet are siblings in the tree. A function without a loop takes so little time that its leaves
/// are cut only where there are very many, or where memory on the device has room for fewer.
class pieces {
 public:
  static constexpr std::size_t least = std::size_t{1} << 16;  ///< more than a block's leaves, whatever its shape

  /// `room` is at least n, or a power of two not below `least`.
  pieces(std::size_t n, bool long_running, bool cuttable, std::size_t room = std::numeric_limits<std::size_t>::max())
      : n_(n),
        most_(!cuttable  ? std::numeric_limits<std::size_t>::max()
              : room < n ? std::min(room, longest_of(long_running))
                         : longest_of(long_running)),
        want_(cuttable ? std::min(std::size_t{1} << (long_running ? 18 : 30), most_) : most_) {}

  /// No piece is longer.
  std::size_t longest() const noexcept { return std::min(n_, most_); }

  /// The next piece, after one that took so many seconds, or an unknown time; there must be one left.
  piece next(std::optional<double> seconds) noexcept {
    if (first_ != 0 && seconds) fit(*seconds);
    const std::size_t left = n_ - first_, most = first_ == 0 ? want_ : std::min(want_, first_ & (~first_ + 1));
    const piece made{first_, std::min(left, most), left <= most};
    first_ += made.count;
    return made;
  }

 private:
  static constexpr std::size_t longest_of(bool long_running) noexcept { return std::size_t{1} << (long_running ? 30 : 34); }
  void fit(double seconds) noexcept {
    constexpr double aim = 0.1;
    if (seconds < aim / 2) {
      want_ = std::min(want_ * 2, most_);
    } else {
      for (; seconds > aim && want_ > least; seconds /= 2) want_ /= 2;
    }
  }

  std::size_t n_, most_, want_, first_ = 0;
};

}  // namespace foldgrid::detail::cuda
