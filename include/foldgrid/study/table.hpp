// SPDX-License-Identifier: MIT
// What a study gives: a table of points and results, its failures, its files and its pictures.
#pragma once

#include <foldgrid/detail/build.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace foldgrid {

namespace detail {
class study_points;
}

/// A point whose function threw, at every attempt.
struct point_failure {
  std::size_t point = {};               ///< its row
  std::vector<double> parameters = {};  ///< the values of the axes
  std::string message = {};             ///< what() of the exception
  int code = {};                        ///< the number given to fail(), 0 for any other exception
};

/// How a picture shows a table.
enum class plot_kind {
  automatic,  ///< heat_map for two axes, line for one, scatter for others and for axes that walk together
  line,       ///< result over x
  scatter,    ///< points at x and y, with the result as their colour; y is the result when there is none
  heat_map,   ///< the result as the colour of the cell at x and y
  surface     ///< the result as the height over x and y
};

/// What a picture shows, in this order. Names are columns of the table.
struct plot_options {
  plot_kind kind = {};
  std::string x = {};      ///< empty: the first axis
  std::string y = {};      ///< empty: the second axis, where the kind has one
  std::string value = {};  ///< empty: the first result
  std::string title = {};  ///< empty: the study's name
  int width = 1000;        ///< of the picture in pixels
  int height = 700;
  std::string more = {};  ///< gnuplot commands before the plot, such as "set logscale x"
};

/// Rows are the points of a study in order, columns its axes and then its results; every number is a double. Results of a point that
/// failed are NaN. Holds 8 bytes for each result; the values of the axes are computed. May be copied; outlives the study.
class FOLDGRID_API table {
 public:
  std::size_t rows() const noexcept;
  /// Names of the columns: the axes, then the results.
  const std::vector<std::string>& names() const noexcept { return names_; }
  std::size_t axes() const noexcept { return names_.size() - results_; }
  /// The number at a row and column; std::out_of_range where there is none. An axis of words has their positions.
  double at(std::size_t row, std::size_t column) const;
  /// A column by its name, copied; std::invalid_argument when there is none.
  std::vector<double> column(std::string_view name) const;
  /// The points that failed, in order.
  const std::vector<point_failure>& failures() const noexcept { return failures_; }

  // Files are written under another name first, so that an old one is lost only to a whole new one. What goes wrong is error.

  /// Comma-separated values: a line of names, then a line for each point, with as many digits as it takes to read the same number. Where
  /// points failed there is a last column `error`.
  void write_csv(const std::string& path) const;
  /// An array of records for numpy.load, a field for each column; words as byte strings.
  void write_npy(const std::string& path) const;
  /// An archive for numpy.load, an array for each column. Of a product of axes without a filter, axes have the values along them and
  /// results the shape of the grid.
  void write_npz(const std::string& path) const;
  /// Draws a picture, a .png or .svg file, by gnuplot, and keeps the script with its data beside it, as a .gp file. Where gnuplot is not
  /// installed or fails, error names the script. Names that are no columns, and kinds that need more axes, are std::invalid_argument.
  void plot(const std::string& path, const plot_options& how = {}) const;

  /// For the library.
  table(std::string study, std::shared_ptr<const detail::study_points> points, const std::vector<std::string>& results,
        std::vector<double> values, std::vector<point_failure> failures);

 private:
  std::size_t index_of(std::string_view name, const char* what) const;
  std::string text_at(std::size_t row, std::size_t column) const;
  double at_axis(std::size_t axis, std::size_t position) const;
  std::size_t position_of(std::size_t row, std::size_t axis) const;

  std::string study_;
  std::shared_ptr<const detail::study_points> points_;
  std::vector<std::string> names_;
  std::size_t results_;
  std::vector<double> values_;  // of the results, row after row
  std::vector<point_failure> failures_;
};

}  // namespace foldgrid
