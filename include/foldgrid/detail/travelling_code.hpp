// SPDX-License-Identifier: MIT
// Code that another process of the same program can be asked to run: its place in the order of registration is its name.
#pragma once

#include <foldgrid/detail/build.hpp>
#include <foldgrid/detail/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <typeinfo>

namespace foldgrid::detail {

/// What the other process gives to the code it runs.
struct remote_call;

/// One kind of work. The name of its type is only a check: two types of one program may have the same.
struct travelling_code {
  const char* name;
  std::size_t size;
  /// What is needed for every piece of the work, from its bytes.
  void* (*open)(byte_reader& state);
  void (*run)(void* opened, remote_call& with, byte_reader& in, byte_writer& out);
  void (*close)(void* opened) noexcept;
};

/// Its number, the same in every process of one program, and where numbers are given out: a module with an own copy of the library has
/// another place.
struct code_number {
  std::uint32_t value;
  const void* registry;
};
FOLDGRID_API code_number register_code(const travelling_code& code);
/// The place of this copy of the library.
FOLDGRID_API const void* code_registry() noexcept;
/// Null when there is none of that number.
FOLDGRID_API const travelling_code* find_code(std::uint32_t number) noexcept;
/// Differs between programs that would understand the number differently.
FOLDGRID_API std::uint32_t code_check(std::uint32_t number) noexcept;
/// The same of everything that was registered so far.
FOLDGRID_API std::uint64_t all_code_check() noexcept;

/// A function's address as the place in its module, and back. std::invalid_argument when it is in none, foldgrid::error when that is not
/// loaded here.
FOLDGRID_API void write_function(byte_writer& out, void (*function)());
FOLDGRID_API void (*read_function(byte_reader& in))();

/// How flat functions and addresses of functions travel.
template <class F>
struct function_codec {
  static constexpr bool is_address = std::is_pointer_v<F> && std::is_function_v<std::remove_pointer_t<F>>;
  static constexpr bool possible = is_address || is_flat<F> || std::is_member_object_pointer_v<F>;
  static void write(byte_writer& out, const F& f) {
    if constexpr (is_address) {
      write_function(out, reinterpret_cast<void (*)()>(f));
    } else {
      out.put(f);
    }
  }
  static F read(byte_reader& in) {
    if constexpr (is_address) {
      return reinterpret_cast<F>(read_function(in));
    } else {
      return in.get<F>();
    }
  }
};

/// Registers Work before main begins, wherever it is used: Work(byte_reader&) opens it, run(with, in, out) runs a piece of it.
template <class Work>
struct code_of {
  static inline const code_number number = register_code({
      typeid(Work).name(),
      sizeof(Work),
      [](byte_reader& state) -> void* { return new Work(state); },
      [](void* opened, remote_call& with, byte_reader& in, byte_writer& out) { static_cast<Work*>(opened)->run(with, in, out); },
      [](void* opened) noexcept { delete static_cast<Work*>(opened); },
  });
};

}  // namespace foldgrid::detail
