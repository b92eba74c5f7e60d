// SPDX-License-Identifier: MIT
// One call on a GPU: inputs copied in, one kernel launched, results copied back.
#include "gpu/device_run.hpp"
#include "gpu/nvrtc.hpp"
#include "gpu/pieces.hpp"

#include "engine.hpp"

#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/detail/offload.hpp>

#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

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

/// What the rule asks of a kernel's text.
struct facts {
  bool calls_libm, loops;
};
facts facts_of(kernel_text (*make_text)()) {
  static std::mutex mutex;
  static auto* const known = new std::map<kernel_text (*)(), facts>;
  const std::lock_guard lock(mutex);
  if (const auto found = known->find(make_text); found != known->end()) return found->second;
  const kernel_text text = make_text();
  return known->emplace(make_text, facts{text.calls_libm(), text.loops()}).first->second;
}

/// The rule of automatic executors: a function that loops is worth a GPU, wherever its inputs lie; anything else only when
/// nothing has to be copied. Functions that call libm stay on the CPU, whose libm gives other digits. Null when it is worth it.
const char* why_not(const device_launch& launch) {
  if (launch.holds_view) return nullptr;
  const facts text = facts_of(launch.text);
  if (text.calls_libm) return "the function calls libm, whose digits differ on a GPU";
  if (launch.resident || placement_asked() == placement::gpu || text.loops) return nullptr;
  if (!launch.copies_in && launch.results_stay && launch.n >= (std::size_t{1} << 22)) return nullptr;
  return "copying to a GPU would take longer than computing here";
}

/// Says in the report why a call of an automatic executor stays on the threads.
bool stays_here(call& of, const char* reason) {
  if (of.tells()) of.ran(backend::threads, of.where().device(), std::string("automatic: ") + reason);
  return false;
}

/// The values of a reduction's pieces, each of which is a node: siblings are combined as soon as both are there.
class node_values {
 public:
  node_values(const device_launch& launch, const void* op, std::size_t bytes) : launch_(launch), op_(op), bytes_(bytes) {}

  /// Where the value of the next piece belongs.
  void* append(const piece& of) {
    counts_.push_back(of.count);
    values_.resize(counts_.size() * bytes_);
    return at(counts_.size() - 1);
  }
  /// Combines what can be while more pieces follow.
  void meet() {
    while (counts_.size() > 1 && counts_.back() == counts_[counts_.size() - 2]) combine_last();
  }
  /// The value of all pieces.
  void finish(void* result) {
    while (counts_.size() > 1) combine_last();
    std::memcpy(result, at(0), bytes_);
  }

 private:
  unsigned char* at(std::size_t k) { return values_.data() + k * bytes_; }
  void combine_last() {
    const exact_arithmetic exact;
    const std::size_t left = counts_.size() - 2;
    launch_.combine(op_, at(left), at(left + 1));
    counts_[left] += counts_[left + 1];
    counts_.pop_back();
  }

  const device_launch& launch_;
  const void* op_;
  const std::size_t bytes_;
  std::vector<std::size_t> counts_;
  std::vector<unsigned char> values_;
};

/// Runs the body; a text that does not compile is the caller's error under backend::gpu, and a reason for the CPU otherwise.
template <class Body>
bool attempt(call& of, Body&& body) {
  try {
    body();
    return true;
  } catch (const compile_error& e) {
    if (of.where().where() == backend::gpu)
      throw std::invalid_argument(std::string(of.verb()) + ": the function does not compile for the GPU; " + e.what());
    return stays_here(of, (std::string("the function does not compile for the GPU: ") + e.what()).c_str());
  } catch (const backend_unavailable& e) {
    if (of.where().where() == backend::gpu) throw backend_unavailable(std::string(of.verb()) + ": asked to run on the GPU; " + e.what());
    return stays_here(of, e.what());
  }
}

}  // namespace

bool goes_to_device(call& of, device_launch& launch) {
  engine& where = of.where();
  if (where.where() == backend::gpu) {
    launch.device = where.gpu();
    return true;
  }
  if (!where.automatic()) return false;
  if (!launch.resident && !launch.holds_view && (launch.n < least_items || placement_asked() == placement::cpu)) return false;
  if (const char* const reason = why_not(launch)) return stays_here(of, reason);
  launch.device = where.gpu();
  return launch.device != nullptr || stays_here(of, driver::get().reason.c_str());
}

bool map_on_device(call& of, device_launch& launch, void* out, std::size_t element_bytes) {
  if (launch.n == 0 || of.over()) return true;
  return attempt(of, [&] {
    device_run run(of, launch);
    const function kernel = run.kernel();
    run.copy_inputs();
    const address to = launch.resident ? reinterpret_cast<address>(out) : run.memory(launch.n * element_bytes);
    pieces cut(launch.n, facts_of(launch.text).loops, true);
    piece now = cut.next(0);
    for (; !of.over(); now = cut.next(run.seconds_of_launch())) {
      const address here = to + now.first * element_bytes;
      run.run(kernel, now, &here);
      if (now.is_last) break;
    }
    if (!launch.resident && run.complete()) run.copy_back(out, to, launch.n * element_bytes);
    run.finish(now.count);
  });
}

bool reduce_on_device(call& of, device_launch& launch, const void* op, void* result, std::size_t result_bytes) {
  if (of.over()) return true;
  return attempt(of, [&] {
    device_run run(of, launch);
    const function kernel = run.kernel();
    run.copy_inputs();
    pieces cut(launch.n, facts_of(launch.text).loops, launch.combine != nullptr);
    std::size_t partial_count = 0, ticket_count = 0;
    for (std::size_t count = run.blocks(cut.longest()); count > 1; count = (count + launch.shape.fan - 1) / launch.shape.fan) {
      partial_count += count;
      ticket_count += (count + launch.shape.fan - 1) / launch.shape.fan;
    }
    const address value = run.memory(result_bytes), partials = run.memory(partial_count * result_bytes),
                  tickets = run.tickets(ticket_count);
    node_values nodes(launch, op, result_bytes);
    piece now = cut.next(0);
    for (; !of.over(); now = cut.next(run.seconds_of_launch())) {
      run.run(kernel, now, op, &value, &partials, &tickets);
      run.copy_back(nodes.append(now), value, result_bytes);
      if (now.is_last) break;
      run.wait();
      nodes.meet();
    }
    run.finish(now.count);
    if (run.complete()) nodes.finish(result);
  });
}

}  // namespace foldgrid::detail
