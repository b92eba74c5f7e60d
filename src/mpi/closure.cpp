// SPDX-License-Identifier: MIT
// What the bytes of a function must not hold.
#include "mpi/plain_name.hpp"

#include <foldgrid/detail/mpi_core.hpp>
#include <foldgrid/error.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace foldgrid::detail::remote {
namespace {

bool check_wanted() {
  const char* const asked = std::getenv("FOLDGRID_MPI_CHECK");
  return !asked || std::string_view(asked) != "off";
}

/// Below lie small numbers, and a program that is not position-independent: its own data are at the same address in every process.
constexpr std::uintptr_t lowest_suspicious = std::uintptr_t{1} << 32;
constexpr std::uintptr_t highest_suspicious = (std::uintptr_t{1} << 47) - 1;

/// What lies at the address, when it has no meaning in another process: "the stack", "the heap", "writable data" or "code".
const char* found_at(std::uintptr_t address) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> maps(std::fopen("/proc/self/maps", "r"), std::fclose);
  if (!maps) return nullptr;
  char line[4352];
  while (std::fgets(line, sizeof line, maps.get())) {
    unsigned long first = 0, last = 0;
    char rights[5] = "";
    if (std::sscanf(line, "%lx-%lx %4s", &first, &last, rights) != 3 || address < first || address >= last) continue;
    if (rights[2] == 'x') return "code";
    if (rights[1] != 'w') return nullptr;
    if (std::strstr(line, "[stack]")) return "the stack";
    const char* const file = std::strchr(line, '/');
    return file ? "writable data" : "the heap or a thread's stack";
  }
  return nullptr;
}

}  // namespace

void check_closure(const char* verb, const char* name, const void* bytes, std::size_t size) {
  for (std::size_t at = 0; at + sizeof(std::uintptr_t) <= size; at += sizeof(std::uintptr_t)) {
    std::uintptr_t word = 0;
    std::memcpy(&word, static_cast<const std::byte*>(bytes) + at, sizeof word);
    if (word < lowest_suspicious || word > highest_suspicious) continue;
    static const bool wanted = check_wanted();
    if (!wanted) return;
    if (const char* const where = found_at(word))
      throw std::invalid_argument(
          std::string(verb) + ": asked to send " + plain_name(name) + " to other processes, found in its bytes " + std::to_string(at) +
          " to " + std::to_string(at + sizeof word - 1) + " an address of " + where +
          ", which means nothing there ([&], this or a pointer). Capture numbers and flat structs by value, bind functions by "
          "foldgrid::bind_front, and pass arrays as foldgrid::mpi::common(array); FOLDGRID_MPI_CHECK=off in the environment turns this "
          "check off");
  }
}

}  // namespace foldgrid::detail::remote
