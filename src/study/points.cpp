// SPDX-License-Identifier: MIT
// The points of a study: their number, their order, their hash.
#include <foldgrid/detail/study_points.hpp>

#include "gpu/sha256.hpp"

#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace foldgrid::detail {

study_points::study_points(std::vector<study_axis> axes, const std::vector<filter>& filters) : axes_(std::move(axes)) {
  for (const study_axis& axis : axes_)
    if (!axis.joins) shape_.push_back(axis.count);
  for (std::size_t extent : shape_) {
    if (size_ > static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / extent) throw_grid_too_large();
    size_ *= extent;
  }
  if (axes_.empty()) size_ = 0;
  std::size_t stride = 1;
  for (std::size_t k = axes_.size(); k-- > 0;) {
    axes_[k].stride = stride;
    if (!axes_[k].joins) stride *= axes_[k].count;
  }
  if (filters.empty()) return;
  std::vector<double> values(axes_.size());
  std::vector<point_column> columns;
  for (std::size_t k = 0; k < axes_.size(); ++k) columns.push_back(column(k, 0, size_));
  for (std::size_t i = 0; i < size_; ++i) {
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = columns[k][i];
    bool keeps = true;
    for (const filter& each : filters) keeps = keeps && each(values.data());
    if (keeps) kept_.push_back(i);
  }
  size_ = kept_.size();
  filtered_ = true;
}

void codec<point_column>::write(byte_writer& out, const point_column& column) {
  const auto list = [&](const auto* first, std::size_t n) {
    out.put(first != nullptr);
    if (first != nullptr) out.write(first, n * sizeof *first);
  };
  out.put(std::tuple(column.first, column.last, column.count, column.stride, column.base, column.points));
  list(column.list, column.count);
  list(column.kept == nullptr ? nullptr : column.kept + column.base, column.points);
}

point_column codec<point_column>::read(byte_reader& in) {
  struct lists {
    std::vector<double> values;
    std::vector<std::uint64_t> kept;
  };
  const auto mine = std::make_shared<lists>();
  point_column column;
  std::tie(column.first, column.last, column.count, column.stride, column.base, column.points) =
      in.get<std::tuple<double, double, std::size_t, std::size_t, std::size_t, std::size_t>>();
  const auto list = [&](auto& to, std::size_t n) {
    if (!in.get<bool>()) return false;
    to.resize(n);
    if (n != 0) std::memcpy(to.data(), in.take(n * sizeof to[0]), n * sizeof to[0]);
    return true;
  };
  if (list(mine->values, column.count)) column.list = mine->values.data();
  if (list(mine->kept, column.points)) {
    column.kept = mine->kept.data();
    column.base = 0;  // only what is needed has come
  }
  column.keeps = mine;
  return column;
}

point_column study_points::column(std::size_t axis, std::size_t first, std::size_t points) const noexcept {
  const study_axis& of = axes_[axis];
  point_column made;
  made.list = of.list.empty() ? nullptr : of.list.data();
  made.kept = filtered_ ? kept_.data() : nullptr;
  made.first = of.first;
  made.last = of.last;
  made.count = of.count;
  made.stride = of.stride;
  made.base = first;
  made.points = points;
  return made;
}

point_column study_points::along(std::size_t axis) const noexcept {
  point_column made = column(axis, 0, axes_[axis].count);
  made.kept = nullptr;
  made.stride = 1;
  return made;
}

std::size_t study_points::position(std::size_t point, std::size_t axis) const noexcept {
  return (filtered_ ? kept_[point] : point) / axes_[axis].stride % axes_[axis].count;
}

std::vector<double> study_points::at(std::size_t point) const {
  std::vector<double> values(axes_.size());
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = column(k, point, 1)[0];
  return values;
}

std::string study_points::hash() const {
  std::string bytes;
  const auto number = [&](auto value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof value); };
  const auto text = [&](std::string_view value) {
    number(value.size());
    bytes += value;
  };
  for (const study_axis& axis : axes_) {
    text(axis.name);
    number(axis.joins);
    number(axis.count);
    const point_column values = along(static_cast<std::size_t>(&axis - axes_.data()));
    for (std::size_t i = 0; i < axis.count; ++i) number(values[i]);
    for (const std::string& word : axis.words) text(word);
  }
  number(filtered_);
  bytes.append(reinterpret_cast<const char*>(kept_.data()), kept_.size() * sizeof(std::uint64_t));
  return cuda::sha256(bytes);
}

}  // namespace foldgrid::detail
