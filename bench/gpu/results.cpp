// SPDX-License-Identifier: MIT
// Prints and keeps what a run found, and writes the files.
#include "results.hpp"

#include <cmath>
#include <cstdarg>
#include <fstream>
#include <stdexcept>

namespace gpu_check {
namespace {

std::string formatted(const char* format, std::va_list arguments) {
  std::va_list again;
  va_copy(again, arguments);
  std::string text(static_cast<std::size_t>(std::vsnprintf(nullptr, 0, format, again)), '\0');
  va_end(again);
  std::vsnprintf(text.data(), text.size() + 1, format, arguments);
  return text;
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream to(file);
  to << text;
  to.close();
  if (!to) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace

std::string json_text(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
      result += code;
    } else {
      result += c;
    }
  }
  return result += '"';
}

record& record::add_text(std::string_view key, std::string_view value) {
  if (!body_.empty()) body_ += ", ";
  body_ += json_text(key);
  body_ += ": ";
  body_ += value;
  return *this;
}

record& record::add_number(std::string_view key, double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return add_text(key, std::isfinite(value) ? text : "null");
}

void results::line(const std::string& text) {
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
  text_ += text;
  text_ += '\n';
}

void results::say(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  const std::string text = formatted(format, arguments);
  va_end(arguments);
  line(text);
}

void results::progress(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  const std::string text = formatted(format, arguments);
  va_end(arguments);
  char time[32];
  std::snprintf(time, sizeof time, "%7.1f s  ", seconds());
  line(time + text);
}

void results::write(const std::filesystem::path& folder, const std::string& name, const record& context) const {
  std::filesystem::create_directories(folder);
  std::string json = "{\n  \"context\": " + context.json();
  for (const auto& [group, records] : groups_) {
    json += ",\n  " + json_text(group) + ": [";
    const char* separator = "\n    ";
    for (const std::string& each : records) {
      json += separator + each;
      separator = ",\n    ";
    }
    json += "\n  ]";
  }
  write_file(folder / (name + ".json"), json + "\n}\n");
  write_file(folder / (name + ".txt"), text_);
}

}  // namespace gpu_check
