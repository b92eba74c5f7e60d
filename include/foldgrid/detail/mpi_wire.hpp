// SPDX-License-Identifier: MIT
// What can travel to another rank, and how: flat values as bytes, the rest by cereal; functions with the check of what they hold.
#pragma once

#include <foldgrid/detail/bytes.hpp>
#include <foldgrid/detail/mpi_core.hpp>
#include <foldgrid/inputs.hpp>

#include <cereal/archives/binary.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/deque.hpp>
#include <cereal/types/list.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/unordered_map.hpp>
#include <cereal/types/unordered_set.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <istream>
#include <memory>
#include <ostream>
#include <streambuf>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace foldgrid::detail::remote {

/// A byte_writer, and a byte_reader, as a stream buffer.
class writing_buffer : public std::streambuf {
 public:
  explicit writing_buffer(byte_writer& out) : out_(out) {}

 protected:
  std::streamsize xsputn(const char* from, std::streamsize n) override {
    out_.write(from, static_cast<std::size_t>(n));
    return n;
  }
  int_type overflow(int_type c) override {
    const char byte = traits_type::to_char_type(c);
    out_.put(byte);
    return c;
  }

 private:
  byte_writer& out_;
};
class reading_buffer : public std::streambuf {
 public:
  explicit reading_buffer(byte_reader& in) : in_(in) {}

 protected:
  std::streamsize xsgetn(char* to, std::streamsize n) override {
    const std::byte* const from = in_.take(static_cast<std::size_t>(n));
    std::memcpy(to, from, static_cast<std::size_t>(n));
    return n;
  }

 private:
  byte_reader& in_;
};

template <class T>
inline constexpr bool archives = cereal::traits::is_output_serializable<T, cereal::BinaryOutputArchive>::value &&
                                 cereal::traits::is_input_serializable<T, cereal::BinaryInputArchive>::value &&
                                 std::is_default_constructible_v<T> && !only_refers<T> && !std::is_pointer_v<T>;

/// cereal is asked only where it is needed.
template <class T>
constexpr bool packs_or_archives() {
  if constexpr (packs<T>) {
    return true;
  } else {
    return archives<T>;
  }
}

/// How a value of type T goes to another rank.
template <class T>
struct wire {
  static constexpr bool possible = packs_or_archives<T>();
  static void write(byte_writer& out, const T& value) {
    if constexpr (packs<T>) {
      codec<T>::write(out, value);
    } else {
      writing_buffer buffer(out);
      std::ostream stream(&buffer);
      cereal::BinaryOutputArchive archive(stream);
      archive(value);
    }
  }
  static T read(byte_reader& in) {
    if constexpr (packs<T>) {
      return codec<T>::read(in);
    } else {
      reading_buffer buffer(in);
      std::istream stream(&buffer);
      cereal::BinaryInputArchive archive(stream);
      T value;
      archive(value);
      return value;
    }
  }
};
template <class T>
concept travels = wire<T>::possible;

template <class T>
struct wire<repeat_input<T>> {
  static constexpr bool possible = travels<T>;
  static void write(byte_writer& out, const repeat_input<T>& value) { wire<T>::write(out, value[0]); }
  static repeat_input<T> read(byte_reader& in) { return repeat_input<T>(wire<T>::read(in)); }
};
template <class... Axes>
struct wire<grid_input<Axes...>> {
  static constexpr bool possible = (travels<Axes> && ...);
  static void write(byte_writer& out, const grid_input<Axes...>& value) {
    std::apply([&](const Axes&... each) { (wire<Axes>::write(out, each), ...); }, value.axes());
  }
  static grid_input<Axes...> read(byte_reader& in) {
    std::tuple<Axes...> axes{wire<Axes>::read(in)...};
    return std::apply([](Axes&... each) { return grid_input<Axes...>(std::move(each)...); }, axes);
  }
};
template <>
struct wire<std::monostate> {
  static constexpr bool possible = true;
  static void write(byte_writer&, const std::monostate&) {}
  static std::monostate read(byte_reader&) { return {}; }
};

/// check_closure of a copy with zeros in the gaps between members, where the compiler can write them: what lies there may look like an
/// address.
template <class F>
void check_function_bytes(const char* verb, const F& f) {
#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding)
  if constexpr (std::is_trivially_copyable_v<F> && std::is_copy_constructible_v<F>) {
    F copy = f;
    __builtin_clear_padding(&copy);
    return check_closure(verb, typeid(F).name(), std::addressof(copy), sizeof copy);
  }
#endif
#endif
  check_closure(verb, typeid(F).name(), std::addressof(f), sizeof f);
}

/// A function as what travels: flat captures as bytes, addresses as places in their module, else by cereal.
template <class F>
struct function_wire {
  static constexpr bool is_bytes = function_codec<F>::possible;
  static constexpr bool possible = [] {
    if constexpr (is_bytes) {
      return true;
    } else {
      return packs_or_archives<F>();
    }
  }();
  static void check(const char* verb, const F& f) {
    if constexpr (is_bytes && std::is_class_v<F> && !std::is_empty_v<F>) {
      check_function_bytes(verb, f);
    }
  }
  static void write(byte_writer& out, const F& f) {
    if constexpr (is_bytes) {
      function_codec<F>::write(out, f);
    } else {
      wire<F>::write(out, f);
    }
  }
  static F read(byte_reader& in) {
    if constexpr (is_bytes) {
      return function_codec<F>::read(in);
    } else {
      return wire<F>::read(in);
    }
  }
};
template <class F, class First>
struct function_wire<bound_front<F, First>> {
  using whole = bound_front<F, First>;
  static constexpr bool possible = function_wire<F>::possible && function_wire<First>::possible;
  static void check(const char* verb, const whole& f) {
    function_wire<F>::check(verb, f.function);
    function_wire<First>::check(verb, f.first);
  }
  static void write(byte_writer& out, const whole& f) {
    function_wire<F>::write(out, f.function);
    function_wire<First>::write(out, f.first);
  }
  static whole read(byte_reader& in) { return whole{function_wire<F>::read(in), function_wire<First>::read(in)}; }
};
template <class Op>
struct function_wire<elementwise<Op>> {
  static constexpr bool possible = function_wire<Op>::possible;
  static void check(const char* verb, const elementwise<Op>& f) { function_wire<Op>::check(verb, f.op); }
  static void write(byte_writer& out, const elementwise<Op>& f) { function_wire<Op>::write(out, f.op); }
  static elementwise<Op> read(byte_reader& in) { return elementwise<Op>{function_wire<Op>::read(in)}; }
};

/// The function itself, or its address.
template <class F>
decltype(auto) as_object(F& f) {
  if constexpr (std::is_function_v<F>) {
    return &f;
  } else {
    return std::as_const(f);
  }
}

template <class... F>
constexpr bool check_functions() {
  constexpr bool possible = (function_wire<F>::possible && ...);
  static_assert(possible,
                "foldgrid: the function holds something that cannot travel to another rank, such as a std::vector, a std::string, a "
                "std::function, a std::reference_wrapper or an fg::view. Capture numbers and flat structs by value, give arrays as "
                "fg::mpi::common(array), or make it a class with a serialize function for cereal");
  return possible;
}
template <class... T>
constexpr bool check_elements() {
  constexpr bool possible = (travels<T> && ...);
  static_assert(possible,
                "foldgrid: the elements of an input or the arguments of a task cannot travel to another rank. They must be flat, standard "
                "containers of such, or have a serialize function for cereal; pointers, std::string_view, std::span, fg::view and std::ref "
                "refer to what is not there");
  return possible;
}
template <class R>
constexpr bool check_result() {
  if constexpr (!std::is_void_v<R>) {
    static_assert(
        travels<R>,
        "foldgrid: the result of the function cannot travel back from another rank. It must be flat, a standard container of such, "
        "or default constructible with a serialize function for cereal");
    return travels<R>;
  }
  return true;
}

}  // namespace foldgrid::detail::remote
