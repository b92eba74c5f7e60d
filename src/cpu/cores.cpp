// SPDX-License-Identifier: MIT
// Reads the affinity mask and the cgroup files.
#include "cores.hpp"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

namespace foldgrid::detail {
namespace {

std::size_t affinity_cores() {
  // the mask may be wider than cpu_set_t on large machines: grow until the kernel is content
  for (int cpus = 1024; cpus <= 1 << 20; cpus *= 2) {
    const auto set = std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)>(CPU_ALLOC(cpus), [](cpu_set_t* p) { CPU_FREE(p); });
    const std::size_t bytes = CPU_ALLOC_SIZE(cpus);
    if (set && sched_getaffinity(0, bytes, set.get()) == 0) return static_cast<std::size_t>(CPU_COUNT_S(bytes, set.get()));
  }
  return std::thread::hardware_concurrency();
}

std::string first_word(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string word;
  in >> word;
  return word;
}

/// ceil(quota / period) from texts, 0 when there is no limit.
std::size_t cores_of(const std::string& quota, const std::string& period) {
  try {
    const long long q = std::stoll(quota), p = std::stoll(period);
    return q > 0 && p > 0 ? static_cast<std::size_t>((q + p - 1) / p) : 0;
  } catch (const std::exception&) {
    return 0;  // "max", or no such file
  }
}

std::size_t quota_of(const std::filesystem::path& group, bool version_2) {
  if (!version_2) return cores_of(first_word(group / "cpu.cfs_quota_us"), first_word(group / "cpu.cfs_period_us"));
  std::ifstream in(group / "cpu.max");
  std::string quota, period;
  in >> quota >> period;
  return cores_of(quota, period);
}

bool names_cpu(const std::string& controllers) {
  std::istringstream list(controllers);
  for (std::string name; std::getline(list, name, ',');)
    if (name == "cpu") return true;
  return false;
}

}  // namespace

std::size_t quota_cores(const std::string& membership, const std::filesystem::path& mount) {
  std::size_t least = 0;
  std::istringstream lines(membership);
  for (std::string line; std::getline(lines, line);) {  // hierarchy:controllers:/path
    const auto first = line.find(':');
    const auto second = line.find(':', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool version_2 = controllers.empty();
    if (!version_2 && !names_cpu(controllers)) continue;
    const std::filesystem::path base = version_2 ? mount : mount / controllers;
    for (std::filesystem::path group = std::filesystem::path(line.substr(second + 1)).relative_path();; group = group.parent_path()) {
      const std::size_t here = quota_of(base / group, version_2);
      if (here != 0) least = least == 0 ? here : std::min(least, here);
      if (group.empty()) break;
    }
  }
  return least;
}

std::size_t usable_cores() {
  std::size_t cores = std::max<std::size_t>(affinity_cores(), 1);
  std::ifstream in("/proc/self/cgroup");
  const std::string membership((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (const std::size_t quota = quota_cores(membership, "/sys/fs/cgroup"); quota != 0) cores = std::min(cores, quota);
  return cores;
}

}  // namespace foldgrid::detail
