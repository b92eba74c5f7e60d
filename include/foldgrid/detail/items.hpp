// SPDX-License-Identifier: MIT
// A function and its inputs as one thing with an index, and the loop over it that keeps going after errors.
#pragma once

#include <foldgrid/detail/call.hpp>
#include <foldgrid/detail/invoke.hpp>
#include <foldgrid/detail/ranges.hpp>

#include <cstddef>
#include <exception>
#include <tuple>
#include <type_traits>
#include <utility>

namespace foldgrid::detail {

/// Item i is f(xs[i], ys[i], ...). X is what forwarding the inputs gave.
template <bool unpack, class F, class... X>
class items {
 public:
  using how = invocation<unpack, const F&, element_t<X>...>;
  static constexpr bool direct = false;  // computed, may throw

  items(call& of, const F& f, std::remove_reference_t<X>&... inputs) : call_(of), f_(f), elements_(elements_of<X>(inputs)...) {
    if (how::takes_token || of.watches_items()) of.link_token();
  }

  auto operator()(std::size_t i) const { return at(i, call_.token()); }

  /// Asks the memory for what comes after items i to i + count.
  template <std::size_t count>
  [[gnu::always_inline]] void read_ahead(std::size_t i) const noexcept
    requires(reads_memory<elements_t<X>> || ...)
  {
    read_ahead_of<count>(i, std::index_sequence_for<X...>{});
  }

  /// The same, timed.
  auto watched(std::size_t i) const {
    return item_watch(call_, i).run([&](const std::stop_token& token) { return at(i, token); });
  }

 private:
  /// By value: f may return a reference to an element that was made for this call.
  auto at(std::size_t i, const std::stop_token& token) const {
    using Result = result_value_t<decltype(std::apply(
        [&](const auto&... each) -> decltype(auto) { return invoke_with<unpack>(f_, token, each[i]...); }, elements_))>;
    return std::apply([&](const auto&... each) -> Result { return invoke_with<unpack>(f_, token, each[i]...); }, elements_);
  }

  // inlined from end to end: to g++, a function that only asks the memory does nothing and need not be called
  template <std::size_t count, std::size_t... k>
  [[gnu::always_inline]] void read_ahead_of(std::size_t i, std::index_sequence<k...>) const noexcept {
    (read_ahead_of<count>(i, std::get<k>(elements_)), ...);
  }
  template <std::size_t count, class Elements>
  [[gnu::always_inline]] static void read_ahead_of(std::size_t i, const Elements& elements) noexcept {
    if constexpr (reads_memory<Elements>) elements.template read_ahead<count>(i);
  }

  call& call_;
  const F& f_;
  std::tuple<elements_t<X>...> elements_;
};

template <bool unpack, class F, class... X>
using item_result = decltype(std::declval<const items<unpack, F, X...>&>()(std::size_t{}));

/// Which item of a call index i of a loop stands for: the one named in errors.
struct item_index {
  std::size_t base = 0;
  std::size_t stride = 1;
  constexpr std::size_t operator()(std::size_t i) const noexcept { return base + i * stride; }
};

struct nothing_more {
  void operator()(std::size_t) const noexcept {}
};

/// Runs step(i) over [first, last); an exception is recorded as the failure of index(i), failed(i) is told, and the
/// loop goes on. Tells whether all went well. The inner loop has nothing in it but the step, so the compiler may
/// vectorise it.
template <class Step, class Failed>
bool run_steps(call& of, item_index index, std::size_t first, std::size_t last, Step&& step, Failed&& failed) {
  bool good = true;
  std::size_t i = first;
  while (i < last) {
    try {
      for (; i < last; ++i) step(i);
    } catch (const source_error& source) {
      of.abort(source.original);
      return false;
    } catch (...) {
      of.fail(index(i));
      failed(i);
      good = false;
      if (of.gives_up()) return false;
      ++i;
    }
  }
  return good;
}

/// store(i, compute) over [first, last), where compute() gives item i, timed or not as the options say.
template <class Items, class Store, class Failed = nothing_more>
bool run_items(call& of, const Items& item, item_index index, std::size_t first, std::size_t last, Store&& store, Failed&& failed = {}) {
  if constexpr (requires { item.watched(first); }) {
    if (of.watches_items())
      return run_steps(of, index, first, last, [&](std::size_t i) { store(i, [&] { return item.watched(i); }); }, failed);
  }
  return run_steps(of, index, first, last, [&](std::size_t i) { store(i, [&]() -> decltype(auto) { return item(i); }); }, failed);
}

}  // namespace foldgrid::detail
