// SPDX-License-Identifier: MIT
// Bytes become a value when a job first asks for it.
#include "common_values.hpp"

#include <foldgrid/detail/mpi_common.hpp>
#include <foldgrid/error.hpp>

#include <atomic>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace foldgrid::detail::remote {
namespace {

struct kept {
  message bytes;
  std::size_t skip = 0;
  std::shared_ptr<const void> value;
};

std::mutex mutex;
std::unordered_map<std::uint64_t, kept>& all() {
  static std::unordered_map<std::uint64_t, kept> values;
  return values;
}

}  // namespace

std::uint64_t new_common_number() noexcept {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

void keep_common(std::uint64_t number, message&& bytes, std::size_t skip) {
  const std::lock_guard lock(mutex);
  all()[number] = {std::move(bytes), skip, nullptr};
}

void drop_common(std::uint64_t number) noexcept {
  const std::lock_guard lock(mutex);
  all().erase(number);
}

std::shared_ptr<const void> common_value(std::uint64_t number, std::shared_ptr<const void> (*read)(byte_reader& in)) {
  const std::lock_guard lock(mutex);
  const auto found = all().find(number);
  if (found == all().end()) throw error("a common value was asked for that has not come (number " + std::to_string(number) + ")");
  kept& one = found->second;
  if (!one.value) {
    byte_reader in(one.bytes.data() + one.skip, one.bytes.size() - one.skip);
    one.value = read(in);
    one.bytes = {};
  }
  return one.value;
}

}  // namespace foldgrid::detail::remote
