// SPDX-License-Identifier: MIT
// How long the consumer of a stream sleeps.
#include "item_watcher.hpp"
#include "thread_pool.hpp"

#include <foldgrid/detail/waiting.hpp>

#include <chrono>
#include <utility>

namespace foldgrid::detail {

std::size_t consumer_pace::items_worth_a_sleep() noexcept {
  if (this_worker().works()) return 0;
  const std::int64_t now = steady_nanoseconds(), spent = now - std::exchange(before_, now);
  const std::size_t came = std::exchange(consumed_, 0);
  constexpr auto sleep = static_cast<double>(std::chrono::nanoseconds(longest_sleep).count());
  return spent <= 0 ? 0 : static_cast<std::size_t>(static_cast<double>(came) * sleep / static_cast<double>(spent));
}

void consumer_pace::sleep_for_some(task& last) const { last.wait_for(longest_sleep); }

}  // namespace foldgrid::detail
