// SPDX-License-Identifier: MIT
// Section "jit": what the first call of a new kernel costs without and with the cache on disk, whatever the cache holds, and that a
// missing compiler or device is said clearly. Every case is a process of its own.
#include "child.hpp"
#include "rows.hpp"
#include "session.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace gpu_check {
namespace {

namespace fs = std::filesystem;

/// A folder that goes with the scope.
struct temporary_folder {
  fs::path path;
  temporary_folder() {
    std::string pattern = (fs::temp_directory_path() / "foldgrid-gpu-check-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder like " + pattern);
    path = pattern;
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& each : fs::recursive_directory_iterator(folder))
    if (each.is_regular_file()) files.push_back(each.path());
  return files;
}

child_result first_call(session& with, const std::string& cache, const char* how) {
  const child_result child = run_again({"--child", "first-call"}, {{"FOLDGRID_CACHE", cache}});
  with.check.holds({"reduce", "f64", 1000, how}, child.status == 0 && child.number("right") == 1,
                   "exit status " + std::to_string(child.status) + ", " + child.output);
  return child;
}

/// What compiling and loading took: of the first call, all that the second does not need.
double compile_seconds(const child_result& child) { return child.number("first") - child.number("second"); }

void damage(const fs::path& file, const std::string& how) {
  if (how == "empty") {
    fs::resize_file(file, 0);
  } else if (how == "cut off") {
    fs::resize_file(file, fs::file_size(file) / 2);
  } else {
    const auto at = static_cast<std::streamoff>(fs::file_size(file) / 2);
    std::fstream edited(file, std::ios::in | std::ios::out | std::ios::binary);
    edited.seekg(at);
    const int byte = edited.get();
    edited.seekp(at);
    edited.put(static_cast<char>(byte ^ 0x10));
  }
}

void check_cache(session& with) {
  const temporary_folder folder;
  const std::string cache = folder.path.string();
  std::vector<double> cold, cached;
  child_result child = first_call(with, "off", "no cache");
  const double open_seconds = child.number("device"), opening_seconds = child.number("opening");
  cold.push_back(compile_seconds(child));
  for (int k = 0; k < (with.small() ? 0 : 4); ++k) cold.push_back(compile_seconds(first_call(with, "off", "no cache")));
  const double filling = compile_seconds(first_call(with, cache, "an empty cache"));
  for (int k = 0; k < (with.small() ? 1 : 5); ++k) cached.push_back(compile_seconds(first_call(with, cache, "a full cache")));
  const std::size_t files = files_below(folder.path).size();
  with.out.progress("jit  opening the device %.0f ms, NVRTC and a first map %.0f ms; the cache was filled in %.0f ms, %zu files",
                    1e3 * open_seconds, 1e3 * opening_seconds, 1e3 * filling, files);
  keep_bound(with, {"first call, cold", "tree kernel", 0.250, 0.120}, cold);
  if (files == 0) {
    with.out.progress("jit  the library kept no compiled kernel: the cached time is another cold one, and there is no file to damage");
    keep_bound(with, {"first call, cached (no cache)", "tree kernel", 0.005, 0.002}, cached);
    return;
  }
  keep_bound(with, {"first call, cached", "tree kernel", 0.005, 0.002}, cached);
  for (const std::string how : {"empty", "cut off", "changed"}) {
    for (const fs::path& file : files_below(folder.path)) damage(file, how);
    first_call(with, cache, how.c_str());
  }
  with.out.progress("jit  cache files empty, cut off, changed: the results are right");
}

/// Neither backend::gpu nor automatic may be silent about it.
void check_missing(session& with, const std::string& what, const std::vector<std::pair<std::string, std::string>>& environment,
                   const std::string& word) {
  const child_result child = run_again({"--child", "placement"}, environment);
  const subject of{"map", "f64", 100'000, "without " + what};
  const std::string refused = child.line("refused"), reason = child.line("reason");
  with.check.holds(of, child.status == 0 && child.number("right") == 1,
                   "exit status " + std::to_string(child.status) + ", " + child.output);
  with.check.holds(of, refused.find(word) != std::string::npos, "backend::gpu does not name " + word + ": " + child.output);
  with.check.holds(of, child.line("automatic") == "threads" && reason.find(word) != std::string::npos,
                   "automatic does not say that it stays on the threads for want of " + word + ": " + child.output);
  with.out.progress("jit  without %s: %s", what.c_str(), refused.c_str());
}

}  // namespace

void check_jit(session& with) {
  check_cache(with);
  check_missing(with, "NVRTC", {{"FOLDGRID_NVRTC", "/nonexistent"}, {"FOLDGRID_CACHE", "off"}}, "NVRTC");
  if (with.stand_in) {
    with.out.progress("jit  CUDA_VISIBLE_DEVICES is not tried: the stand-in does not know it");
  } else {
    check_missing(with, "a visible device", {{"CUDA_VISIBLE_DEVICES", ""}}, "CUDA_VISIBLE_DEVICES");
  }
}

}  // namespace gpu_check
