// SPDX-License-Identifier: MIT
// Studies: a function over named axes, on any executor, into a table that survives interruption. Link foldgrid::study.
#pragma once

#include <foldgrid/detail/study_folds.hpp>
#include <foldgrid/detail/study_points.hpp>
#include <foldgrid/detail/study_results.hpp>
#include <foldgrid/detail/study_run.hpp>
#include <foldgrid/executor.hpp>
#include <foldgrid/inputs.hpp>
#include <foldgrid/random.hpp>
#include <foldgrid/study/folds.hpp>
#include <foldgrid/study/options.hpp>
#include <foldgrid/study/table.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>  // also brings the range concepts, at a fraction of <ranges>' cost
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace foldgrid {

namespace detail {
[[noreturn]] FOLDGRID_API void throw_not_exact(const std::string& axis, const std::string& value);
FOLDGRID_API study_axis words_axis(std::string name, std::vector<std::string> words);

template <class Range>
study_axis axis_of(std::string name, Range&& values) {
  using T = std::ranges::range_value_t<Range>;
  if constexpr (std::constructible_from<std::string, const T&> && !std::is_arithmetic_v<T>) {
    std::vector<std::string> words;
    for (const auto& each : values) words.emplace_back(each);
    return words_axis(std::move(name), std::move(words));
  } else {
    static_assert(std::is_arithmetic_v<T>, "foldgrid: an axis of a study is a range of numbers or of words");
    study_axis axis{.name = std::move(name)};
    if constexpr (std::same_as<std::remove_cvref_t<Range>, linspace_input<double>>) {
      axis.count = values.size();
      if (axis.count != 0) axis.first = values[0], axis.last = values[axis.count - 1];
    } else {
      for (const T value : values) {
        if constexpr (std::integral<T> && sizeof(T) > 4)
          if (value > T{1} << 53 || (std::signed_integral<T> && value < -(T{1} << 53))) throw_not_exact(axis.name, std::to_string(value));
        axis.list.push_back(static_cast<double>(value));
      }
      axis.count = axis.list.size();
    }
    return axis;
  }
}
}  // namespace detail

/// Named axes, the points they make, and what is done over them. Points are in order: the product of the axes, the last one fastest.
///
/// Functions take the axes' values in their order, as numbers (of an axis of words its position, 0, 1, ...), and are called concurrently as
/// one shared const object. They run wherever the executor's map would run them. A generic function is called with as many numbers as there
/// are axes. Every verb takes a foldgrid::executor or anything with its verbs, throws std::invalid_argument when the function does not take
/// as many numbers as there are axes, and may be called again.
class FOLDGRID_API study {
 public:
  explicit study(std::string name) : name_(std::move(name)) {}

  /// One more axis: a range of numbers, such as linspace, logspace, iota or a vector, or of words, at least one. Numbers become double;
  /// whole ones that a double cannot hold, a name that is empty or taken, no values and more than 8 axes are std::invalid_argument.
  template <std::ranges::input_range Range>
  study& axis(std::string name, Range&& values) {
    return add(detail::axis_of(std::move(name), std::forward<Range>(values))), *this;
  }
  study& axis(std::string name, std::initializer_list<double> values) {
    return add(detail::axis_of(std::move(name), std::vector<double>(values))), *this;
  }
  study& axis(std::string name, std::initializer_list<std::string_view> words) {
    return add(detail::words_axis(std::move(name), {words.begin(), words.end()})), *this;
  }
  /// An axis that walks together with the one before it: as many values, or std::invalid_argument.
  template <std::ranges::input_range Range>
  study& zip(std::string name, Range&& values) {
    return join(detail::axis_of(std::move(name), std::forward<Range>(values))), *this;
  }
  study& zip(std::string name, std::initializer_list<double> values) {
    return join(detail::axis_of(std::move(name), std::vector<double>(values))), *this;
  }
  /// Keeps the points for which keeps(values...) is true, called on the calling thread with the values of the axes so far. A filtered study
  /// takes 8 bytes for each point kept while it runs.
  template <class Keeps>
  study& filter(Keeps keeps) {
    detail::with_axes<Keeps>(name_, "filter", names(), [&]<std::size_t N>() {
      filters_.push_back([keeps](const double* at) {
        return [&]<std::size_t... K>(std::index_sequence<K...>) {
          return static_cast<bool>(std::invoke(keeps, at[K]...));
        }(std::make_index_sequence<N>());
      });
    });
    return *this;
  }

  const std::string& name() const noexcept { return name_; }
  /// Names of the axes.
  std::vector<std::string> names() const;
  /// Points in all; runs the filters.
  std::size_t size() const;

  /// f at every point, as a table. f gives a number, or a struct, tuple or array of up to 16. Blocks. A point whose function throws is kept
  /// in the table's failures, and the rest goes on. On CPU workers points are dealt out in blocks of at most a twentieth of the time
  /// between saves; where the work goes to a GPU, in calls of map. Memory: 8 bytes for each number of the results.
  ///
  /// With a checkpoint, what has been finished is in the file at most `save_every` and a block later. A run that finds the file goes on
  /// with what is missing, on any number of workers and any backend, and gives the bits of a run that was never interrupted. Throws besides
  /// what map throws: std::invalid_argument for a file of another study, function, tag or other axes, and for a checkpoint of a function
  /// that is known by its address or in a std::function, unless the options name it; error when the file cannot be opened,
  /// locked, read or written, has a newer format, or was begun on a backend whose libm gives other digits than the one of this executor;
  /// cancelled_error and timeout_error when stopped before the end. What was saved before stays whole in every case.
  template <class Executor, class F>
  table run(Executor&& pool, const F& f, const study_options& asked = {}) const {
    if constexpr (std::is_function_v<F>) {
      return run<Executor, F*>(std::forward<Executor>(pool), &f, asked);
    } else {
      return detail::with_axes<F>(name_, "function", names(), [&]<std::size_t N>() {
        using R = detail::result_of_numbers<F, N>;
        static_assert(detail::study_result<R>,
                      "foldgrid: the function of a study gives a number, or a struct, tuple or array of up to 16 numbers");
        detail::sweep here(points(), {name_, detail::function_name<F>(), detail::result_names<R>(), detail::digits_may_differ<F>()}, asked);
        return detail::run_sweep<N>(pool, f, here);
      });
    }
  }

  // Folds store no values: their memory does not grow with the number of points. f gives one number. They block, take the options of a verb
  // last, and throw as map_reduce does; a point that fails ends them, with a task_error that names the values of its axes.

  /// The k best values and where they are, the best first; of equal ones the first. NaN is passed over: there may be fewer than k.
  template <class Executor, class F>
  std::vector<best_point> best(Executor&& pool, const F& f, count k, best_is which = best_is::smallest, const options& asked = {}) const {
    return fold<F>([&]<std::size_t N>(const detail::study_points& points) {
      detail::best_points found(detail::checked_size(k, "best"), which);
      detail::see_values<N>(pool, f, name_, points, asked, [&](std::size_t point, double value) { found.add(point, value); });
      return found.sorted(points);
    });
  }
  /// The point with the smallest value. Without any but NaN, and without points, std::invalid_argument.
  template <class Executor, class F>
  best_point argmin(Executor&& pool, const F& f, const options& asked = {}) const {
    return only(best(pool, f, 1, best_is::smallest, asked), "argmin");
  }
  /// The point with the largest value; as argmin.
  template <class Executor, class F>
  best_point argmax(Executor&& pool, const F& f, const options& asked = {}) const {
    return only(best(pool, f, 1, best_is::largest, asked), "argmax");
  }
  /// Mean and variance by the fixed tree: the same bits on every backend.
  template <class Executor, class F>
  foldgrid::statistics statistics(Executor&& pool, const F& f, const options& asked = {}) const {
    return fold<F>([&]<std::size_t N>(const detail::study_points& points) { return detail::moments_of<N>(pool, f, name_, points, asked); });
  }
  /// How many values lie in each of so many equal bins of [low, high].
  template <class Executor, class F>
  foldgrid::histogram histogram(Executor&& pool, const F& f, double low, double high, count bins, const options& asked = {}) const {
    return fold<F>([&]<std::size_t N>(const detail::study_points& points) {
      foldgrid::histogram made = detail::checked_histogram(name_, low, high, bins);
      detail::see_values<N>(pool, f, name_, points, asked, [&](std::size_t, double value) { detail::count_in(made, value); });
      return made;
    });
  }

 private:
  void add(detail::study_axis axis);
  void join(detail::study_axis axis);
  std::shared_ptr<const detail::study_points> points() const;
  best_point only(std::vector<best_point> found, const char* verb) const;
  template <class F, class Run>
  auto fold(Run&& run) const {
    return detail::with_axes<F>(name_, "function", names(), [&]<std::size_t N>() {
      if constexpr (detail::check_number<F, N>()) return run.template operator()<N>(*points());
    });
  }

  std::string name_;
  std::vector<detail::study_axis> axes_;
  std::vector<detail::study_points::filter> filters_;
};

}  // namespace foldgrid
