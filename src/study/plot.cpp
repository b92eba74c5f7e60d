// SPDX-License-Identifier: MIT
// Pictures of a table: gnuplot scripts that hold their data, and gnuplot, which draws them.
#include "study/output_file.hpp"

#include <foldgrid/detail/study_points.hpp>
#include <foldgrid/error.hpp>
#include <foldgrid/study/table.hpp>

#include <sys/wait.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace foldgrid {
namespace {

using detail::study_axis;

/// In gnuplot's and the shell's single quotes.
std::string quoted(const std::string& text, const char* quote_inside) {
  std::string made = "'";
  for (const char c : text) made.append(c == '\'' ? quote_inside : std::string(1, c));
  return made + "'";
}
std::string title(const std::string& text) { return quoted(text, "''"); }

std::string number(double value) {
  if (value != value) return "nan";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

enum class spacing { even, by_factor, other };
spacing spacing_of(const std::vector<double>& values) {
  if (values.size() < 3) return spacing::even;
  const double step = (values.back() - values.front()) / static_cast<double>(values.size() - 1);
  bool even = true, by_factor = values.front() > 0 && values.back() > 0;
  const double factor = by_factor ? std::log(values.back() / values.front()) / static_cast<double>(values.size() - 1) : 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto k = static_cast<double>(i);
    even = even && std::fabs(values[i] - (values.front() + k * step)) <= 1e-6 * std::fabs(step);
    by_factor = by_factor && values[i] > 0 && std::fabs(std::log(values[i] / values.front()) - k * factor) <= 1e-6 * std::fabs(factor);
  }
  return even ? spacing::even : by_factor ? spacing::by_factor : spacing::other;
}

/// One axis of the picture.
struct drawn_axis {
  std::size_t column;
  std::vector<double> values = {};  // along an axis of the study; empty for a result
  spacing how = spacing::other;
};

/// The edges of the cell around the i-th value: half way to its neighbours.
std::pair<double, double> cell(const drawn_axis& axis, std::size_t i) {
  const auto& v = axis.values;
  if (v.size() < 2) return {v[i] - 0.5, v[i] + 0.5};
  const bool factor = axis.how == spacing::by_factor;
  const auto middle = [&](double a, double b) { return factor ? std::sqrt(a * b) : (a + b) / 2; };
  const auto beyond = [&](double a, double b) { return factor ? a * std::sqrt(a / b) : a + (a - b) / 2; };
  return {i == 0 ? beyond(v[0], v[1]) : middle(v[i - 1], v[i]), i + 1 == v.size() ? beyond(v[i], v[i - 1]) : middle(v[i], v[i + 1])};
}

void draw(const std::string& picture, const std::string& script) {
  const std::string command = "LC_ALL=C gnuplot " + quoted(script, "'\\''") + " 2>&1";
  std::FILE* const gnuplot = popen(command.c_str(), "r");
  std::string said;
  if (gnuplot != nullptr)
    for (char part[256]; std::fgets(part, sizeof part, gnuplot) != nullptr;) said += part;
  const int status = gnuplot == nullptr ? -1 : pclose(gnuplot);
  if (status == 0) return;
  if (status == -1 || (WIFEXITED(status) && WEXITSTATUS(status) == 127))
    throw error("table: asked to draw '" + picture + "', found no gnuplot; install it (Debian: gnuplot-nox) and run: gnuplot " + script);
  throw error("table: asked to draw '" + picture + "', found that gnuplot failed on '" + script + "': " + said);
}

}  // namespace

void table::plot(const std::string& path, const plot_options& how) const {
  const bool svg = path.ends_with(".svg");
  if (!svg && !path.ends_with(".png"))
    throw std::invalid_argument("table: asked to draw '" + path + "'; give a name that ends in .png or .svg");
  if (how.width < 100 || how.height < 100 || how.width > 20000 || how.height > 20000)
    throw std::invalid_argument("table: asked for a picture of " + std::to_string(how.width) + " x " + std::to_string(how.height) +
                                " pixels; give 100 to 20000 each way");
  if (rows() == 0) throw std::invalid_argument("table: asked to draw '" + path + "', found no rows; give a study with points");

  // Axes that vary, each dimension by its first
  std::vector<std::size_t> varying;
  bool joined = false;
  for (std::size_t k = 0; k < axes(); ++k) {
    if (points_->axes()[k].count > 1 && !points_->axes()[k].joins) varying.push_back(k);
    joined = joined || points_->axes()[k].joins;
  }
  plot_kind kind = how.kind;
  if (kind == plot_kind::automatic)
    kind = varying.size() < 2 ? plot_kind::line : varying.size() == 2 && !points_->filtered() ? plot_kind::heat_map : plot_kind::scatter;
  const auto pick = [&](const std::string& name, const char* what, std::size_t otherwise) {
    drawn_axis axis{name.empty() ? otherwise : index_of(name, what)};
    if (axis.column < axes()) {
      const study_axis& from = points_->axes()[axis.column];
      for (std::size_t i = 0; i < from.count; ++i) axis.values.push_back(at_axis(axis.column, i));
      axis.how = spacing_of(axis.values);
      if (!from.words.empty()) axis.how = spacing::even;
    }
    return axis;
  };
  const drawn_axis x = pick(how.x, "x", varying.empty() ? 0 : varying[0]);
  const drawn_axis value = pick(how.value, "value", axes());
  const bool flat = kind == plot_kind::line || (kind == plot_kind::scatter && how.y.empty() && varying.size() < 2);
  const drawn_axis y =
      flat ? (how.y.empty() ? value : pick(how.y, "y", axes())) : pick(how.y, "y", varying.size() > 1 ? varying[1] : axes());
  const bool colored = kind == plot_kind::scatter && y.column != value.column;

  const auto dimension = [&](std::size_t column) {
    while (points_->axes()[column].joins) --column;
    return column;
  };
  if (kind == plot_kind::heat_map || kind == plot_kind::surface) {
    bool good = x.column < axes() && y.column < axes() && (kind == plot_kind::heat_map || !points_->filtered());
    good = good && dimension(x.column) != dimension(y.column);
    for (const std::size_t k : varying) good = good && (k == dimension(x.column) || k == dimension(y.column));
    if (!good)
      throw std::invalid_argument(
          "table: asked for a heat map or surface of '" + study_ +
          "', which take two axes that are multiplied, and no other that varies, of a study without a filter (a heat map may have "
          "one); use plot_kind::scatter");
  }

  std::string script = svg ? "set terminal svg size " : "set terminal pngcairo noenhanced font ',12' size ";
  script += std::to_string(how.width) + "," + std::to_string(how.height) + (svg ? " noenhanced background 'white'" : "");
  script += "\nset output " + title(path) + "\nset title " + title(how.title.empty() ? study_ : how.title) + "\nset xlabel " +
            title(names_[x.column]) + "\nset ylabel " + title(names_[y.column]) + "\nset tics out nomirror\nset datafile missing 'nan'\n";
  script += "set palette defined (0 '#440154', 1 '#414487', 2 '#2a788e', 3 '#22a884', 4 '#7ad151', 5 '#fde725')\n";
  const auto scale = [&](const char* which, const drawn_axis& axis) {
    if (axis.how == spacing::by_factor) script += std::string("set logscale ") + which + "\n";
    if (axis.column >= axes() || points_->axes()[axis.column].words.empty()) return;
    script += std::string("set ") + which + "tics (";
    const auto& words = points_->axes()[axis.column].words;
    for (std::size_t i = 0; i < words.size(); ++i)
      script.append(i == 0 ? "" : ", ").append(title(words[i])).append(" ").append(std::to_string(i));
    script += ")\n";
  };
  scale("x", x);
  scale("y", y);
  if (colored || kind == plot_kind::heat_map) script += "set cblabel " + title(names_[value.column]) + "\n";
  if (kind == plot_kind::surface) script += "set zlabel " + title(names_[value.column]) + " rotate\nset ticslevel 0.1\nset hidden3d\n";
  if (kind == plot_kind::line || kind == plot_kind::scatter) script += "set grid\n";

  const bool image = kind == plot_kind::heat_map && !points_->filtered() && x.how == spacing::even && y.how == spacing::even &&
                     x.values.size() > 1 && y.values.size() > 1;
  std::string data, plots;
  const auto row_text = [&](std::size_t row) {
    std::string line = number(at(row, x.column)) + " " + number(at(row, y.column));
    if (kind == plot_kind::heat_map && !image) {
      const auto in = [&](const drawn_axis& axis) {
        const auto [low, high] = cell(axis, position_of(row, axis.column));
        line.append(" ").append(number(low)).append(" ").append(number(high));
      };
      in(x);
      in(y);
    }
    if (!flat) line.append(" ").append(number(at(row, value.column)));
    return line + "\n";
  };
  if (kind == plot_kind::line && x.column < axes() && !points_->filtered() && varying.size() == 2 &&
      rows() / x.values.size() <= 12) {  // a line for each value of the other axis
    const std::size_t own = dimension(x.column), other = varying[0] == own ? varying[1] : varying[0];
    for (std::size_t j = 0; j < points_->axes()[other].count; ++j) {
      std::string block;
      for (std::size_t i = 0; i < x.values.size(); ++i)
        block += row_text(i * points_->axes()[own].stride + j * points_->axes()[other].stride);
      data += block + "\n\n";
      plots.append(j == 0 ? "" : ", ").append("$data index ").append(std::to_string(j)).append(" with lines lw 2 title ");
      plots += title(names_[other] + " = " + text_at(j * points_->axes()[other].stride, other));
    }
  } else {
    const bool scans = kind == plot_kind::surface;
    const std::size_t own = scans ? dimension(x.column) : 0, other = scans ? dimension(y.column) : 0;
    for (std::size_t i = 0; i < (scans ? x.values.size() : 1); ++i) {
      for (std::size_t j = 0; j < (scans ? y.values.size() : rows()); ++j)
        data += row_text(scans ? i * points_->axes()[own].stride + j * points_->axes()[other].stride : j);
      if (scans) data += "\n";
    }
    switch (kind) {
      case plot_kind::heat_map:
        plots = image ? "$data using 1:2:3 with image notitle"
                      : "$data using 1:2:3:4:5:6:7 with boxxyerror fillstyle solid 1.0 noborder fillcolor palette notitle";
        break;
      case plot_kind::surface:
        plots = "$data using 1:2:3 with lines lw 0.5 lc palette notitle";
        break;
      case plot_kind::scatter:
        plots = colored ? "$data using 1:2:3 with points pt 7 ps 0.6 lc palette notitle"
                        : "$data using 1:2 with points pt 7 ps 0.4 lc rgb '#2a788e' notitle";
        break;
      default:
        plots = "$data using 1:2 with lines lw 2 lc rgb '#2a788e' notitle";
    }
  }
  if (kind == plot_kind::heat_map) script += "set autoscale fix\n";
  if (!how.more.empty()) script += how.more + "\n";
  const std::string script_path = path.substr(0, path.size() - 4) + ".gp";
  detail::output_file file(script_path);
  file.write("$data << EOD\n");
  file.write(data);
  file.write("EOD\n" + script + (kind == plot_kind::surface ? "splot " : "plot ") + plots + "\n");
  file.keep();
  draw(path, script_path);
}

}  // namespace foldgrid
