// SPDX-License-Identifier: MIT
// Learns from calls as they end, and keeps what it has learnt in a file.
#include "gpu/experience.hpp"

#include "gpu/kept_files.hpp"
#include "gpu/kernel_cache.hpp"

#include "cpu/cores.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <string_view>
#include <utility>

namespace foldgrid::detail {
namespace {

/// The file is written after a call so long that nobody notices, or when the last time is so long ago.
constexpr double long_call = 0.05;
constexpr std::chrono::seconds writing_pause{1};
constexpr std::size_t most_functions = 256;

std::string machine_asked() {
  const char* const asked = std::getenv("FOLDGRID_MACHINE");
  return asked ? asked : "";
}

}  // namespace

bool experience::learns() {
  static const bool asked = machine_asked() != "off";
  return asked;
}

experience& experience::get() {
  static auto* const only = new experience;
  return *only;
}

experience::experience() : workers_(usable_cores()) {
  record_.figures = estimated_machine(workers_);
  if (!learns()) return;
  if (const std::string name = machine_asked(); !name.empty()) {
    read_file_asked(name);
  } else {
    record_.cpu = name_of_cpu(workers_);
    const std::filesystem::path& folder = cuda::kernel_cache::get().folder();
    if (folder.empty()) return;
    file_ = file_of_machine(folder, record_.cpu);
    if (auto found = read_machine(file_, record_.cpu, workers_)) record_ = *std::move(found);
  }
}

void experience::read_file_asked(const std::string& name) {
  file_ = name;
  measures_ = false;
  try {
    if (const auto text = cuda::text_in(file_)) {
      record_ = record_of(*text, workers_);
    } else {
      trouble_ = "cannot be read; estimates are used instead";
    }
  } catch (const std::exception& e) {
    trouble_ = std::string(e.what()) + "; estimates are used instead";
  }
}

placing experience::place(const function_key& function, const call_size& call, std::size_t workers, bool loops) {
  const std::lock_guard lock(mutex_);
  return choose_side(record_.figures, call, cost_of(function), std::min(workers, workers_), loops, habits_[function.text]);
}

void experience::took_here(const function_key& function, const call_size& call, std::size_t workers, double seconds) {
  std::unique_lock lock(mutex_);
  machine figures = record_.figures;
  function_cost cost = cost_of(function);
  const bool news = learn_from_cpu(figures, cost, call, std::min(workers, workers_), seconds);
  learnt(function, figures, cost);
  keep(news, seconds, lock);
}

void experience::took_there(const function_key& function, const call_size& call, bool loops, const gpu_times& took,
                            const std::string& gpu) {
  std::unique_lock lock(mutex_);
  if (gpu_.empty()) begin_with(gpu);
  if (gpu_ != gpu) return;
  if (!std::exchange(habits_[function.text].gpu_is_ready, true)) return;  // the first call pays for much else
  machine figures = record_.figures;
  function_cost cost = cost_of(function);
  const bool news = learn_from_gpu(figures, cost, call, loops, took);
  learnt(function, figures, cost);
  keep(news, took.seconds, lock);
}

function_cost experience::cost_of(const function_key& function) const {
  const auto known = record_.functions.find(function.text);
  return known == record_.functions.end() || known->second.state != function.state ? function_cost{} : known->second.cost;
}

/// When what was kept is of another GPU, estimates stand in for that, and functions were not timed on this one.
void experience::begin_with(const std::string& gpu) {
  gpu_ = gpu;
  if (!measures_ || record_.gpu == gpu) return;
  const machine measured = std::exchange(record_.figures, estimated_machine(workers_));
  record_.figures.cpu_rate = measured.cpu_rate;
  record_.figures.cpu_call = measured.cpu_call;
  record_.gpu = gpu;
  for (auto& [text, timed] : record_.functions) timed.cost.gpu = 0;
}

void experience::learnt(const function_key& function, const machine& figures, const function_cost& cost) {
  if (measures_) record_.figures = figures;
  if (cost.cpu > 0 || cost.gpu > 0) record_.functions[function.text] = {function.state, cost};
}

void experience::keep(bool news, double seconds, std::unique_lock<std::mutex>& lock) {
  news_ |= news;
  const auto now = std::chrono::steady_clock::now();
  if (!news_ || file_.empty() || !measures_ || record_.gpu.empty() || (seconds < long_call && now - kept_ < writing_pause)) return;
  news_ = false;
  kept_ = now;
  // of too many functions, those that this process has not called go
  for (auto each = record_.functions.begin(); record_.functions.size() > most_functions && each != record_.functions.end();)
    each = habits_.contains(each->first) ? std::next(each) : record_.functions.erase(each);
  const machine_record kept = record_;
  lock.unlock();  // others need not wait for the disk
  keep_machine(file_, kept);
}

machine_record experience::record() const {
  const std::lock_guard lock(mutex_);
  return record_;
}

}  // namespace foldgrid::detail
