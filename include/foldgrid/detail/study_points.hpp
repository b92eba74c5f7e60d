// SPDX-License-Identifier: MIT
// The points of a study: axes that are multiplied or walk together, filtered; each axis a column that is computed from the point's index.
#pragma once

#include <foldgrid/detail/bytes.hpp>
#include <foldgrid/detail/device_sources.hpp>
#include <foldgrid/inputs.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace foldgrid::detail {

/// The values of one axis at `size` points from `base` on: a lazy input. Refers to the points. Equals column_input of
/// kernels/foldgrid/inputs.cuh.
class point_column : public lazy_input<point_column> {
 public:
  const double* list = nullptr;         ///< the axis; null when it is computed
  const std::uint64_t* kept = nullptr;  ///< which points of the product are points of the study; null for all
  double first = 0, last = 0;           ///< of a computed axis
  std::size_t count = 1, stride = 1;    ///< the axis has so many values, and each stays for so many points
  std::size_t base = 0, points = 0;
  std::shared_ptr<const void> keeps = {};  ///< what a column from another process refers to

  std::size_t size() const noexcept { return points; }
  double operator[](std::size_t i) const noexcept {
    i += base;
    if (kept != nullptr) i = kept[i];
    // 64-bit division is several times as slow as 32-bit division
    if (((i | stride | count) >> 32) == 0) {
      i = static_cast<std::uint32_t>(i) / static_cast<std::uint32_t>(stride) % static_cast<std::uint32_t>(count);
    } else {
      i = i / stride % count;
    }
    if (list != nullptr) return list[i];
    return i == 0 ? first : i + 1 == count ? last : first + static_cast<double>(i) * (last - first) / static_cast<double>(count - 1);
  }
};

/// A column travels with the values it refers to.
template <>
struct codec<point_column> {
  static constexpr bool possible = true;
  static FOLDGRID_API void write(byte_writer& out, const point_column& column);
  static FOLDGRID_API point_column read(byte_reader& in);
};

/// One axis: a list of values, or so many equally spaced ones.
struct study_axis {
  std::string name = {};
  std::vector<double> list = {};
  double first = 0, last = 0;
  std::size_t count = 0;
  std::vector<std::string> words = {};  ///< of an axis of words, whose values are their positions
  std::size_t stride = 1;
  bool joins = false;  ///< walks together with the axis before
};

class FOLDGRID_API study_points {
 public:
  using filter = std::function<bool(const double* values)>;

  /// Points of the product of the axes that all filters keep, in order. Throws std::invalid_argument for more points than can be counted.
  study_points(std::vector<study_axis> axes, const std::vector<filter>& filters);
  study_points(const study_points&) = delete;
  study_points& operator=(const study_points&) = delete;

  std::size_t size() const noexcept { return size_; }
  const std::vector<study_axis>& axes() const noexcept { return axes_; }
  /// Lengths of the dimensions; an axis that joins the one before shares its dimension.
  const std::vector<std::size_t>& shape() const noexcept { return shape_; }
  bool filtered() const noexcept { return filtered_; }
  point_column column(std::size_t axis, std::size_t first, std::size_t points) const noexcept;
  std::vector<double> at(std::size_t point) const;
  /// The values along an axis, and which of them a point has.
  point_column along(std::size_t axis) const noexcept;
  std::size_t position(std::size_t point, std::size_t axis) const noexcept;
  /// A hash of the names and values of the axes and of what is kept, as text.
  std::string hash() const;

 private:
  std::vector<study_axis> axes_;
  std::vector<std::size_t> shape_;
  std::vector<std::uint64_t> kept_;
  std::size_t size_ = 1;
  bool filtered_ = false;
};

struct column_source {
  using element = double;
  static constexpr std::size_t alignment = alignof(void*);
  point_column column;
  std::size_t kept_count;
  static void write(kernel_text& text) { text << "foldgrid::gpu::column_input"; }
  void pack(kernel_arguments& to) const {
    to.reads_anywhere(true);
    append_list(to, column.list, column.count);
    append_list(to, column.kept, kept_count);
    to.reads_anywhere(false);
    to.append(column.first);
    to.append(column.last);
    to.append(column.count);
    to.append(column.stride);
    to.append(column.base);
  }

 private:
  template <class T>
  static void append_list(kernel_arguments& to, const T* list, std::size_t count) {
    if (list == nullptr) {
      to.append(list);
    } else {
      to.append_arrays({list}, count * sizeof(T), sizeof(T));
    }
  }
};
inline auto sources_of(const point_column& column, std::size_t) { return std::tuple(column_source{column, column.base + column.points}); }

}  // namespace foldgrid::detail

template <>
inline constexpr bool std::ranges::enable_view<foldgrid::detail::point_column> = true;
