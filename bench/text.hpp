// SPDX-License-Identifier: MIT
// How the benchmarks write types, sizes, times and the machine.
#pragma once

#include <cstdio>
#include <fstream>
#include <string>

namespace bench {

inline std::string power_text(int power) { return "2^" + std::to_string(power); }

template <class T>
const char* type_name();
template <>
inline const char* type_name<float>() {
  return "f32";
}
template <>
inline const char* type_name<double>() {
  return "f64";
}
template <>
inline const char* type_name<int>() {
  return "i32";
}
template <>
inline const char* type_name<long long>() {
  return "i64";
}

inline std::string seconds_text(double seconds) {
  char text[32];
  if (seconds < 1e-6) {
    std::snprintf(text, sizeof text, "%.1fns", seconds * 1e9);
  } else if (seconds < 1e-3) {
    std::snprintf(text, sizeof text, "%.1fus", seconds * 1e6);
  } else if (seconds < 1) {
    std::snprintf(text, sizeof text, "%.2fms", seconds * 1e3);
  } else {
    std::snprintf(text, sizeof text, "%.3fs", seconds);
  }
  return text;
}

/// The processor's name as the system tells it.
inline std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

}  // namespace bench
