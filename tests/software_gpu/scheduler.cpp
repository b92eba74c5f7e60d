// SPDX-License-Identifier: MIT
// The four orders. Runs inside of fibers: no library functions, whose bodies the linker could take from instrumented units.
#include <software_gpu/scheduler.hpp>

namespace software_gpu::detail {

namespace {

constexpr unsigned fair = 64;  // so many points in a row without another one's turn count as waiting for somebody

unsigned lowest_bit(std::uint64_t bits) { return static_cast<unsigned>(__builtin_ctzll(bits)); }

unsigned common_divisor(unsigned a, unsigned b) { return b == 0 ? a : common_divisor(b, a % b); }

}  // namespace

void position_set::clear() noexcept {
  for (std::uint64_t& word : words_) word = 0;
  summary_ = 0;
}

void position_set::insert(unsigned position) noexcept {
  words_[position / 64] |= std::uint64_t{1} << position % 64;
  summary_ |= std::uint64_t{1} << position / 64;
}

void position_set::erase(unsigned position) noexcept {
  words_[position / 64] &= ~(std::uint64_t{1} << position % 64);
  if (words_[position / 64] == 0) summary_ &= ~(std::uint64_t{1} << position / 64);
}

unsigned position_set::next(unsigned position) const noexcept {
  const unsigned word = position / 64;
  if (const std::uint64_t here = words_[word] >> position % 64; here != 0) return position + lowest_bit(here);
  const std::uint64_t later = summary_ >> word >> 1;
  const unsigned found = later != 0 ? word + 1 + lowest_bit(later) : lowest_bit(summary_);
  return found * 64 + lowest_bit(words_[found]);
}

// splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
std::uint64_t scheduler::draw() noexcept {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

void scheduler::start(order how, std::uint64_t seed, unsigned slots, unsigned threads) noexcept {
  order_ = how;
  state_ = seed;
  seats_ = slots * threads;
  unbroken_ = 0;
  ready_.clear();
  for (unsigned seat = 0; seat < seats_; ++seat) {
    const unsigned thread = seat % threads;
    const unsigned position = how == order::reverse ? seat - thread + (threads - 1 - thread) : seat;
    position_[seat] = static_cast<std::uint16_t>(position);
    seat_[position] = static_cast<std::uint16_t>(seat);
  }
  if (how == order::priority) {
    for (unsigned seat = 0; seat < seats_; ++seat) change_priority(seat);
  }
}

void scheduler::count_blocks(unsigned blocks) noexcept {
  blocks_ = blocks;
  stride_ = 1;
  offset_ = 0;
  if (order_ != order::random && order_ != order::priority) return;
  // n -> stride * n + offset is a permutation where the stride has no divisor in common with the number of blocks.
  do stride_ = static_cast<unsigned>(draw() % blocks) + (blocks == 1);
  while (common_divisor(stride_, blocks) != 1);
  offset_ = static_cast<unsigned>(draw() % blocks);
}

unsigned scheduler::block(unsigned nth) const noexcept {
  if (order_ == order::reverse) return blocks_ - 1 - nth;
  return static_cast<unsigned>((std::uint64_t{stride_} * nth + offset_) % blocks_);
}

void scheduler::change_priority(unsigned seat) noexcept {
  const unsigned other = static_cast<unsigned>(draw() % seats_);
  const unsigned mine = position_[seat], its = position_[other];
  if (mine == its) return;
  const bool i_can = !ready_.empty() && ready_.next(mine) == mine, it_can = !ready_.empty() && ready_.next(its) == its;
  position_[seat] = static_cast<std::uint16_t>(its);
  position_[other] = static_cast<std::uint16_t>(mine);
  seat_[its] = static_cast<std::uint16_t>(seat);
  seat_[mine] = static_cast<std::uint16_t>(other);
  if (i_can == it_can) return;
  ready_.erase(i_can ? mine : its);
  ready_.insert(i_can ? its : mine);
}

unsigned scheduler::take(unsigned seat) noexcept {
  if (ready_.empty()) return nobody;
  unbroken_ = 0;
  switch (order_) {
    case order::random:
      return seat_[ready_.next(static_cast<unsigned>(draw() % seats_))];
    case order::priority:
      return seat_[ready_.next(0)];
    default:
      return seat_[ready_.next(seat == nobody ? 0 : (position_[seat] + 1u) % seats_)];
  }
}

unsigned scheduler::take_at_point(unsigned seat, bool poll) noexcept {
  // A thread that waits for another by looking again and again must not keep it from running, whatever the order.
  const bool long_enough = ++unbroken_ >= fair;
  if (!long_enough && (poll || order_ == order::in_order || order_ == order::reverse)) return seat;
  if (order_ == order::random && !long_enough && draw() % 2 == 0) return seat;
  if (order_ == order::priority) {
    if (!long_enough && draw() % 16 != 0) return seat;
    change_priority(seat);
  }
  return take(seat);
}

}  // namespace software_gpu::detail
