// SPDX-License-Identifier: MIT
// A table's columns and numbers.
#include <foldgrid/study/table.hpp>

#include <foldgrid/detail/study_points.hpp>

#include <stdexcept>
#include <utility>

namespace foldgrid {

table::table(std::string study, std::shared_ptr<const detail::study_points> points, const std::vector<std::string>& results,
             std::vector<double> values, std::vector<point_failure> failures)
    : study_(std::move(study)),
      points_(std::move(points)),
      results_(results.size()),
      values_(std::move(values)),
      failures_(std::move(failures)) {
  for (const detail::study_axis& axis : points_->axes()) names_.push_back(axis.name);
  names_.insert(names_.end(), results.begin(), results.end());
}

std::size_t table::rows() const noexcept { return points_->size(); }

double table::at(std::size_t row, std::size_t column) const {
  if (row >= rows() || column >= names_.size())
    throw std::out_of_range("table: asked for row " + std::to_string(row) + ", column " + std::to_string(column) + ", found " +
                            std::to_string(rows()) + " rows of " + std::to_string(names_.size()) + " columns; give numbers below these");
  return column < axes() ? points_->column(column, row, 1)[0] : values_[row * results_ + column - axes()];
}

/// A value along an axis, and which of them a row has.
double table::at_axis(std::size_t axis, std::size_t position) const { return points_->along(axis)[position]; }
std::size_t table::position_of(std::size_t row, std::size_t axis) const { return points_->position(row, axis); }

std::size_t table::index_of(std::string_view name, const char* what) const {
  std::string all;
  for (std::size_t k = 0; k < names_.size(); ++k) {
    if (names_[k] == name) return k;
    all.append(k == 0 ? "" : ", ").append(names_[k]);
  }
  throw std::invalid_argument(std::string("table: asked for ") + what + " '" + std::string(name) + "', found columns " + all +
                              "; give one of these");
}

std::vector<double> table::column(std::string_view name) const {
  const std::size_t k = index_of(name, "column");
  std::vector<double> values(rows());
  if (k < axes()) {
    const detail::point_column from = points_->column(k, 0, rows());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = from[i];
  } else {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = values_[i * results_ + k - axes()];
  }
  return values;
}

}  // namespace foldgrid
