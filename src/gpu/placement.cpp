// SPDX-License-Identifier: MIT
// Where a call that can go to a GPU goes.
#include "gpu/device_attempt.hpp"
#include "gpu/experience.hpp"
#include "gpu/sha256.hpp"

#include "forks.hpp"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string_view>

namespace foldgrid::detail {
namespace {

using namespace cuda;

/// Under automatic, calls below this many items stay on the CPU without a look at the GPU.
constexpr std::size_t least_items = std::size_t{1} << 15;
/// Calls on the CPU below this many are not even timed.
constexpr std::size_t least_timed = std::size_t{1} << 12;

enum class placement { automatic, cpu, gpu };

/// The environment variable FOLDGRID_PLACEMENT overrides what automatic executors find best.
placement placement_asked() {
  static const placement asked = [] {
    const char* const text = std::getenv("FOLDGRID_PLACEMENT");
    const std::string_view value = text ? text : "";
    return value == "cpu" ? placement::cpu : value == "gpu" ? placement::gpu : placement::automatic;
  }();
  return asked;
}

/// FNV-1a over the states of function and operator.
std::uint64_t hash_of(const state_bytes (&states)[2]) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const state_bytes& state : states)
    for (std::size_t k = 0; k < state.size; ++k) hash = (hash ^ static_cast<const unsigned char*>(state.at)[k]) * 0x100000001b3;
  return hash;
}
function_key key_of(const text_facts& text, std::uint64_t state) { return {text.id, text.loops ? state : 0}; }
call_size size_of_call(const device_launch& launch) {
  return {launch.n, launch.bytes_in, launch.bytes_out, launch.bytes_moved, launch.gives_value};
}

void took_here(const timed_work& work, std::size_t workers, double seconds) noexcept {
  if (seconds < telling_cpu_seconds) return;
  try {
    const text_facts text = facts_of({.text = work.text});
    if (text.calls_libm) return;
    experience::get().took_here(key_of(text, work.state), {.n = work.n, .bytes_moved = work.bytes_moved}, workers, seconds);
  } catch (...) {  // no memory: nothing is learnt
  }
}

/// The call stays here; what it takes says where later ones of its function go.
void time_here(call& of, const device_launch& launch) {
  if (launch.text.text != nullptr && experience::learns())
    of.when_done(&took_here, {launch.text.text, hash_of(launch.states), launch.n, launch.bytes_moved});
}

std::string text_of_seconds(double seconds) {
  const double scale = seconds < 1e-3 ? 1e6 : seconds < 1 ? 1e3 : 1;
  char text[32];
  std::snprintf(text, sizeof text, "%.3g %s", seconds * scale, scale == 1 ? "s" : scale == 1e3 ? "ms" : "us");
  return text;
}

std::string reason_for(const placing& found, const device_launch& launch, const std::string& workers, bool loops) {
  if (found.known) {
    const std::string here = text_of_seconds(found.cpu_seconds) + " on " + workers,
                      there = text_of_seconds(found.gpu_seconds) + " on the GPU";
    if (found.on_gpu) return "expected " + there + ", " + here;
    return "expected " + here + ", " + there + (found.gpu_seconds < found.cpu_seconds ? ", which is not worth a change yet" : "");
  }
  if (found.on_gpu) return loops ? "worth a GPU: the function has a loop" : "worth a GPU: nothing has to be copied";
  if (launch.bytes_in + launch.bytes_out == 0) return "too few items to be worth a GPU";
  return "copying to a GPU would take longer than computing here";
}

/// Whether a call goes to a GPU, of which nothing is known yet but what the environment says; tells the report.
bool leaves(call& of, const device_launch& launch) {
  engine& where = of.where();
  std::string_view reason = "worth a GPU: the function reads what lies there";
  std::string expected;
  if (launch.views.here) {
    if (!launch.views.on_gpu)
      return stays_here(of, where.gpu() == nullptr
                                ? where.no_gpu()
                                : "the function reads an array that is not on the GPU; executor::share puts a copy there");
    const text_facts text = facts_of(launch.text);
    if (text.calls_libm) return stays_here(of, "the function calls libm, whose digits differ on a GPU");
    const auto stays_timed = [&] {
      time_here(of, launch);
      return stays_here(of, reason);
    };
    if (launch.resident) {
      reason = "worth a GPU: its arrays lie there";
    } else if (placement_asked() == placement::cpu) {
      reason = "FOLDGRID_PLACEMENT=cpu";
      return stays_timed();
    } else if (placement_asked() == placement::gpu) {
      reason = "FOLDGRID_PLACEMENT=gpu";
    } else if (launch.text.text == nullptr) {
      reason = "worth a GPU: nvcc has compiled the function for one";
    } else {
      const placing found =
          experience::get().place(key_of(text, hash_of(launch.states)), size_of_call(launch), where.workers(), text.loops);
      if (of.tells()) reason = expected = reason_for(found, launch, where.device(), text.loops);
      if (!found.on_gpu) return stays_timed();
    }
  }
  if (where.gpu() == nullptr) return stays_here(of, where.no_gpu());
  if (of.tells()) of.ran(backend::gpu, where.gpu()->name(), std::string("automatic: ").append(reason));
  return true;
}

}  // namespace

text_facts facts_of(kernel_source kernel) {
  if (kernel.compiled != nullptr) return {false, true, 0};  // the user has compiled it for a GPU, and nobody knows how long it takes
  kernel_text (*const make_text)() = kernel.text;
  static std::mutex mutex;
  static const held_over_fork over_fork(mutex);
  static auto* const known = new std::map<kernel_text (*)(), text_facts>;
  const std::lock_guard lock(mutex);
  if (const auto found = known->find(make_text); found != known->end()) return found->second;
  const kernel_text text = make_text();
  const std::uint64_t id = std::stoull(sha256(text.whole()).substr(0, 16), nullptr, 16);
  return known->emplace(make_text, text_facts{text.calls_libm(), text.loops(), id}).first->second;
}

std::size_t least_to_leave(engine& where, kernel_text (*text)()) {
  where.check();
  if (where.where() == backend::gpu) return 1;
  if (!where.automatic() || text == nullptr || placement_asked() == placement::cpu) return call::unknown;
  const text_facts facts = facts_of({.text = text});
  const bool worth = !facts.calls_libm && (facts.loops || placement_asked() == placement::gpu);
  return worth && where.gpu() != nullptr ? least_items : call::unknown;
}

bool stays_here(call& of, std::string_view reason) {
  if (of.tells()) of.ran(backend::threads, of.where().device(), std::string("automatic: ").append(reason));
  return false;
}

void took_there(const device_launch& launch, double seconds, double copy_in_seconds, double copy_out_seconds) noexcept {
  if (launch.text.text == nullptr || !experience::learns()) return;
  try {
    const text_facts text = facts_of(launch.text);
    experience::get().took_there(key_of(text, hash_of(launch.states)), size_of_call(launch), text.loops,
                                 {seconds, copy_in_seconds, copy_out_seconds}, launch.device->name());
  } catch (...) {  // no memory: nothing is learnt
  }
}

bool goes_to_device(call& of, device_launch& launch) {
  engine& where = of.where();
  if (where.where() == backend::gpu) {
    launch.device = where.gpu();
    launch.device->check_usable(of.verb());
    if (!launch.views.on_gpu)
      throw std::invalid_argument(std::string(of.verb()) +
                                  ": asked to run on the GPU, given a function that holds a view of an array in the host's memory; pass "
                                  "executor::share(range), or the view of a device_array");
    return true;
  }
  if (!where.automatic()) return false;
  if (!launch.views.here && !launch.views.on_gpu)
    throw std::invalid_argument(std::string(of.verb()) +
                                ": given a function that holds views of an array on the GPU and of one in the host's memory; pass "
                                "executor::share of the one in the host's memory");
  const bool may_stay = !launch.resident && launch.views.here;
  if (may_stay && launch.n < least_items) {
    if (launch.n >= least_timed) time_here(of, launch);
    return false;
  }
  if (!leaves(of, launch)) return false;
  launch.device = where.gpu();
  if (may_stay) {
    if (launch.device->is_of_parent()) return stays_here(of, "the GPU was opened before fork(), and no child can use it");
    if (const std::string* const reason = launch.device->lost()) return stays_here(of, *reason);
  } else {
    launch.device->check_usable(of.verb());
  }
  return true;
}

}  // namespace foldgrid::detail
