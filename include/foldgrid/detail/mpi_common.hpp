// SPDX-License-Identifier: MIT
// What is the same for all items: values sent once to each worker, and exceptions that are rebuilt.
#pragma once

#include <foldgrid/detail/mpi_wire.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

namespace foldgrid::detail::remote {

/// A number that no other value has.
FOLDGRID_API std::uint64_t new_common_number() noexcept;
/// On a worker: the value of that number, which is read from its bytes when it is first asked for.
FOLDGRID_API std::shared_ptr<const void> common_value(std::uint64_t number, std::shared_ptr<const void> (*read)(byte_reader& in));

/// One value for all items. Its bytes are written when it first travels; when the last copy is gone, workers forget it.
template <class T>
class common_input {
 public:
  static constexpr bool endless = true;
  using foldgrid_lazy = void;
  explicit common_input(T value) : value_(std::make_shared<const T>(std::move(value))), sent_(std::make_shared<sent>()) {}
  explicit common_input(std::shared_ptr<const T> value) : value_(std::move(value)) {}
  const T& operator[](std::size_t) const noexcept { return *value_; }
  auto begin() const { return index_iterator<common_input>(*this, 0); }
  std::unreachable_sentinel_t end() const { return {}; }

  attachment attached() const {
    std::call_once(sent_->once, [this] {
      byte_writer out;
      wire<T>::write(out, *value_);
      sent_->bytes = std::make_shared<const byte_vector>(std::move(out.bytes()));
    });
    return {sent_->number, sent_->bytes};
  }

 private:
  struct sent {
    std::uint64_t number = new_common_number();
    std::once_flag once;
    std::shared_ptr<const byte_vector> bytes;
  };
  std::shared_ptr<const T> value_;
  std::shared_ptr<sent> sent_;
};

template <class X>
inline constexpr bool is_common = false;
template <class T>
inline constexpr bool is_common<common_input<T>> = true;

template <class T>
struct wire<common_input<T>> {
  static constexpr bool possible = travels<T>;
  static void write(byte_writer& out, const common_input<T>& value) {
    attachment bytes = value.attached();
    out.put(bytes.number);
    out.attach(std::move(bytes));
  }
  static common_input<T> read(byte_reader& in) {
    const auto value = common_value(in.get<std::uint64_t>(), [](byte_reader& bytes) -> std::shared_ptr<const void> {
      return std::make_shared<const T>(wire<T>::read(bytes));
    });
    return common_input<T>(std::static_pointer_cast<const T>(value));
  }
};

/// How an E travels.
template <class E>
struct exception_of {
  static_assert(std::derived_from<E, std::exception>, "foldgrid: register_exception takes a class derived from std::exception");
  static constexpr bool of_text = std::constructible_from<E, const std::string&> || std::constructible_from<E, const char*>;
  static_assert(archives<E> || of_text,
                "foldgrid: register_exception takes a class that can be made of its what(), or default constructible with a serialize "
                "function for cereal");

  static bool write(const std::exception_ptr& what, byte_writer& out) {
    return write_exactly<E>(what, [&](const E& e) {
      if constexpr (archives<E>) {
        wire<E>::write(out, e);
      } else {
        wire<std::string>::write(out, e.what());
      }
    });
  }
  static std::exception_ptr read(byte_reader& in, const std::exception_ptr& nested) {
    if constexpr (archives<E>) {
      return nesting(nested, wire<E>::read(in));
    } else {
      return nesting(nested, E(wire<std::string>::read(in).c_str()));
    }
  }
  static inline const std::uint32_t number = register_exception({&typeid(E), &write, &read});
};

}  // namespace foldgrid::detail::remote
