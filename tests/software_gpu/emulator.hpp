// SPDX-License-Identifier: MIT
// The host's side of the software GPU: launches kernel text with a fiber for every CUDA thread, in a chosen order.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace software_gpu {

/// The size of a grid in blocks, or of a block in threads; a number alone is a line of so many.
struct extent {
  unsigned x = 1, y = 1, z = 1;
  constexpr extent(unsigned x_, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};

struct geometry {
  extent blocks;   ///< any number below 2^32
  extent threads;  ///< 1 to 1024 in all
};

/// Which thread that can run goes on whenever one waits, ends or meets an atomic.
enum class order {
  in_order,  ///< the next one upwards; a thread keeps running for as long as it can, and blocks start from the first
  reverse,   ///< the next one downwards; blocks start from the last
  random,    ///< any; an atomic hands over every second time; blocks start in a drawn order
  priority,  ///< the one of highest drawn priority; now and then, at an atomic, the running one is given another
};

inline constexpr std::array all_orders{order::in_order, order::reverse, order::random, order::priority};

std::string_view name_of(order) noexcept;

/// How a launch is run; equal options run equal kernels in the same way, step by step.
struct options {
  order scheduling = order::random;
  std::uint64_t seed = 1;
  std::uint64_t steps = 100'000'000;  ///< collectives, atomics and polls of all threads before it counts as a livelock
  unsigned resident = 4;              ///< blocks under way at once, at most 4
};

enum class fault_kind {
  divergent_barrier,     ///< __syncthreads at different places, or after threads of the block have ended
  caller_not_in_mask,    ///< a lane calls a collective whose mask it is not in
  different_collective,  ///< lanes of a mask at different collectives or places
  different_mask,        ///< lanes that name each other come with different masks
  exited_lane,           ///< a mask names a lane that has ended, or that the block has not
  source_not_in_mask,    ///< a shuffle reads from a lane outside of its mask
  deadlock,              ///< nobody can run
  livelock,              ///< the steps are used up
};

std::string_view name_of(fault_kind) noexcept;

/// What a strict check found. The text names kind, block, thread, file and line, what the other thread does, order and seed.
class fault : public std::runtime_error {
 public:
  fault(fault_kind kind, unsigned block, unsigned thread, const std::string& text)
      : std::runtime_error(text), kind_(kind), block_(block), thread_(thread) {}

  fault_kind kind() const noexcept { return kind_; }
  unsigned block() const noexcept { return block_; }    ///< its number, x running fastest
  unsigned thread() const noexcept { return thread_; }  ///< its number in the block, x running fastest

 private:
  fault_kind kind_;
  unsigned block_, thread_;
};

namespace detail {
void run(const geometry& shape, void (*body)(void*), void* argument, const options& how);
}

/// Calls `body()` once for every CUDA thread and returns when all have ended; device memory is open meanwhile.
/// Throws `fault`, what the body throws, or std::invalid_argument for an impossible geometry; threads that had not ended are then
/// dropped where they stood, without running destructors. One launch runs at a time: another OS thread waits for its turn.
template <class Body>
void launch(const geometry& shape, Body&& body, const options& how = {}) {
  using plain = std::remove_reference_t<Body>;
  detail::run(
      shape, [](void* argument) { (*static_cast<plain*>(argument))(); }, const_cast<void*>(static_cast<const void*>(std::addressof(body))),
      how);
}

}  // namespace software_gpu
