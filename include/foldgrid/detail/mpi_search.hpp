// SPDX-License-Identifier: MIT
// Outcomes, searches and matrices on other ranks.
#pragma once

#include <foldgrid/detail/mpi_verbs.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail::remote {

template <class F, class... X>
auto map_outcomes_indexed(const station& at, const options& asked, const F& f, X&&... inputs) {
  if constexpr (check_function<items<false, F, X...>>()) {
    using R = item_result<false, F, X...>;
    if constexpr (check_functions<F>() && check_parts<X...>() && check_result<R>()) {
      const std::size_t n = detail::common_length("map_outcomes", asked.strict, inputs...);
      call here(engine_of(*at).get(), "map_outcomes", asked, n);
      std::vector<outcome<R>> results;
      results.reserve(n);
      for (std::size_t i = 0; i < n; ++i) results.emplace_back(i);
      const job what = make_job<outcomes_job<F, X...>>(at, map_state<F, X...>("map_outcomes", f, inputs...));
      const auto take = [&](std::size_t first, std::size_t count, byte_reader& in) {
        for (std::size_t i = first; i < first + count; ++i) {
          if (in.get<bool>()) {
            results[i].set([&] {
              if constexpr (!std::is_void_v<R>) return wire<R>::read(in);
            });
            continue;
          }
          results[i].set_error(read_exception(in));
          if (!asked.fail_fast) continue;
          try {
            std::rethrow_exception(results[i].error());
          } catch (...) {
            here.fail(i);
          }
        }
      };
      run_pieces<X...>(here, asked, what, n, piece_size(at, asked, n, false), 1, take, inputs...);
      const std::exception_ptr not_begun = here.finish_early();
      for (outcome<R>& each : results)
        if (!each.has_value() && !each.error()) each.set_error(not_begun);
      return results;
    }
  }
}

template <class F, class... X>
auto map_outcomes(const station& at, const options& asked, const F& f, X&&... inputs) {
  if constexpr (check_inputs<X...>())
    return with_indexed(
        "map_outcomes", asked.strict, [&]<class... Y>(Y&&... each) { return map_outcomes_indexed(at, asked, f, std::forward<Y>(each)...); },
        std::forward<X>(inputs)...);
}

/// Runs the search in pieces; take(first, bytes) sees what each of them found, in any order.
template <sought what, class X, class Take>
void search(const station& at, call& here, const options& asked, std::size_t n, X&& range, Take&& take) {
  if constexpr (check_parts<X>()) {
    byte_writer state;
    part<X>::write_state(state, range);
    const job sent = make_job<search_job<what, X>>(at, std::move(state));
    run_pieces<X>(
        here, asked, sent, n, piece_size(at, asked, n, false), 1, [&](std::size_t first, std::size_t, byte_reader& in) { take(first, in); },
        range);
    here.finish();
  }
}

/// Places of extremes in the pieces become one: NaN is passed over, of equal elements the first counts.
template <class Elements, class Less>
class best_place {
 public:
  best_place(const Elements& elements, Less less) : elements_(elements), less_(less) {}
  void see(std::size_t i) {
    const auto value = elements_[i];
    if (detail::is_nan(value)) return;
    if (found_) {
      const auto best = elements_[at_];
      if (!less_(value, best) && (less_(best, value) || i > at_)) return;
    }
    at_ = i;
    found_ = true;
  }
  std::size_t at() const noexcept { return at_; }

 private:
  const Elements& elements_;
  Less less_;
  std::size_t at_ = 0;
  bool found_ = false;
};

template <sought what, class X, class Use>
auto search_extremes(const station& at, const char* verb, const options& asked, X&& range, Use&& use) {
  const auto n = static_cast<std::size_t>(std::ranges::size(range));
  if (n == 0) throw_empty(verb);
  call here(engine_of(*at).get(), verb, asked, n);
  here.moved(bytes_of<X>(n), 0);
  const auto elements = elements_of<std::remove_reference_t<X>&>(range);
  const auto below = [](const auto& a, const auto& b) { return a < b; };
  const auto above = [](const auto& a, const auto& b) { return b < a; };
  best_place smallest(elements, below);
  best_place largest(elements, above);
  search<what>(at, here, asked, n, std::forward<X>(range), [&](std::size_t first, byte_reader& in) {
    if constexpr (what != sought::largest) smallest.see(first + in.get<std::size_t>());
    if constexpr (what != sought::smallest) largest.see(first + in.get<std::size_t>());
  });
  return use(elements, smallest.at(), largest.at());
}

template <class X>
auto minmax(const station& at, const options& asked, X&& input) {
  using T = element_value_t<X>;
  return search_extremes<sought::extremes>(
      at, "minmax", asked, detail::indexed(std::forward<X>(input)),
      [](const auto& x, std::size_t low, std::size_t high) { return minmax_result<T>{static_cast<T>(x[low]), static_cast<T>(x[high])}; });
}
template <class X>
std::size_t argmin(const station& at, const options& asked, X&& input) {
  return search_extremes<sought::smallest>(at, "argmin", asked, detail::indexed(std::forward<X>(input)),
                                           [](const auto&, std::size_t low, std::size_t) { return low; });
}
template <class X>
std::size_t argmax(const station& at, const options& asked, X&& input) {
  return search_extremes<sought::largest>(at, "argmax", asked, detail::indexed(std::forward<X>(input)),
                                          [](const auto&, std::size_t, std::size_t high) { return high; });
}

template <class X>
std::optional<std::size_t> first_nonfinite_indexed(const station& at, const options& asked, X&& range) {
  const auto n = static_cast<std::size_t>(std::ranges::size(range));
  call here(engine_of(*at).get(), "first_nonfinite", asked, n);
  here.moved(bytes_of<X>(n), 0);
  std::size_t least_found = call::unknown;
  search<sought::nonfinite>(at, here, asked, n, std::forward<X>(range), [&](std::size_t first, byte_reader& in) {
    if (const auto found = in.get<std::size_t>(); found != call::unknown) least_found = least(least_found, first + found);
  });
  return least_found == call::unknown ? std::nullopt : std::optional(least_found);
}
template <class X>
std::optional<std::size_t> first_nonfinite(const station& at, const options& asked, X&& input) {
  return first_nonfinite_indexed(at, asked, detail::indexed(std::forward<X>(input)));
}

template <class Op, class X>
auto reduce_rows(const station& at, const options& asked, const Op& op, X&& matrix, count rows, count columns) {
  const auto over = [&](auto&& range, std::size_t r, std::size_t c) {
    using Y = decltype(range);
    using A = element_value_t<Y>;
    call here(engine_of(*at).get(), "reduce_rows", asked, r * c);
    here.moved(bytes_of<Y>(r * c), r * sizeof(A));
    std::vector<std::optional<A>> slots(r);
    if constexpr (check_functions<Op>() && check_parts<Y>()) {
      const job what = make_job<rows_job<Op, Y>>(at, map_state<Op, Y>("reduce_rows", op, range));
      const auto take = [&](std::size_t first, std::size_t n, byte_reader& in) {
        for (std::size_t i = first; i < first + n; ++i) slots[i].emplace(read_result<A>(in));
      };
      run_pieces<Y>(here, asked, what, r, piece_size(at, asked, r, false, c), c, take, range);
      here.finish();
    }
    std::vector<A> results;
    results.reserve(r);
    for (auto& slot : slots) results.push_back(*std::move(slot));
    return results;
  };
  return reduce_matrix(engine_of(*at).get(), "reduce_rows", asked, op, std::forward<X>(matrix), rows, columns, true, over);
}

template <class Op, class X>
auto reduce_columns(const station& at, const options& asked, const Op& op, X&& matrix, count rows, count columns) {
  const auto over = [&](auto&& range, std::size_t r, std::size_t c) {
    using Y = decltype(range);
    using A = element_value_t<Y>;
    call here(engine_of(*at).get(), "reduce_columns", asked, r * c);
    here.moved(bytes_of<Y>(r * c), c * sizeof(A));
    std::vector<std::vector<node<A>>> nodes(c);  // by column, then by block of rows
    if constexpr (check_functions<Op>() && check_parts<Y>() && check_result<A>()) {
      const job what = make_job<columns_job<A, Op, Y>>(at, map_state<Op, Y>("reduce_columns", op, range));
      const std::size_t each = piece_size(at, asked, r, true, c);
      for (std::size_t i = 0; i < c; ++i)
        for (std::size_t first = 0; first < r; first += each) nodes[i].push_back({first * c + i, std::nullopt});
      const auto take = [&](std::size_t first, std::size_t, byte_reader& in) {
        const bool all = in.get<bool>();
        for (std::size_t i = 0; i < c; ++i) {
          if (all || in.get<bool>()) {
            nodes[i][first / each].value.emplace(wire<A>::read(in));
            continue;
          }
          const auto index = in.get<std::size_t>();
          try {
            std::rethrow_exception(read_exception(in));
          } catch (...) {
            here.fail(first * c + index);
          }
        }
      };
      run_pieces<Y>(here, asked, what, r, each, c, take, range);
    }
    std::vector<maybe<A>> trees;
    for (auto& column : nodes) trees.push_back(column.empty() ? std::nullopt : fold_nodes<A>(here, op, column));
    here.finish();
    std::vector<A> results;
    results.reserve(c);
    for (auto& tree : trees)
      if (tree) results.push_back(*std::move(tree));
    return results;
  };
  return reduce_matrix(engine_of(*at).get(), "reduce_columns", asked, op, std::forward<X>(matrix), rows, columns, false, over);
}

}  // namespace foldgrid::detail::remote
