// SPDX-License-Identifier: MIT
// Where a call that can go to a GPU goes.
#include "gpu/device_attempt.hpp"

#include <cstdlib>
#include <map>
#include <mutex>
#include <string_view>

namespace foldgrid::detail {
namespace {

using namespace cuda;

/// Under automatic, calls below this many items stay on the CPU without a look at the GPU.
constexpr std::size_t least_items = std::size_t{1} << 15;

enum class placement { automatic, cpu, gpu };

/// The environment variable FOLDGRID_PLACEMENT overrides the rule of automatic executors.
placement placement_asked() {
  static const placement asked = [] {
    const char* const text = std::getenv("FOLDGRID_PLACEMENT");
    const std::string_view value = text ? text : "";
    return value == "cpu" ? placement::cpu : value == "gpu" ? placement::gpu : placement::automatic;
  }();
  return asked;
}

/// The rule of automatic executors: a function that loops is worth a GPU, wherever its inputs lie; anything else only when
/// nothing has to be copied. Functions that call libm stay on the CPU, whose libm gives other digits. Null when it is worth it.
const char* why_not(engine& where, const device_launch& launch) {
  if (!launch.views.here) return nullptr;  // it lies nowhere else
  if (!launch.views.on_gpu)
    return where.gpu() == nullptr ? where.no_gpu().c_str()
                                  : "the function reads an array that is not on the GPU; executor::share puts a copy there";
  const text_facts text = facts_of(launch.text);
  if (text.calls_libm) return "the function calls libm, whose digits differ on a GPU";
  if (launch.resident || placement_asked() == placement::gpu || text.loops) return nullptr;
  if (!launch.copies_in && launch.results_stay && launch.n >= (std::size_t{1} << 22)) return nullptr;
  return "copying to a GPU would take longer than computing here";
}

}  // namespace

text_facts facts_of(kernel_source kernel) {
  if (kernel.compiled != nullptr) return {false, true};  // the user has compiled it for a GPU, and nobody knows how long it takes
  kernel_text (*const make_text)() = kernel.text;
  static std::mutex mutex;
  static auto* const known = new std::map<kernel_text (*)(), text_facts>;
  const std::lock_guard lock(mutex);
  if (const auto found = known->find(make_text); found != known->end()) return found->second;
  const kernel_text text = make_text();
  return known->emplace(make_text, text_facts{text.calls_libm(), text.loops()}).first->second;
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
  if (!launch.resident && launch.views.here && (launch.n < least_items || placement_asked() == placement::cpu)) return false;
  if (const char* const reason = why_not(where, launch)) return stays_here(of, reason);
  launch.device = where.gpu();
  if (launch.device == nullptr) return stays_here(of, where.no_gpu());
  if (!launch.resident && launch.views.here) {
    if (launch.device->is_of_parent()) return stays_here(of, "the GPU was opened before fork(), and no child can use it");
    if (const std::string* const reason = launch.device->lost()) return stays_here(of, *reason);
  } else {
    launch.device->check_usable(of.verb());
  }
  return true;
}

}  // namespace foldgrid::detail
