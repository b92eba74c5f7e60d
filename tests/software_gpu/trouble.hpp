// SPDX-License-Identifier: MIT
// Trouble on purpose: which calls of the stand-ins for driver and NVRTC fail, and with what.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace software_gpu {

/// Counts calls by name and makes them fail. Environment variables say where, for a whole process:
/// SOFTWARE_CUDA_FAILS=NAME:K:CODE    the K-th call (from 1) of that name fails with that error; K- for it and all after it; several
///                                    after commas
/// SOFTWARE_CUDA_LOST_AT=K            from the K-th call of any name on the device is lost: every call fails
class trouble {
 public:
  explicit trouble(const char* prefix) {
    const std::string name(prefix);
    if (const char* const text = std::getenv((name + "_FAILS").c_str())) {
      std::istringstream plans(text);
      for (std::string each; std::getline(plans, each, ',');) {
        const std::size_t first = each.find(':'), second = each.find(':', first + 1);
        const std::string number = each.substr(first + 1, second - first - 1);
        planted_.push_back(
            {each.substr(0, first), std::strtoul(number.c_str(), nullptr, 10), std::atoi(each.c_str() + second + 1), number.back() == '-'});
      }
    }
    if (const char* const text = std::getenv((name + "_LOST_AT").c_str())) lost_at_ = std::strtoul(text, nullptr, 10);
  }

  /// Takes note of a call; gives the error that it fails with, 0 for none.
  int before(const char* name) {
    const std::size_t now = ++counts_[name];
    calls.append(name).append("\n");
    if (getpid() != process_) return not_initialized;
    if (lost_ || (lost_at_ != 0 && ++calls_ >= lost_at_)) {
      lost_ = true;
      return launch_failed;
    }
    for (const plan& each : planted_)
      if (each.name == name && (now == each.number || (each.forever && now > each.number))) return each.code;
    return 0;
  }
  std::size_t count(const char* name) { return counts_[name]; }
  std::string calls;  ///< a name a line

 private:
  static constexpr int not_initialized = 3, launch_failed = 719;
  struct plan {
    std::string name;
    std::size_t number = 0;
    int code = 0;
    bool forever = false;
  };
  std::map<std::string, std::size_t> counts_;
  std::vector<plan> planted_;
  std::size_t lost_at_ = 0, calls_ = 0;
  bool lost_ = false;
  const pid_t process_ = getpid();
};

}  // namespace software_gpu
