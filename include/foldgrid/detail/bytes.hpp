// SPDX-License-Identifier: MIT
// Values as bytes, for another process of the same program: flat ones as they lie in memory, and the containers of such.
#pragma once

#include <foldgrid/detail/build.hpp>
#include <foldgrid/detail/device_text.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid {
template <class T>
class view;
}

namespace foldgrid::detail {

/// Leaves new elements as they are: they are written next.
template <class T>
struct uninitialised : std::allocator<T> {
  template <class U>
  struct rebind {
    using other = uninitialised<U>;
  };
  uninitialised() = default;
  template <class U>
  uninitialised(const uninitialised<U>&) noexcept {}
  template <class U>
  void construct(U* at) noexcept {
    ::new (static_cast<void*>(at)) U;
  }
};
using byte_vector = std::vector<std::byte, uninitialised<std::byte>>;

/// Bytes that what is written refers to by their number, because they are sent only once.
struct attachment {
  std::uint64_t number;
  std::shared_ptr<const byte_vector> bytes;
};

/// Bytes that grow at their end.
class byte_writer {
 public:
  void write(const void* from, std::size_t size) {
    if (size == 0) return;
    const std::size_t at = bytes_.size();
    bytes_.resize(at + size);
    std::memcpy(bytes_.data() + at, from, size);
  }
  template <class T>
  void put(const T& flat) {
    write(std::addressof(flat), sizeof(T));
  }
  byte_vector& bytes() noexcept { return bytes_; }
  const byte_vector& bytes() const noexcept { return bytes_; }
  void attach(attachment more) { attachments_.push_back(std::move(more)); }
  const std::vector<attachment>& attachments() const noexcept { return attachments_; }

 private:
  byte_vector bytes_;
  std::vector<attachment> attachments_;
};

/// foldgrid::error: more is read than was written.
[[noreturn]] FOLDGRID_API void throw_bytes_end(std::size_t wanted, std::size_t left);

/// Bytes read from their beginning.
class byte_reader {
 public:
  byte_reader() = default;
  byte_reader(const std::byte* at, std::size_t size) noexcept : at_(at), left_(size) {}
  /// The next `size` bytes, where they lie.
  const std::byte* take(std::size_t size) {
    if (size > left_) throw_bytes_end(size, left_);
    left_ -= size;
    return std::exchange(at_, at_ + size);
  }
  /// The same of `count` elements of `each` bytes, however many are asked for.
  const std::byte* take(std::size_t count, std::size_t each) {
    std::size_t size = 0;
    return take(__builtin_mul_overflow(count, each, &size) ? ~std::size_t{0} : size);
  }
  template <class T>
  T get() {
    if constexpr (std::is_same_v<T, bool>) return get<unsigned char>() != 0;  // a bool of another value is none
    alignas(T) std::byte storage[sizeof(T)];
    std::memcpy(storage, take(sizeof(T)), sizeof(T));
    return *std::launder(reinterpret_cast<T*>(storage));
  }
  std::size_t left() const noexcept { return left_; }

 private:
  const std::byte* at_ = nullptr;
  std::size_t left_ = 0;
};

/// True for values that only refer to others: of no use in another process.
template <class T>
inline constexpr bool only_refers = std::is_pointer_v<T> || std::is_member_pointer_v<T> || std::is_null_pointer_v<T>;
template <class C, class Traits>
inline constexpr bool only_refers<std::basic_string_view<C, Traits>> = true;
template <class T, std::size_t extent>
inline constexpr bool only_refers<std::span<T, extent>> = true;
template <class T>
inline constexpr bool only_refers<std::reference_wrapper<T>> = true;
template <class T>
inline constexpr bool only_refers<view<T>> = true;
template <has_device_text T>
  requires(holds_views(T::foldgrid_text))
inline constexpr bool only_refers<T> = true;
template <class T, std::size_t n>
inline constexpr bool only_refers<std::array<T, n>> = only_refers<T>;
template <class T>
inline constexpr bool only_refers<std::optional<T>> = only_refers<T>;
template <class A, class B>
inline constexpr bool only_refers<std::pair<A, B>> = only_refers<A> || only_refers<B>;
template <class... T>
inline constexpr bool only_refers<std::tuple<T...>> = (only_refers<T> || ...);

/// True when the bytes of the object are its value. std::pair and std::tuple count, though the library does not call them trivially
/// copyable.
template <class T>
inline constexpr bool is_flat = std::is_trivially_copyable_v<T> && !only_refers<T>;
template <class A, class B>
inline constexpr bool is_flat<std::pair<A, B>> = is_flat<A> && is_flat<B>;
template <class... T>
inline constexpr bool is_flat<std::tuple<T...>> = (is_flat<T> && ...);
template <class T, std::size_t n>
inline constexpr bool is_flat<std::array<T, n>> = is_flat<T>;

/// How a T is written and read.
template <class T>
struct codec {
  static constexpr bool possible = is_flat<T>;
  static void write(byte_writer& out, const T& value) { out.put(value); }
  static T read(byte_reader& in) { return in.get<T>(); }
};

template <class T>
concept packs = codec<T>::possible;

/// Elements one after another, in one piece where they are flat.
template <class T, class Allocator>
struct codec<std::vector<T, Allocator>> {
  static constexpr bool possible = packs<T>;
  static void write(byte_writer& out, const std::vector<T, Allocator>& values) {
    out.put(values.size());
    if constexpr (is_flat<T> && !std::is_same_v<T, bool>) {
      out.write(values.data(), values.size() * sizeof(T));
    } else {
      for (const T& each : values) codec<T>::write(out, each);
    }
  }
  static std::vector<T, Allocator> read(byte_reader& in) {
    const auto n = in.get<std::size_t>();
    std::vector<T, Allocator> values;
    if constexpr (is_flat<T> && !std::is_same_v<T, bool> && std::is_default_constructible_v<T>) {
      const std::byte* const from = in.take(n, sizeof(T));
      values.resize(n);
      if (n != 0) std::memcpy(static_cast<void*>(values.data()), from, n * sizeof(T));
    } else {
      values.reserve(n < in.left() ? n : in.left());
      for (std::size_t i = 0; i < n; ++i) values.push_back(codec<T>::read(in));
    }
    return values;
  }
};

template <class C, class Traits, class Allocator>
struct codec<std::basic_string<C, Traits, Allocator>> {
  static constexpr bool possible = true;
  using text = std::basic_string<C, Traits, Allocator>;
  static void write(byte_writer& out, const text& value) {
    out.put(value.size());
    out.write(value.data(), value.size() * sizeof(C));
  }
  static text read(byte_reader& in) {
    const auto n = in.get<std::size_t>();
    const std::byte* const from = in.take(n, sizeof(C));
    text value(n, C{});
    std::memcpy(value.data(), from, n * sizeof(C));
    return value;
  }
};

/// The parts in order; what cannot be made one by one is read by the constructor of all.
template <class Whole, class... T>
struct codec_of_parts {
  static constexpr bool possible = (packs<T> && ...);
  static void write(byte_writer& out, const Whole& whole) {
    std::apply([&](const T&... each) { (codec<T>::write(out, each), ...); }, whole);
  }
  static Whole read(byte_reader& in) { return Whole{codec<T>::read(in)...}; }  // braces: in this order
};
template <class... T>
struct codec<std::tuple<T...>> : codec_of_parts<std::tuple<T...>, T...> {};
template <class A, class B>
struct codec<std::pair<A, B>> : codec_of_parts<std::pair<A, B>, A, B> {};

template <class T>
  requires(!is_flat<T>)
struct codec<std::optional<T>> {
  static constexpr bool possible = packs<T>;
  static void write(byte_writer& out, const std::optional<T>& value) {
    out.put(value.has_value());
    if (value) codec<T>::write(out, *value);
  }
  static std::optional<T> read(byte_reader& in) { return in.get<bool>() ? std::optional<T>(codec<T>::read(in)) : std::nullopt; }
};

}  // namespace foldgrid::detail
