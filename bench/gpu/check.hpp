// SPDX-License-Identifier: MIT
// Compares what a GPU gave with what it must give, bit by bit, and tells of the first difference of each kind.
#pragma once

#include "results.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace gpu_check {

/// What was computed: "sum", "f64", 1025, "of a device_array".
struct subject {
  std::string verb, type;
  std::size_t n;
  std::string how = {};
};

class checker {
 public:
  /// With `plant`, one bit of the fifth value of every section is flipped before it is compared: a check that then finds
  /// nothing is broken.
  checker(results& to, bool plant) : to_(to), plant_(plant) {}

  /// Counts begin again.
  void begin_section() { compared_ = different_ = 0; }
  std::size_t compared() const noexcept { return compared_; }
  std::size_t different() const noexcept { return different_; }

  /// Equal bits; of two NaNs the payloads do not count. T has no padding.
  template <class T>
  bool same(const subject& of, const T& found, const T& expected) {
    return same(of, std::span<const T>(&found, 1), std::span<const T>(&expected, 1));
  }
  template <class T>
  bool same(const subject& of, std::span<const T> found, std::span<const T> expected) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (found.size() != expected.size())
      return fail(of, std::to_string(found.size()) + " elements, not " + std::to_string(expected.size()));
    if (++compared_ == 5 && plant_ && !found.empty()) {
      std::vector<T> changed(found.begin(), found.end());
      reinterpret_cast<unsigned char*>(&changed.back())[0] ^= 1;
      return compare<T>(of, changed, expected);
    }
    return compare(of, found, expected);
  }
  template <class T>
  bool same(const subject& of, const std::vector<T>& found, const std::vector<T>& expected) {
    return same(of, std::span<const T>(found), std::span<const T>(expected));
  }
  /// For what is no comparison of bits.
  bool holds(const subject& of, bool condition, const std::string& otherwise) {
    if (++compared_ == 5 && plant_) condition = !condition;
    return condition || fail(of, otherwise);
  }

 private:
  template <class T>
  bool compare(const subject& of, std::span<const T> found, std::span<const T> expected) {
    if (found.empty() || std::memcmp(found.data(), expected.data(), found.size_bytes()) == 0) return true;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (std::memcmp(&found[i], &expected[i], sizeof(T)) == 0 || both_nan(found[i], expected[i])) continue;
      return fail(of, "element " + std::to_string(i) + " of " + std::to_string(found.size()) + " is " + bits(&found[i], sizeof(T)) +
                          ", expected " + bits(&expected[i], sizeof(T)));
    }
    return true;
  }
  template <class T>
  static bool both_nan(const T& a, const T& b) {
    if constexpr (std::floating_point<T>) return a != a && b != b;
    return false;
  }
  /// The bytes of a value in hexadecimal, the highest first in each eight.
  static std::string bits(const void* value, std::size_t bytes) {
    std::string text;
    const auto* const from = static_cast<const unsigned char*>(value);
    for (std::size_t begin = 0; begin < bytes; begin += 8) {
      if (begin > 0) text += ' ';
      for (std::size_t i = std::min(begin + 8, bytes); i-- > begin;) {
        char digits[4];
        std::snprintf(digits, sizeof digits, "%02x", from[i]);
        text += digits;
      }
    }
    return text;
  }
  bool fail(const subject& of, const std::string& difference) {
    ++different_;
    if (told_.insert(of.verb + of.type).second) {
      to_.say("DIFFERENT  %s of %s, n = %zu%s%s: %s", of.verb.c_str(), of.type.c_str(), of.n, of.how.empty() ? "" : ", ", of.how.c_str(),
              difference.c_str());
      to_.keep("differences",
               record().add("verb", of.verb).add("type", of.type).add("n", of.n).add("how", of.how).add("difference", difference));
    }
    return false;
  }

  results& to_;
  const bool plant_;
  std::size_t compared_ = 0, different_ = 0;
  std::set<std::string> told_;
};

}  // namespace gpu_check
