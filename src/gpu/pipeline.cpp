// SPDX-License-Identifier: MIT
// Keeps three pieces of a call under way on three streams.
#include "gpu/pipeline.hpp"

#include "gpu/pinned_ranges.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace foldgrid::detail::cuda {
namespace {

/// Calls that copy less go the simple way: the driver copies small arrays well.
constexpr std::size_t least_bytes = std::size_t{4} << 20;

std::size_t bytes_in_each(const device_launch& launch) {
  std::size_t sum = 0;
  for (const auto& each : launch.arguments.arrays()) sum += each.element_bytes;
  return sum;
}

bool is_pinned_part(const kernel_arguments::host_arrays& array, const piece& of) {
  return is_pinned(static_cast<const std::byte*>(array.parts[0]) + of.first * array.element_bytes, of.count * array.element_bytes);
}

double seconds_between(event from, event to) {
  float milliseconds = 0;
  FOLDGRID_CUDA(cuEventElapsedTime, &milliseconds, from, to);
  return 1e-3 * static_cast<double>(milliseconds);
}

/// A slot until it is handed on.
class held_slot {
 public:
  held_slot(pinned_ring& of, pinned_ring::slot* held) : ring_(of), held_(held) {}
  held_slot(const held_slot&) = delete;
  held_slot& operator=(const held_slot&) = delete;
  ~held_slot() {
    if (held_ != nullptr) ring_.give_back(*held_);
  }
  pinned_ring::slot* operator->() const noexcept { return held_; }
  pinned_ring::slot* release() noexcept { return std::exchange(held_, nullptr); }

 private:
  pinned_ring& ring_;
  pinned_ring::slot* held_;
};

}  // namespace

staging& device_object::staging_area() {
  std::call_once(staging_made_, [this] { staging_ = new staging; });
  return *staging_;
}

pipe_parts staging::take() {
  pipe_parts taken;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      taken = idle_.back();
      idle_.pop_back();
    }
  }
  try {
    make_what_is_missing(taken);
  } catch (...) {
    give_back(taken);  // the next call goes on from there
    throw;
  }
  return taken;
}

void staging::make_what_is_missing(pipe_parts& of) {
  for (stream* each : {&of.in, &of.out})
    if (*each == nullptr) FOLDGRID_CUDA(cuStreamCreate, each, stream_non_blocking);
  for (auto& stage : of.marks)
    for (event* each : {&stage.sent, &stage.arrived, &stage.began, &stage.computed, &stage.leaving, &stage.returned})
      if (*each == nullptr) FOLDGRID_CUDA(cuEventCreate, each, event_default);
  if (of.cells != nullptr) return;
  void* memory = nullptr;
  FOLDGRID_CUDA(cuMemHostAlloc, &memory, pipe_parts::stage_count * pipe_parts::cell_bytes, host_memory_portable);
  of.cells = static_cast<std::byte*>(memory);
}

void staging::give_back(const pipe_parts& used) noexcept {
  const std::lock_guard lock(mutex_);
  try {
    idle_.push_back(used);
  } catch (...) {  // the streams are lost, which costs less than the result
  }
}

bool pipeline::suits(const device_launch& launch, std::size_t out_bytes, std::size_t value_bytes) {
  if (launch.resident) return false;
  const std::size_t each = std::max(bytes_in_each(launch), out_bytes);
  return each != 0 && launch.n >= least_bytes / each && each * pieces::least <= pinned_ring::slot_bytes &&
         value_bytes + sizeof(address) <= pipe_parts::cell_bytes && launch.device->staging_area().ring.ready();
}

pipeline::pipeline(call& of, device_launch& launch, device_run& run, std::byte* out, std::size_t element_bytes, std::size_t value_bytes,
                   value_taker take)
    : of_(of),
      launch_(launch),
      run_(run),
      staging_(launch.device->staging_area()),
      parts_(staging_.take()),
      out_(out),
      element_bytes_(element_bytes),
      value_bytes_(value_bytes),
      take_(std::move(take)),
      room_(std::min(std::bit_ceil(launch.n), std::bit_floor(pinned_ring::slot_bytes / std::max(bytes_in_each(launch), element_bytes)))) {
  try {
    make_room();
    run_.wait();  // for the memory, and for arrays that every piece reads
  } catch (...) {
    staging_.give_back(parts_);
    throw;
  }
}

pipeline::~pipeline() {
  if (!finished_) {
    const driver& calls = driver::get();
    for (const stream each : {parts_.in, run_.on(), parts_.out}) calls.cuStreamSynchronize(each);
    for (stage& each : stages_)
      if (each.out != nullptr) staging_.ring.give_back(*each.out);
  }
  staging_.give_back(parts_);
}

void pipeline::make_room() {
  const auto& arrays = launch_.arguments.arrays();
  run_.note_failures();
  for (std::size_t k = 0; k < arrays.size(); ++k)
    if (arrays[k].element_bytes == 0) run_.copy_whole(k, run_.memory(arrays[k].bytes * arrays[k].parts.size()));
  run_.allocate_smaller(room_, true, [&](std::size_t leaves) {
    for (stage& each : stages_) {
      each.inputs.clear();
      for (const auto& array : arrays) each.inputs.push_back(run_.memory(array.element_bytes * leaves));
      each.results = run_.memory(element_bytes_ * leaves + value_bytes_);
    }
  });
}

bool pipeline::copy_here(std::byte* to, const std::byte* from, std::size_t bytes) {
  constexpr std::size_t block = std::size_t{256} << 10;
  auto copy = [=](std::size_t first, std::size_t last) {
    const std::size_t begin = first * block, end = std::min(last * block, bytes);
    std::memcpy(to + begin, from + begin, end - begin);
  };
  const std::size_t blocks = (bytes + block - 1) / block;
  if (blocks > 1 && of_.where().caller_takes_part()) {
    of_.loop(blocks, cut::anywhere, 2, copy, 0);
  } else {
    copy(0, blocks);
  }
  return !of_.over();
}

bool pipeline::is_out_pinned(const piece& of) const { return is_pinned(out_ + of.first * element_bytes_, of.count * element_bytes_); }

pinned_ring::slot& pipeline::slot_for_inputs() {
  while (true) {
    if (pinned_ring::slot* const found = staging_.ring.try_take()) return *found;
    if (oldest_ == newest_) return staging_.ring.take();
    drain_oldest();
  }
}

bool pipeline::begin(const piece& of) {
  if (newest_ - oldest_ == pipe_parts::stage_count) drain_oldest();
  if (of_.over()) return false;
  stage& into = now();
  into.of = of;
  into.sent_back = false;
  if (!fill(into)) return false;
  FOLDGRID_CUDA(cuStreamWaitEvent, run_.on(), marks(into).arrived, 0u);
  FOLDGRID_CUDA(cuEventRecord, marks(into).began, run_.on());
  launch_.begun = true;
  return true;
}

bool pipeline::fill(stage& into) {
  const auto& arrays = launch_.arguments.arrays();
  bool staged = false;
  for (const auto& each : arrays) staged = staged || (each.element_bytes != 0 && !is_pinned_part(each, into.of));
  held_slot slot(staging_.ring, staged ? &slot_for_inputs() : nullptr);
  std::size_t used = 0;
  bool sending = false;
  for (std::size_t k = 0; k < arrays.size(); ++k) {
    const auto& each = arrays[k];
    if (each.element_bytes == 0) continue;
    const std::size_t skipped = into.of.first * each.element_bytes, bytes = into.of.count * each.element_bytes;
    const std::byte* from = static_cast<const std::byte*>(each.parts[0]) + skipped;
    if (!is_pinned_part(each, into.of)) {
      std::byte* const to = slot->data() + used;
      used += room_ * each.element_bytes;
      if (!copy_here(to, from, bytes)) return false;
      from = to;
    }
    if (!std::exchange(sending, true)) FOLDGRID_CUDA(cuEventRecord, marks(into).sent, parts_.in);
    FOLDGRID_CUDA(cuMemcpyHtoDAsync, into.inputs[k], from, bytes, parts_.in);
    run_.place(k, into.inputs[k] - skipped);
  }
  if (!sending) FOLDGRID_CUDA(cuEventRecord, marks(into).sent, parts_.in);
  FOLDGRID_CUDA(cuEventRecord, marks(into).arrived, parts_.in);
  if (staged) staging_.ring.give_back_after(*slot.release(), parts_.in);
  return true;
}

void pipeline::launched() {
  stage& of = now();
  FOLDGRID_CUDA(cuEventRecord, marks(of).computed, run_.on());
  bool in_order = true;
  for (std::size_t k = oldest_; k != newest_; ++k) in_order = in_order && stages_[k % pipe_parts::stage_count].sent_back;
  ++newest_;
  if (element_bytes_ == 0 || is_out_pinned(of.of)) {
    send_back(of, nullptr);
  } else if (in_order && !of_.tells_progress()) {
    if (pinned_ring::slot* const slot = staging_.ring.try_take()) send_back(of, slot);
  }
}

void pipeline::send_back(stage& of, pinned_ring::slot* through) {
  of.out = through;
  of.sent_back = true;
  const auto copy = [&](void* to, address from, std::size_t bytes) { FOLDGRID_CUDA(cuMemcpyDtoHAsync, to, from, bytes, parts_.out); };
  FOLDGRID_CUDA(cuStreamWaitEvent, parts_.out, marks(of).computed, 0u);
  FOLDGRID_CUDA(cuEventRecord, marks(of).leaving, parts_.out);
  if (element_bytes_ != 0)
    copy(through != nullptr ? through->data() : out_ + of.of.first * element_bytes_, of.results, of.of.count * element_bytes_);
  if (value_bytes_ != 0) copy(cell(of), of.results, value_bytes_);
  if (launch_.notes) copy(note(of), run_.status(), sizeof(address));  // pinned: else the thread would wait for the kernel
  FOLDGRID_CUDA(cuEventRecord, marks(of).returned, parts_.out);
}

void pipeline::drain_oldest() { drain(stages_[oldest_++ % pipe_parts::stage_count]); }

void pipeline::drain(stage& of) {
  if (!of.sent_back) send_back(of, &staging_.ring.take());
  FOLDGRID_CUDA(cuEventSynchronize, marks(of).returned);
  if (of.out != nullptr) {
    held_slot slot(staging_.ring, std::exchange(of.out, nullptr));
    copy_here(out_ + of.of.first * element_bytes_, slot->data(), of.of.count * element_bytes_);
  }
  if (launch_.notes) run_.take_note(*note(of));
  if (value_bytes_ != 0) take_(of.of, cell(of));
  const auto& at = marks(of);
  seconds_ = seconds_between(at.began, at.computed);
  compute_seconds_ += *seconds_;
  copy_in_seconds_ += seconds_between(at.sent, at.arrived);
  copy_out_seconds_ += seconds_between(at.leaving, at.returned);
  of_.advance(of.of.count / launch_.leaves_of_item);
}

fate pipeline::finish() {
  const bool complete = newest_ != 0 && stages_[(newest_ - 1) % pipe_parts::stage_count].of.is_last;
  while (oldest_ != newest_) drain_oldest();
  FOLDGRID_CUDA(cuStreamSynchronize, parts_.in);
  finished_ = true;
  run_.ended();
  if (!complete) return fate::ended;
  if (of_.tells()) of_.took(copy_in_seconds_ + copy_out_seconds_, compute_seconds_);
  took_there(launch_, run_.seconds_since_ready(), copy_in_seconds_, copy_out_seconds_);
  return fate::done;
}

}  // namespace foldgrid::detail::cuda
