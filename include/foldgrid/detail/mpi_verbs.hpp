// SPDX-License-Identifier: MIT
// The blocking verbs as the manager sees them: cut into pieces, sent out, and put together in the order of the indices.
#pragma once

#include <foldgrid/detail/mpi_jobs.hpp>

#include <bit>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail::remote {

using station = std::shared_ptr<ranks>;

template <class Job>
job make_job(const station& at, byte_writer&& state) {
  return job(at, code_of<Job>::number, std::move(state));
}

/// Pieces of a call over inputs; take(first, count, bytes) keeps what comes back.
template <class Take, class... X>
class input_pieces final : public pieces {
 public:
  input_pieces(call& here, const options& asked, const job& what, std::size_t size, std::size_t each, std::size_t width, Take& take,
               std::remove_reference_t<X>&... inputs)
      : pieces(what, size, each, width), here_(here), take_(take), inputs_(inputs...) {
    fail_fast_ = asked.fail_fast;
    if (asked.task_timeout) task_timeout_ = most(asked.task_timeout->count(), 0.0);
  }

  void write(std::size_t first, std::size_t count, byte_writer& out) override {
    try {
      std::apply([&](auto&... each) { (part<X>::write(out, each, first * width_, count * width_), ...); }, inputs_);
    } catch (const source_error& source) {
      std::rethrow_exception(source.original);
    }
  }
  void done(std::size_t first, std::size_t count, reply& what) override {
    if (what.cancelled) return;
    if (!what.error) {
      take_(first, count, what.in);
    } else if (what.whole) {
      return here_.abort(what.error);
    } else {
      try {
        std::rethrow_exception(what.error);
      } catch (...) {
        here_.fail(first * width_ + what.index, " on rank " + std::to_string(what.rank) + " (" + what.host + ")");
      }
    }
    here_.advance(count * width_);
  }
  void trouble(std::exception_ptr why) noexcept override { here_.abort(std::move(why)); }
  bool over() const noexcept override { return here_.over(); }

 private:
  call& here_;
  Take& take_;
  std::tuple<std::remove_reference_t<X>&...> inputs_;
};

/// Items of a piece: eight pieces for each worker unless told otherwise.
inline std::size_t piece_size(const station& at, const options& asked, std::size_t n, bool aligned, std::size_t each = 1) {
  std::size_t size = asked.chunk_size.value() != 0 ? (asked.chunk_size.value() - 1) / each + 1 : n / (8 * workers_of(*at)) + 1;
  if (size >= n) return most<std::size_t>(n, 1);
  return aligned ? std::bit_floor(size) : size;
}

template <class... X, class Take>
void run_pieces(call& here, const options& asked, const job& what, std::size_t size, std::size_t each, std::size_t width, Take&& take,
                std::remove_reference_t<X>&... inputs) {
  if (size == 0) return;
  input_pieces<std::remove_reference_t<Take>, X...> work(here, asked, what, size, each, width, take, inputs...);
  run(work);
}

/// What a job of a function over inputs needs.
template <class F, class... X>
byte_writer map_state(const char* verb, const F& f, const std::remove_reference_t<X>&... inputs) {
  byte_writer state;
  function_wire<F>::check(verb, f);
  function_wire<F>::write(state, f);
  (part<X>::write_state(state, inputs), ...);
  return state;
}

/// A result as write_results wrote it.
template <class R>
R read_result(byte_reader& in) {
  if constexpr (is_flat<R> && !std::is_same_v<R, bool>) {
    return in.get<R>();
  } else {
    return wire<R>::read(in);
  }
}

template <bool unpack, class F, class... X>
auto map_indexed(const station& at, const char* verb, const options& asked, const F& f, X&&... inputs) {
  if constexpr (check_function<items<unpack, F, X...>>()) {
    using Result = item_result<unpack, F, X...>;
    if constexpr (check_functions<F>() && check_parts<X...>() && check_result<Result>()) {
      const std::size_t n = detail::common_length(verb, asked.strict, inputs...);
      call here(engine_of(*at).get(), verb, asked, n);
      const job what = make_job<map_job<unpack, F, X...>>(at, map_state<F, X...>(verb, f, inputs...));
      const auto run_all = [&](auto&& take) {
        run_pieces<X...>(here, asked, what, n, piece_size(at, asked, n, false), 1, take, inputs...);
        here.finish();
      };
      if constexpr (std::is_void_v<Result>) {
        here.moved((bytes_of<X>(n) + ...), 0);
        run_all([](std::size_t, std::size_t, byte_reader&) {});
      } else if constexpr (is_flat<Result> && std::is_default_constructible_v<Result> && !std::same_as<Result, bool>) {
        here.moved((bytes_of<X>(n) + ...), n * sizeof(Result));
        std::vector<Result> results(n);
        run_all([&](std::size_t first, std::size_t count, byte_reader& in) {
          std::memcpy(static_cast<void*>(results.data() + first), in.take(count, sizeof(Result)), count * sizeof(Result));
        });
        return results;
      } else {
        here.moved((bytes_of<X>(n) + ...), 0);
        std::vector<std::optional<Result>> slots(n);
        run_all([&](std::size_t first, std::size_t count, byte_reader& in) {
          for (std::size_t i = first; i < first + count; ++i) slots[i].emplace(read_result<Result>(in));
        });
        std::vector<Result> results;
        results.reserve(n);
        for (auto& slot : slots) results.push_back(*std::move(slot));
        return results;
      }
    }
  }
}

template <bool unpack, class F, class... X>
auto map(const station& at, const char* verb, const options& asked, const F& f, X&&... inputs) {
  if constexpr (check_inputs<X...>())
    return with_indexed(
        verb, asked.strict, [&]<class... Y>(Y&&... each) { return map_indexed<unpack>(at, verb, asked, f, std::forward<Y>(each)...); },
        std::forward<X>(inputs)...);
}

template <class Out, class F, class... X>
void map_into_indexed(const station& at, const options& asked, Out& out, const F& f, X&&... inputs) {
  if constexpr (check_function<items<false, F, X...>>()) {
    using Result = item_result<false, F, X...>;
    if constexpr (check_functions<F>() && check_parts<X...>() && check_result<Result>()) {
      const std::size_t n = detail::common_length("map_into", asked.strict, inputs...);
      if (detail::length_of(out) < n) throw_too_short("map_into", n, detail::length_of(out));
      call here(engine_of(*at).get(), "map_into", asked, n);
      const job what = make_job<map_job<false, F, X...>>(at, map_state<F, X...>("map_into", f, inputs...));
      auto* const to = std::ranges::data(out);
      here.moved((bytes_of<X>(n) + ...), n * sizeof(*to));
      const auto take = [to](std::size_t first, std::size_t count, byte_reader& in) {
        for (std::size_t i = first; i < first + count; ++i)
          to[i] = static_cast<std::remove_reference_t<decltype(*to)>>(read_result<Result>(in));
      };
      run_pieces<X...>(here, asked, what, n, piece_size(at, asked, n, false), 1, take, inputs...);
      here.finish();
    }
  }
}

template <class Out, class F, class... X>
void map_into(const station& at, const options& asked, Out&& out, const F& f, X&&... inputs) {
  static_assert(contiguous_input<Out> && std::ranges::sized_range<Out>,
                "foldgrid: map_into writes into a contiguous range of known length, such as a std::vector, an array or a span");
  if constexpr (check_inputs<X...>())
    with_indexed(
        "map_into", asked.strict, [&]<class... Y>(Y&&... each) { map_into_indexed(at, asked, out, f, std::forward<Y>(each)...); },
        std::forward<X>(inputs)...);
}

/// The tree over the nodes that came back, in the order of their indices; nothing when one of them failed.
template <class A, class Op>
maybe<A> fold_nodes(call& here, const Op& op, std::vector<node<A>>& level) {
  const combine_nodes<A, Op> combine{here, op};
  here.once([&] {
    while (level.size() > 1) {
      std::size_t made = 0;
      for (std::size_t i = 0; i < level.size(); i += 2, ++made)
        level[made] = i + 1 == level.size() ? std::move(level[i]) : combine(std::move(level[i]), std::move(level[i + 1]));
      level.resize(made, node<A>{0, std::nullopt});
    }
  });
  return level.size() == 1 ? std::move(level.front().value) : std::nullopt;
}

/// Pieces that are nodes of the tree over n leaves.
template <class A, class... X, class Op>
maybe<A> run_nodes(const station& at, call& here, const options& asked, const job& what, const Op& op, std::size_t n, std::size_t width,
                   std::remove_reference_t<X>&... inputs) {
  const std::size_t each = piece_size(at, asked, n, true, width);
  std::vector<node<A>> nodes;
  nodes.reserve(n / each + 1);
  for (std::size_t first = 0; first < n; first += each) nodes.push_back({first * width, std::nullopt});
  const auto take = [&](std::size_t first, std::size_t, byte_reader& in) { nodes[first / each].value.emplace(wire<A>::read(in)); };
  run_pieces<X...>(here, asked, what, n, each, width, take, inputs...);
  return n == 0 ? std::nullopt : fold_nodes<A>(here, op, nodes);
}

template <class A, class Op, class X, class... Init>
A reduce_indexed(const station& at, const char* verb, const options& asked, const Op& op, X&& range, Init&&... init) {
  const auto n = static_cast<std::size_t>(std::ranges::size(range));
  call here(engine_of(*at).get(), verb, asked, n);
  here.moved(bytes_of<X>(n), 0);
  if constexpr (check_functions<Op>() && check_parts<X>() && check_result<A>()) {
    const job what = make_job<reduce_job<A, Op, X>>(at, map_state<Op, X>(verb, op, range));
    maybe<A> tree = run_nodes<A, X>(at, here, asked, what, op, n, 1, range);
    return finish_fold<A>(here, op, n, std::move(tree), std::forward<Init>(init)...);
  }
}

/// Of unknown length: see mpi_tasks.hpp.
template <class A, class Op, class X, class... Init>
A reduce_source(const station& at, const char* verb, const options& asked, const Op& op, X&& range, Init&&... init);

template <class Asked, class Op, class X, class... Init>
auto reduce(const station& at, const char* verb, const options& asked, const Op& op, X&& range, Init&&... init) {
  static_assert(any_input<X>, "foldgrid: reduce takes a range or a lazy input after the operator");
  static_assert(!endless_input<X>, "foldgrid: reduce of an endless input would never end");
  using A = accumulator_t<Asked, element_value_t<X>>;
  if constexpr (!endless_input<X> && check_operator<A, Op>()) {
    if constexpr (indexed_input<X> || std::ranges::sized_range<X>) {
      return reduce_indexed<A>(at, verb, asked, op, detail::indexed(std::forward<X>(range)), std::forward<Init>(init)...);
    } else {
      return reduce_source<A>(at, verb, asked, op, std::forward<X>(range), std::forward<Init>(init)...);
    }
  }
}

template <class Asked, class F, class Op, class Init, class... X>
auto map_reduce_indexed(const station& at, const options& asked, const F& f, const Op& op, Init&& init, X&&... inputs) {
  if constexpr (check_function<items<false, F, X...>>()) {
    using A = accumulator_t<Asked, item_result<false, F, X...>>;
    static_assert(!std::is_void_v<A>, "foldgrid: map_reduce needs a function that returns a value");
    if constexpr (!std::is_void_v<A> && check_operator<A, Op>() && check_functions<F, Op>() && check_parts<X...>() && check_result<A>()) {
      const std::size_t n = detail::common_length("map_reduce", asked.strict, inputs...);
      call here(engine_of(*at).get(), "map_reduce", asked, n);
      here.moved((bytes_of<X>(n) + ...), 0);
      byte_writer state = map_state<F>("map_reduce", f);
      function_wire<Op>::check("map_reduce", op);
      function_wire<Op>::write(state, op);
      (part<X>::write_state(state, inputs), ...);
      const job what = make_job<map_reduce_job<A, F, Op, X...>>(at, std::move(state));
      maybe<A> tree = run_nodes<A, X...>(at, here, asked, what, op, n, 1, inputs...);
      return finish_fold<A>(here, op, n, std::move(tree), std::forward<Init>(init));
    }
  }
}

template <class Asked, class F, class Op, class Init, class... X>
auto map_reduce(const station& at, const options& asked, const F& f, const Op& op, Init&& init, X&&... inputs) {
  if constexpr (check_inputs<X...>())
    return with_indexed(
        "map_reduce", asked.strict,
        [&]<class... Y>(Y&&... each) {
          return map_reduce_indexed<Asked>(at, asked, f, op, std::forward<Init>(init), std::forward<Y>(each)...);
        },
        std::forward<X>(inputs)...);
}

}  // namespace foldgrid::detail::remote
