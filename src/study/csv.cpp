// SPDX-License-Identifier: MIT
// A table as comma-separated values, quoted as RFC 4180 has it, numbers with the fewest digits that give them back.
#include "study/output_file.hpp"

#include <foldgrid/detail/study_points.hpp>
#include <foldgrid/study/table.hpp>

#include <charconv>

namespace foldgrid {
namespace {

std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

}  // namespace

std::string table::text_at(std::size_t row, std::size_t column) const {
  const double value = at(row, column);
  if (column < axes() && !points_->axes()[column].words.empty()) return points_->axes()[column].words[static_cast<std::size_t>(value)];
  if (value != value) return "nan";  // whatever its sign
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

void table::write_csv(const std::string& path) const {
  detail::output_file file(path);
  std::string line;
  for (const std::string& name : names_) line.append(line.empty() ? "" : ",").append(field(name));
  file.write(line + (failures_.empty() ? "\n" : ",error\n"));
  auto failed = failures_.begin();
  for (std::size_t row = 0; row < rows(); ++row) {
    line.clear();
    for (std::size_t k = 0; k < names_.size(); ++k) line.append(k == 0 ? "" : ",").append(field(text_at(row, k)));
    if (!failures_.empty()) line += ',';
    if (failed != failures_.end() && failed->point == row) line += field((failed++)->message);
    file.write(line += '\n');
  }
  file.keep();
}

}  // namespace foldgrid
