// SPDX-License-Identifier: MIT
// How a sweep runs on an executor: in blocks of points on workers, or in calls of map where a GPU is.
#pragma once

#include <foldgrid/detail/fold_source.hpp>
#include <foldgrid/detail/study_results.hpp>
#include <foldgrid/detail/study_sweep.hpp>
#include <foldgrid/error.hpp>
#include <foldgrid/tasks.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid::detail {

/// What the exception nested in a task_error says, or, where a GPU noted a code, what fail() would have said.
FOLDGRID_API std::string message_of(const task_error& failed);

/// verb(columns...) with the N columns of `count` points from `first` on.
template <std::size_t N, class Verb>
auto over_columns(const study_points& points, std::size_t first, std::size_t count, Verb&& verb) {
  return
      [&]<std::size_t... K>(std::index_sequence<K...>) { return verb(points.column(K, first, count)...); }(std::make_index_sequence<N>());
}

/// Computes one block; f is bound to it, so that both may travel.
template <std::size_t N>
struct compute_block {
  std::size_t attempts;

  template <class F>
  block_done operator()(const F& f, const block_task& task) const {
    const auto& [first, seconds, values] = task;
    const std::size_t count = values.size() / N;
    constexpr std::size_t width = numbers_in<result_of_numbers<F, N>>();
    block_done done(first, 0.0, std::vector<double>(count * width), {});
    auto& results = std::get<2>(done);
    const std::int64_t begun = now_nanoseconds();
    std::int64_t looked = begun;
    for (std::size_t i = 0, look = 1; i < count; ++i) {
      if (i == look) {  // points that take longer than those before must not keep a block from being saved
        const std::int64_t time = now_nanoseconds();
        if (static_cast<double>(time - begun) * 1e-9 > seconds) {
          results.resize(i * width);
          break;
        }
        look += time - looked < 1'000'000 ? 16 : 1;  // a clock costs as much as a fast point
        looked = time;
      }
      compute(f, values.data() + i * N, first + i, results.data() + i * width, done);
    }
    std::get<1>(done) = static_cast<double>(now_nanoseconds() - begun) * 1e-9;
    return done;
  }

 private:
  template <class F>
  void compute(const F& f, const double* at, std::size_t point, double* to, block_done& done) const {
    for (std::size_t attempt = 1;; ++attempt) {
      const auto failed = [&](int code, const char* message) {
        if (attempt < attempts) return false;
        for (std::size_t k = 0; k < numbers_in<result_of_numbers<F, N>>(); ++k) to[k] = std::numeric_limits<double>::quiet_NaN();
        std::get<3>(done).emplace_back(point, code, message);
        return true;
      };
      try {
        return [&]<std::size_t... K>(std::index_sequence<K...>) {
          write_numbers(std::invoke(f, at[K]...), to);
        }(std::make_index_sequence<N>());
      } catch (const failure& trouble) {
        if (failed(trouble.code(), trouble.what())) return;
      } catch (const std::exception& trouble) {
        if (failed(0, trouble.what())) return;
      } catch (...) {
        if (failed(0, "something that is no std::exception")) return;
      }
    }
  }
};

/// The blocks of a sweep, made as they are pulled.
class block_range {
 public:
  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = block_task;
    using difference_type = std::ptrdiff_t;
    explicit iterator(sweep& of) : of_(&of) {}
    block_task operator*() const { return of_->next_block(); }
    iterator& operator++() { return *this; }
    void operator++(int) {}
    bool operator==(std::default_sentinel_t) const { return !of_->pending(); }

   private:
    sweep* of_;
  };
  explicit block_range(sweep& of) : of_(&of) {}
  iterator begin() const { return iterator(*of_); }
  std::default_sentinel_t end() const { return {}; }

 private:
  sweep* of_;
};

template <std::size_t N, class Executor, class F>
void sweep_by_blocks(Executor& pool, const F& f, sweep& here, run_report& where) {
  const auto compute = foldgrid::bind_front(compute_block<N>{here.attempts()}, f);
  const auto run = [&](auto&& work) {
    for (block_done&& block : pool.imap_unordered({.report = &where}, work, block_range(here))) here.done(std::move(block));
  };
  here.comes_from(digits::cpu);
  while (here.pending()) {  // what a block had no time for comes again
    if constexpr (std::derived_from<std::remove_cvref_t<Executor>, task_verbs>) {
      run([&here, &compute](const block_task& task) {
        return here.over() ? block_done(std::get<0>(task), 0.0, std::vector<double>(), {}) : compute(task);
      });
    } else {
      run(compute);
    }
  }
}

template <std::size_t N, class Executor, class F>
class sweep_by_map {
 public:
  sweep_by_map(Executor& pool, const F& f, sweep& here, run_report& where) : pool_(pool), f_(f), here_(here), where_(where) {}

  /// Calls for at least so many points, as long as there are so many neighbours.
  void run(std::size_t least_points) {
    while (true) {
      const auto [first, end] = here_.next_wave(least_points);
      if (first == end) return;
      try {
        compute(first, end);
      } catch (const cancelled_error&) {
        if (!here_.over()) throw;
      } catch (const timeout_error&) {
        if (!here_.over()) throw;
      }
    }
  }

 private:
  static constexpr std::size_t width = numbers_in<result_of_numbers<F, N>>();

  /// Throws task_error when a point fails.
  void try_once(std::size_t first, std::size_t end) {
    const std::int64_t before = now_nanoseconds();
    const auto results = over_columns<N>(here_.points(), first, end - first, [&](auto... columns) {
      return pool_.map({.stop = here_.asked().stop, .timeout = here_.time_left(), .report = &where_}, f_, columns...);
    });
    here_.comes_from(where_.where == backend::gpu ? digits::gpu : digits::cpu);
    std::vector<double> numbers(results.size() * width);
    for (std::size_t i = 0; i < results.size(); ++i) write_numbers<result_of_numbers<F, N>>(results[i], numbers.data() + i * width);
    here_.done({first, static_cast<double>(now_nanoseconds() - before) * 1e-9, std::move(numbers), {}});
  }
  /// A call of map tells its first failure alone: what lies before it is computed again, then what lies behind.
  void compute(std::size_t first, std::size_t end) {
    while (first < end) {
      try {
        return try_once(first, end);
      } catch (const task_error& failed) {
        const std::size_t bad = first + failed.index();
        compute(first, bad);
        if (!again(bad))
          here_.done(
              {bad, 0.0, std::vector<double>(width, std::numeric_limits<double>::quiet_NaN()), {{bad, failed.code(), message_of(failed)}}});
        first = bad + 1;
      }
    }
  }
  bool again(std::size_t point) {
    for (std::size_t attempt = 1; attempt < here_.attempts(); ++attempt) {
      try {
        try_once(point, point + 1);
        return true;
      } catch (const task_error&) {  // the next attempt
      }
    }
    return false;
  }

  Executor& pool_;
  const F& f_;
  sweep& here_;
  run_report& where_;
};

template <std::size_t>
using nth_column = point_column;
template <std::size_t>
using nth_source = column_source;
/// The kernel that a sweep by map would be; null when it cannot be one.
template <class F, std::size_t... K>
constexpr auto text_over_columns(std::index_sequence<K...>) -> kernel_text (*)() {
  using R = result_of_numbers<F, sizeof...(K)>;
  if constexpr (maps_on_device<R, F, nth_column<K>...>) {
    return &map_text<R, F, nth_source<K>...>;
  } else {
    return nullptr;
  }
}

template <std::size_t N, class Executor, class F>
table run_sweep(Executor& pool, const F& f, sweep& here) {
  run_report where;
  if constexpr (std::derived_from<std::remove_cvref_t<Executor>, task_verbs>) {
    const std::size_t least_points = least_to_leave(checked(engine_of(pool)), text_over_columns<F>(std::make_index_sequence<N>()));
    if (least_points != call::unknown) sweep_by_map<N, Executor, F>(pool, f, here, where).run(least_points);
  }
  if (here.pending()) sweep_by_blocks<N>(pool, f, here, where);
  return here.finish(where);
}

}  // namespace foldgrid::detail
