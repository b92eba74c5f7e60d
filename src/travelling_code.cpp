// SPDX-License-Identifier: MIT
// Numbers the code that can be asked for from another process, and tells programs apart that number it differently.
#include <foldgrid/detail/travelling_code.hpp>
#include <foldgrid/error.hpp>

#include <dlfcn.h>
#include <link.h>

#include <deque>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>

namespace foldgrid::detail {
namespace {

struct registry {
  std::mutex mutex;
  std::deque<travelling_code> code;  // addresses stay

  static registry& get() {
    static registry all;
    return all;
  }
};

/// FNV-1a.
std::uint64_t mixed(std::uint64_t hash, std::string_view text) noexcept {
  for (const char each : text) hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001B3u;
  return hash;
}
std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) noexcept {
  for (int byte = 0; byte < 8; ++byte) hash = (hash ^ ((value >> (8 * byte)) & 255)) * 0x100000001B3u;
  return hash;
}

/// Where the code lies in its module, which is the same in every process that loads the same file.
std::uint64_t hash_of(const travelling_code& code) noexcept {
  std::uint64_t hash = mixed(0xCBF29CE484222325u, std::string_view(code.name));
  hash = mixed(hash, code.size);
  Dl_info place;
  const auto* const address = reinterpret_cast<const void*>(code.run);
  if (dladdr(address, &place) != 0)
    hash = mixed(hash, reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(place.dli_fbase));
  return hash;
}

}  // namespace

code_number register_code(const travelling_code& code) {
  registry& all = registry::get();
  const std::lock_guard lock(all.mutex);
  all.code.push_back(code);
  return {static_cast<std::uint32_t>(all.code.size() - 1), &all};
}

const travelling_code* find_code(std::uint32_t number) noexcept {
  registry& all = registry::get();
  const std::lock_guard lock(all.mutex);
  return number < all.code.size() ? &all.code[number] : nullptr;
}

std::uint32_t code_check(std::uint32_t number) noexcept {
  const travelling_code* const code = find_code(number);
  return code ? static_cast<std::uint32_t>(hash_of(*code) >> 16) : 0;
}

std::uint64_t all_code_check() noexcept {
  registry& all = registry::get();
  const std::lock_guard lock(all.mutex);
  std::uint64_t hash = mixed(0xCBF29CE484222325u, std::string_view(FOLDGRID_VERSION " " __VERSION__));
  for (const travelling_code& each : all.code) hash = mixed(hash, hash_of(each));
  return hash;
}

const void* code_registry() noexcept { return &registry::get(); }

void throw_bytes_end(std::size_t wanted, std::size_t left) {
  throw error("a message between processes ends early: " + std::to_string(wanted) + " bytes are wanted, " + std::to_string(left) +
              " are left; reading and writing a type must agree (its serialize function)");
}

namespace {

/// A loaded module: by an address in it, or by its file, which of the program itself is "".
struct module_search {
  std::uintptr_t address = 0;
  std::string file = {};
  std::uintptr_t base = 0;
  bool found = false;

  bool by_address(const dl_phdr_info& info) const {
    for (int i = 0; i < info.dlpi_phnum; ++i) {
      const auto& part = info.dlpi_phdr[i];
      if (part.p_type == PT_LOAD && address - info.dlpi_addr - part.p_vaddr < part.p_memsz) return true;
    }
    return false;
  }
  void run() {
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* to) {
          auto& wanted = *static_cast<module_search*>(to);
          if (wanted.address != 0 ? !wanted.by_address(*info) : wanted.file != info->dlpi_name) return 0;
          wanted.found = true;
          wanted.base = info->dlpi_addr;
          wanted.file = info->dlpi_name;
          return 1;
        },
        this);
  }
};

}  // namespace

void write_function(byte_writer& out, void (*function)()) {
  out.put(function != nullptr);
  if (function == nullptr) return;
  module_search place{.address = reinterpret_cast<std::uintptr_t>(function)};
  place.run();
  if (!place.found)
    throw std::invalid_argument(
        "asked to send a function pointer to another process, found that it points to no function of the program or its libraries");
  codec<std::string>::write(out, place.file);
  out.put(place.address - place.base);
}

void (*read_function(byte_reader& in))() {
  if (!in.get<bool>()) return nullptr;
  module_search place{.file = codec<std::string>::read(in)};
  const auto offset = in.get<std::uintptr_t>();
  place.run();
  if (!place.found) throw error("a function of " + place.file + " was asked for, which is not loaded on this rank");
  return reinterpret_cast<void (*)()>(place.base + offset);
}

}  // namespace foldgrid::detail
