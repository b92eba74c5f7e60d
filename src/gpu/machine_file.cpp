// SPDX-License-Identifier: MIT
// Reads and writes the figures of a machine, a line each.
#include "gpu/machine_file.hpp"

#include "gpu/kept_files.hpp"
#include "gpu/sha256.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace foldgrid::detail {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view first_line = "foldgrid machine 1", last_line = "end";

/// With four digits, and a point whatever the locale.
std::string digits_of(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::general, 4).ptr};
}
std::string digits_of(std::uint64_t value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value, 16).ptr};
}

std::string quoted(std::string_view text) { return std::string("\"").append(text).append("\""); }

/// One line of the text, word by word.
class line_reader {
 public:
  line_reader(std::string_view line, std::size_t number) : rest_(line), number_(number) {}

  std::string_view word() {
    const std::string_view found = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(std::min(rest_.size(), found.size() + 1));
    return found;
  }
  std::string_view rest() const { return rest_; }
  template <class T, class... Base>
  T number(Base... base) {
    const std::string_view text = word();
    T value{};
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base...);
    if (code != std::errc() || end != text.data() + text.size()) refuse("a number", text);
    return value;
  }
  double number_between(double least, double most) {
    const std::string_view shown = rest_.substr(0, rest_.find(' '));
    const double value = number<double>();
    if (!(value >= least && value <= most)) {
      char range[64];
      std::snprintf(range, sizeof range, "a number from %g to %g", least, most);
      refuse(range, shown);
    }
    return value;
  }
  void expect(std::string_view wanted) {
    if (const std::string_view found = word(); found != wanted) refuse(quoted(wanted), found);
  }
  void expect_end() {
    if (!rest_.empty()) refuse("the end of the line", rest_);
  }
  [[noreturn]] void refuse(const std::string& wanted, std::string_view found) const {
    throw std::invalid_argument("line " + std::to_string(number_) + ": expected " + wanted + ", found " + quoted(found));
  }

 private:
  std::string_view rest_;
  std::size_t number_;
};

void read_figure(line_reader& line, const figure_name& name, machine& into) {
  const double value = line.number_between(name.least, name.most);
  const std::string_view from = line.word();
  const auto* const found = std::find(std::begin(origin_names), std::end(origin_names), from);
  if (found == std::end(origin_names)) line.refuse("\"estimated\" or \"measured\"", from);
  into.*name.member = {value, static_cast<origin>(found - std::begin(origin_names))};
}

void read_function(line_reader& line, machine_record& into) {
  const auto text = line.number<std::uint64_t>(16);
  const auto state = line.number<std::uint64_t>(16);
  function_cost cost;
  line.expect("cpu");
  cost.cpu = line.number_between(0, 1e6);
  line.expect("gpu");
  cost.gpu = line.number_between(0, 1e6);
  into.functions[text] = {state, cost};
}

}  // namespace

std::string text_of(const machine_record& record) {
  std::string text(first_line);
  text.append("\ncpu ").append(record.cpu).append("\ngpu ").append(record.gpu).append("\n");
  const auto line = [&](const auto&... words) {
    const char* gap = "";
    ((text.append(std::exchange(gap, " ")).append(words)), ...);
    text += '\n';
  };
  for (const figure_name& each : figure_names) {
    const figure& found = record.figures.*each.member;
    line(each.name, digits_of(found.value), origin_names[static_cast<int>(found.from)]);
  }
  for (const auto& [text_id, timed] : record.functions)
    line("function", digits_of(text_id), digits_of(timed.state), "cpu", digits_of(timed.cost.cpu), "gpu", digits_of(timed.cost.gpu));
  return text.append(last_line).append("\n");
}

machine_record record_of(const std::string& text, std::size_t workers) {
  machine_record found{.cpu = {}, .gpu = {}, .figures = estimated_machine(workers), .functions = {}};
  std::istringstream lines(text);
  std::string each;
  std::size_t number = 0;
  bool ended = false;
  while (std::getline(lines, each)) {
    line_reader line(each, ++number);
    if (number == 1) {
      if (each != first_line) line.refuse(quoted(first_line), each);
      continue;
    }
    if (each.empty() || each.starts_with('#')) continue;
    if (ended) line.refuse("nothing after \"end\"", each);
    const std::string_view word = line.word();
    if (word == last_line) {
      ended = true;
    } else if (word == "cpu" || word == "gpu") {
      (word == "cpu" ? found.cpu : found.gpu) = line.rest();
      continue;
    } else if (word == "function") {
      read_function(line, found);
    } else {
      const auto* const name =
          std::find_if(std::begin(figure_names), std::end(figure_names), [&](const figure_name& one) { return one.name == word; });
      if (name == std::end(figure_names)) line.refuse("a figure's name, \"cpu\", \"gpu\", \"function\" or \"end\"", word);
      read_figure(line, *name, found.figures);
    }
    line.expect_end();
  }
  if (!ended) line_reader({}, number + 1).refuse("\"end\"", "the end of the file");
  return found;
}

std::string name_of_cpu(std::size_t workers) {
  std::string model = "unknown CPU";
  std::ifstream from("/proc/cpuinfo");
  for (std::string line; std::getline(from, line) && !line.empty();) {  // of the first core
    const std::size_t at = line.find(": ");
    if (!line.starts_with("model name") || at == std::string::npos) continue;
    model = line.substr(at + 2);
    break;
  }
  return model + ", " + std::to_string(workers) + (workers == 1 ? " worker" : " workers");
}

fs::path file_of_machine(const fs::path& folder, const std::string& cpu) {
  return folder / ("machine-" + cuda::sha256(cpu).substr(0, 16) + ".txt");
}

std::optional<machine_record> read_machine(const fs::path& file, const std::string& cpu, std::size_t workers) noexcept {
  try {
    const std::optional<std::string> text = cuda::text_in(file);
    if (!text) return std::nullopt;
    machine_record found = record_of(*text, workers);
    if (found.cpu == cpu) return found;
  } catch (...) {  // damaged, or no memory: measured anew
  }
  return std::nullopt;
}

void keep_machine(const fs::path& file, const machine_record& record) noexcept {
  try {
    cuda::put_file(file.parent_path(), file, text_of(record));
  } catch (...) {  // no memory: nothing is kept
  }
}

}  // namespace foldgrid::detail
