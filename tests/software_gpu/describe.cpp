// SPDX-License-Identifier: MIT
// The words of what the strict checks find.
#include <software_gpu/state.hpp>

#include <string>

namespace software_gpu {

std::string_view name_of(order which) noexcept {
  switch (which) {
    case order::in_order:
      return "in_order";
    case order::reverse:
      return "reverse";
    case order::random:
      return "random";
    case order::priority:
      return "priority";
  }
  return "?";
}

std::string_view name_of(fault_kind kind) noexcept {
  switch (kind) {
    case fault_kind::divergent_barrier:
      return "divergent barrier";
    case fault_kind::caller_not_in_mask:
      return "caller not in mask";
    case fault_kind::different_collective:
      return "different collective";
    case fault_kind::different_mask:
      return "different mask";
    case fault_kind::exited_lane:
      return "exited lane in mask";
    case fault_kind::source_not_in_mask:
      return "shuffle from a lane outside of the mask";
    case fault_kind::deadlock:
      return "deadlock";
    case fault_kind::livelock:
      return "livelock";
  }
  return "?";
}

namespace detail {

namespace {

std::string_view name_of(collective call) {
  switch (call) {
    case collective::barrier:
      return "__syncthreads";
    case collective::warp_barrier:
      return "__syncwarp";
    case collective::shuffle:
      return "__shfl_sync";
    case collective::shuffle_up:
      return "__shfl_up_sync";
    case collective::shuffle_down:
      return "__shfl_down_sync";
    case collective::shuffle_xor:
      return "__shfl_xor_sync";
    case collective::ballot:
      return "__ballot_sync";
    case collective::any:
      return "__any_sync";
    case collective::all:
      return "__all_sync";
  }
  return "?";
}

std::string hexadecimal(unsigned mask) {
  std::string digits = "0x00000000";
  for (std::size_t i = 9; mask != 0; --i, mask /= 16) digits[i] = "0123456789abcdef"[mask % 16];
  return digits;
}

std::string text_of(const place& where) { return std::string(where.file_name()) + ":" + std::to_string(where.line()); }

std::string waiting_at(const cuda_thread& thread) {
  std::string text(name_of(thread.call));
  if (thread.call != collective::barrier) text += " with mask " + hexadecimal(thread.mask);
  return text + ", " + text_of(thread.where);
}

}  // namespace

fault describe(const fault_record& found, const options& how) {
  const cuda_thread& thread = *found.thread;
  std::string text(software_gpu::name_of(found.kind));
  text += ": block " + std::to_string(thread.block->number) + ", thread " + std::to_string(thread.number);
  if (!found.has_place) {
    text += " waits at " + waiting_at(thread);
  } else if (found.kind == fault_kind::livelock) {
    text += " at " + text_of(found.where) + " takes step " + std::to_string(how.steps + 1) + " of the launch";
  } else {
    text += " calls " + std::string(name_of(thread.call)) + " at " + text_of(found.where);
  }
  if (found.other != nullptr) text += "; thread " + std::to_string(found.other->number) + " waits at " + waiting_at(*found.other);
  if (found.other_does != nullptr) text += "; thread " + std::to_string(found.other_number) + " " + found.other_does;
  text += " [order " + std::string(software_gpu::name_of(how.scheduling)) + ", seed " + std::to_string(how.seed) + "]";
  return fault(found.kind, thread.block->number, thread.number, text);
}

}  // namespace detail

}  // namespace software_gpu
