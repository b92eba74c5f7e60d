// SPDX-License-Identifier: MIT
// One call on a GPU: inputs copied in, one kernel launched, results copied back.
#include "gpu/device.hpp"
#include "gpu/nvrtc.hpp"

#include "engine.hpp"

#include <foldgrid/detail/offload.hpp>

#include <cstdlib>
#include <cstring>
#include <deque>
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

/// A call under way on a device.
class device_run {
 public:
  device_run(call& of, device_launch& launch)
      : of_(of), device_(*launch.device), launch_(launch), current_(device_.context_handle()), lane_(device_) {}

  device_run(const device_run&) = delete;
  device_run& operator=(const device_run&) = delete;
  /// After an error, waits for what is still under way on the caller's arrays; the tickets may be half counted.
  ~device_run() {
    if (finished_) return;
    driver::get().cuStreamSynchronize(lane_->on);
    lane_->workspace_bytes = 0;
  }

  function kernel() { return device_.kernel_of(launch_.text); }

  /// Memory that lives until the call ends.
  address memory(std::size_t bytes) { return memory_.emplace_back(device_, bytes, lane_->on).at(); }

  void copy_inputs() {
    mark(start);
    for (const kernel_arguments::host_array& each : launch_.arguments.arrays()) {
      const address copy = memory(each.bytes);
      if (each.bytes != 0) FOLDGRID_CUDA(cuMemcpyHtoDAsync, copy, each.data, each.bytes, lane_->on);
      std::memcpy(launch_.arguments.bytes().data() + each.offset, &copy, sizeof copy);
    }
  }

  /// Launches the kernel with the call's arguments, base, n and what follows.
  template <class... More>
  void run(function kernel, More... more) {
    address base = 0, n = launch_.n;
    std::vector<void*> parameters;
    for (const std::size_t offset : launch_.arguments.offsets()) parameters.push_back(launch_.arguments.bytes().data() + offset);
    parameters.insert(parameters.end(), {&base, &n, const_cast<void*>(static_cast<const void*>(more))...});
    mark(copied_in);
    FOLDGRID_CUDA(cuLaunchKernel, kernel, static_cast<unsigned>(blocks()), 1u, 1u, 256u, 1u, 1u, 0u, lane_->on, parameters.data(), nullptr);
    mark(computed);
  }

  void copy_back(void* to, address from, std::size_t bytes) { FOLDGRID_CUDA(cuMemcpyDtoHAsync, to, from, bytes, lane_->on); }

  /// Waits for the work and tells the call of it.
  void finish() {
    mark(copied_back);
    FOLDGRID_CUDA(cuStreamSynchronize, lane_->on);
    finished_ = true;
    if (of_.tells()) {
      of_.ran(backend::gpu, device_.name(), of_.where().where() == backend::gpu ? "asked for" : "automatic: worth a GPU");
      of_.took(seconds(start, copied_in) + seconds(computed, copied_back), seconds(copied_in, computed));
    }
    of_.advance(launch_.n);
  }

  std::size_t blocks() const noexcept { return (launch_.n + launch_.shape.in_block - 1) / launch_.shape.in_block; }

  /// Zeroed counts for the groups of blocks, left zero by every launch.
  address tickets(std::size_t count) {
    const std::size_t bytes = count * sizeof(unsigned);
    if (lane_->workspace_bytes < bytes) {
      device_.release(std::exchange(lane_->workspace, 0), lane_->on);
      lane_->workspace_bytes = 0;
      lane_->workspace = device_.allocate(bytes, lane_->on);
      FOLDGRID_CUDA(cuMemsetD8Async, lane_->workspace, static_cast<unsigned char>(0), bytes, lane_->on);
      lane_->workspace_bytes = bytes;
    }
    return lane_->workspace;
  }

 private:
  enum moment { start, copied_in, computed, copied_back };

  /// Marks the moment on the stream when somebody reads the times.
  void mark(moment now) {
    if (!of_.tells()) return;
    event& at = lane_->marks[now];
    if (at == nullptr) FOLDGRID_CUDA(cuEventCreate, &at, event_default);
    FOLDGRID_CUDA(cuEventRecord, at, lane_->on);
  }
  double seconds(moment from, moment to) {
    float milliseconds = 0;
    FOLDGRID_CUDA(cuEventElapsedTime, &milliseconds, lane_->marks[from], lane_->marks[to]);
    return 1e-3 * static_cast<double>(milliseconds);
  }

  call& of_;
  device_object& device_;
  device_launch& launch_;
  context_guard current_;
  lane_lease lane_;
  std::deque<device_memory> memory_;
  bool finished_ = false;
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
    run.run(kernel, &to);
    if (!launch.resident) run.copy_back(out, to, launch.n * element_bytes);
    run.finish();
  });
}

bool reduce_on_device(call& of, device_launch& launch, const void* op, void* result, std::size_t result_bytes) {
  if (of.over()) return true;
  return attempt(of, [&] {
    device_run run(of, launch);
    const function kernel = run.kernel();
    run.copy_inputs();
    std::size_t partial_count = 0, ticket_count = 0;
    for (std::size_t count = run.blocks(); count > 1; count = (count + launch.shape.fan - 1) / launch.shape.fan) {
      partial_count += count;
      ticket_count += (count + launch.shape.fan - 1) / launch.shape.fan;
    }
    const address value = run.memory(result_bytes), partials = run.memory(partial_count * result_bytes),
                  tickets = run.tickets(ticket_count);
    run.run(kernel, op, &value, &partials, &tickets);
    run.copy_back(result, value, result_bytes);
    run.finish();
  });
}

}  // namespace foldgrid::detail
