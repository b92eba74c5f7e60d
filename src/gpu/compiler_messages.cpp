// SPDX-License-Identifier: MIT
// Reads NVRTC's log.
#include "gpu/compiler_messages.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <sstream>
#include <string_view>
#include <vector>

namespace foldgrid::detail::cuda {
namespace {

struct message {
  std::string file, line, text;
  std::vector<std::string> excerpt;  // the line, and below it a mark where the trouble is
  bool is_ours() const { return file == "foldgrid kernel" || file == "foldgrid layout"; }
  bool is_whole() const { return excerpt.size() == 2; }
  /// The name that is marked, with what it is qualified by.
  std::string marked() const {
    const std::size_t from = is_whole() ? excerpt[1].find('^') : std::string::npos;
    if (from == std::string::npos || from >= excerpt[0].size()) return {};
    const auto belongs = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':'; };
    const auto begin = excerpt[0].begin() + static_cast<std::ptrdiff_t>(from);
    return {begin, std::find_if_not(begin, excerpt[0].end(), belongs)};
  }
};

/// What stands between two texts, the first of which begins the message; empty when it is another message.
std::string between(const std::string& text, std::string_view before, std::string_view after) {
  if (!text.starts_with(before)) return {};
  const std::size_t end = text.find(after, before.size());
  return end == std::string::npos ? std::string() : text.substr(before.size(), end - before.size());
}

std::string in_our_words(const message& from) {
  const std::string& text = from.text;
  if (const std::string name = between(text, "identifier \"", "\" is undefined"); !name.empty())
    return name + " is not visible on the GPU; pass it as state or name it in _USING";
  if (const std::string name = between(text, "the global scope has no \"", "\""); !name.empty())
    return "::" + name + " is not visible on the GPU; pass it as state or name it in _USING, without the ::";
  if (const std::string name = from.marked(); !name.empty() && text == "name followed by \"::\" must be a class or namespace name")
    return name +
           " is not visible on the GPU; pass it as state or name it in _USING, for which a FOLDGRID_ macro "
           "must declare it in the body's own namespace or an enclosing one";
  if (const std::string name = between(text, "namespace \"std\" has no member \"", "\""); !name.empty())
    return "std::" + name +
           " does not exist on the GPU; of std a body sees the mathematical functions, min, max, abs, size_t and the names of <cstdint>";
  if (text.find("exception handling") != std::string::npos) return "a body cannot throw on the GPU; report trouble by fg::fail(code)";
  if (const std::string what = between(text, "static assertion failed with \"", "\""); !what.empty()) return what;
  if (const std::string name = between(text, "calling a __host__ function(\"", "\""); !name.empty())
    return name + " is a function of the host; declare it by FOLDGRID_FUNCTION and name it in _USING";
  return text;
}

std::vector<message> messages_in(const std::string& log) {
  std::vector<message> found;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t mark = line.find("): error: ");
    const std::size_t open = mark == std::string::npos ? mark : line.rfind('(', mark);
    if (open != std::string::npos) {
      found.push_back({line.substr(0, open), line.substr(open + 1, mark - open - 1), line.substr(mark + 10), {}});
    } else if (line.find("detected in the compilation of") != std::string::npos) {
      break;
    } else if (!found.empty() && !found.back().is_whole() && !line.empty()) {
      found.back().excerpt.push_back(line);
    }
  }
  return found;
}

}  // namespace

std::string translated(const std::string& log) {
  const std::vector<message> all = messages_in(log);
  std::string text;
  std::size_t told = 0;
  for (const bool ours : {false, true}) {
    if (ours && told != 0) break;
    for (const message& each : all) {
      if (each.is_ours() != ours || told == 3) continue;
      if (told++ != 0) text += "\n";
      if (!ours) text += each.file + ":" + each.line + ": ";
      text += in_our_words(each);
      if (ours) continue;
      for (const std::string& line : each.excerpt) text += "\n" + line;
    }
  }
  return text.empty() ? log : text;
}

}  // namespace foldgrid::detail::cuda
