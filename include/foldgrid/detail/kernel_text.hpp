// SPDX-License-Identifier: MIT
// The text of one kernel as it is put together: what its types are called on the GPU, and the definitions they need.
#pragma once

#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/detail/device_text.hpp>
#include <foldgrid/function.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace foldgrid::detail {

/// Collects the text of a kernel. What functions are used is defined once each, after what they use themselves.
class FOLDGRID_API kernel_text {
 public:
  kernel_text& operator<<(const char* code);
  kernel_text& operator<<(std::size_t number);
  /// The name of a function or struct of a FOLDGRID_ macro, whose definition is added.
  void name(const device_text& text);
  /// True when a function used so far calls libm: it names a math function other than those that round alike everywhere.
  bool calls_libm() const noexcept { return calls_libm_; }
  /// True when a function used so far makes much code: it calls libm or loops.
  bool is_large() const noexcept { return calls_libm_ || loops_; }
  /// True when a function used so far has a loop.
  bool loops() const noexcept { return loops_; }

  /// Asserts size, alignment and offsets of the members of what the text defines.
  void assert_layout(const device_text& text, std::size_t size, std::size_t alignment, const std::size_t* offsets, std::size_t count);

  /// Definitions and entry, without the library's own text.
  std::string whole() const;

 private:
  friend FOLDGRID_API void define(kernel_text& to, const device_text& text);

  std::string definitions_, entry_;
  std::vector<const device_text*> defined_;
  bool calls_libm_ = false, loops_ = false;
};

template <class T>
void assert_layout(kernel_text& to) {
  std::size_t offsets[most_members] = {}, count = 0;
  if constexpr (std::is_default_constructible_v<T>) {
    const T here{};
    visit_members<member_count<T>(T::foldgrid_text.state)>(here, [&](const auto& member) {
      offsets[count++] = static_cast<std::size_t>(reinterpret_cast<const char*>(&member) - reinterpret_cast<const char*>(&here));
    });
  }
  to.assert_layout(T::foldgrid_text, sizeof(T), alignof(T), offsets, count);
}

/// Where a kernel comes from: a text that is compiled at run time, or a unit of the user that nvcc has compiled. Equal for equal kernels.
struct kernel_source {
  kernel_text (*text)() = nullptr;                    ///< makes the text
  void* (*compiled)(const char** trouble) = nullptr;  ///< gives the driver's handle in the current context, or null and why
};

/// True for functions, operators and inputs that only units compiled by nvcc have: <foldgrid/cuda.cuh> says which.
template <class P>
inline constexpr bool is_compiled = false;

/// What T is called on the GPU: device_name<T>::write(text). Types that cannot go there have none.
template <class T>
struct device_name {};

template <class T>
concept on_device = std::is_trivially_copyable_v<T> && requires(kernel_text& text) { device_name<T>::write(text); };

#define FOLDGRID_DETAIL_NAMED(T)                         \
  template <>                                            \
  struct device_name<T> {                                \
    static void write(kernel_text& text) { text << #T; } \
  };
FOLDGRID_DETAIL_NUMBERS(FOLDGRID_DETAIL_NAMED)
FOLDGRID_DETAIL_NAMED(bool)
FOLDGRID_DETAIL_NAMED(char)
#undef FOLDGRID_DETAIL_NAMED

template <has_device_text T>
struct device_name<T> {
  static void write(kernel_text& text) { text.name(T::foldgrid_text); }
};

template <on_device F, on_device First>
struct device_name<bound_front<F, First>> {
  static void write(kernel_text& text) {
    text << "foldgrid::gpu::bound_front<";
    device_name<F>::write(text);
    text << ", ";
    device_name<First>::write(text);
    text << ">";
  }
};

#define FOLDGRID_DETAIL_OPERATOR(T, name_there)                                     \
  struct device_name<T> {                                                           \
    static void write(kernel_text& text) { text << "foldgrid::gpu::" #name_there; } \
  };
template <>
FOLDGRID_DETAIL_OPERATOR(std::plus<>, plus)
template <>
FOLDGRID_DETAIL_OPERATOR(std::multiplies<>, multiplies)
template <>
FOLDGRID_DETAIL_OPERATOR(minimum, minimum)
template <>
FOLDGRID_DETAIL_OPERATOR(maximum, maximum)
template <>
FOLDGRID_DETAIL_OPERATOR(std::bit_and<>, bit_and)
template <>
FOLDGRID_DETAIL_OPERATOR(std::bit_or<>, bit_or)
template <>
FOLDGRID_DETAIL_OPERATOR(std::bit_xor<>, bit_xor)
template <>
FOLDGRID_DETAIL_OPERATOR(std::logical_and<>, logical_and)
template <>
FOLDGRID_DETAIL_OPERATOR(std::logical_or<>, logical_or)
#undef FOLDGRID_DETAIL_OPERATOR

/// Operators that were given a type: they convert their operands first.
#define FOLDGRID_DETAIL_TYPED(name)                              \
  struct device_name<std::name<T>> {                             \
    static void write(kernel_text& text) {                       \
      text << "foldgrid::gpu::typed<foldgrid::gpu::" #name ", "; \
      device_name<T>::write(text);                               \
      text << ">";                                               \
    }                                                            \
  };
template <number T>
FOLDGRID_DETAIL_TYPED(plus)
template <number T>
FOLDGRID_DETAIL_TYPED(multiplies)
template <std::integral T>
FOLDGRID_DETAIL_TYPED(bit_and)
template <std::integral T>
FOLDGRID_DETAIL_TYPED(bit_or)
template <std::integral T>
FOLDGRID_DETAIL_TYPED(bit_xor)
#undef FOLDGRID_DETAIL_TYPED

/// The operator for operands of type T: with the type given that it has anyway, the one that takes any.
template <class Op, class T>
struct operator_on {
  using type = std::conditional_t<has_builtin<Op, T>, builtin_t<Op, T>, Op>;
};
template <class T>
struct operator_on<std::bit_and<T>, T> {
  using type = std::bit_and<>;
};
template <class T>
struct operator_on<std::bit_or<T>, T> {
  using type = std::bit_or<>;
};
template <class T>
struct operator_on<std::bit_xor<T>, T> {
  using type = std::bit_xor<>;
};

}  // namespace foldgrid::detail
