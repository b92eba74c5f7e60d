// SPDX-License-Identifier: MIT
// A progress bar for verbs and for loops.
#pragma once

#include <foldgrid/detail/throw.hpp>
#include <foldgrid/options.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <span>  // also brings the range concepts, at a fraction of <ranges>' cost
#include <string>
#include <type_traits>
#include <utility>

namespace foldgrid {

namespace detail {

/// What a bar remembers; shared by its copies.
class FOLDGRID_API progress_display {
 public:
  static std::shared_ptr<progress_display> make(std::string label);
  explicit progress_display(std::string label);
  progress_display(const progress_display&) = delete;
  progress_display& operator=(const progress_display&) = delete;
  /// Ends an unfinished line.
  ~progress_display();
  /// Shows the state when it is time; total 0 is unknown. Gives the count at which to call again, so that a fast loop
  /// does not read the clock at every item.
  std::size_t update(std::size_t done, std::size_t total);
  /// Shows the last state and ends the line.
  void close(std::size_t done, std::size_t total);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace detail

template <class Range>
class progress_range;

/// Shows how far work is: on a terminal a bar on stderr with count, percentage, rate and remaining time, ten times a
/// second; elsewhere one line at the end. Copies share one display. Goes into the option `.progress`, or around any range.
class progress_bar {
 public:
  explicit progress_bar(std::string label = {}) : display_(detail::progress_display::make(std::move(label))) {}

  /// What verbs call: `done` of `total` items; 0 is an unknown total. Ends the line when done reaches total.
  void operator()(std::size_t done, std::size_t total) const {
    if (total != 0 && done >= total) {
      display_->close(done, total);
    } else {
      display_->update(done, total);
    }
  }

  /// The same range, counted as it is walked: `for (auto&& x : fg::progress_bar("read").over(xs)) ...`. An lvalue is
  /// referred to, an rvalue is moved in. `total` is the expected length where the range does not know it.
  template <class Range>
  auto over(Range&& range, std::optional<count> total = {}) const {
    return progress_range<Range>(std::forward<Range>(range), display_, total);
  }

 private:
  std::shared_ptr<detail::progress_display> display_;
};

/// What progress_bar::over gives: an input range to be walked once.
template <class Range>
class progress_range {
 public:
  progress_range(Range&& range, std::shared_ptr<detail::progress_display> display, std::optional<count> total)
      : range_(std::forward<Range>(range)), display_(std::move(display)) {
    if (total) {
      if (total->negative()) detail::throw_negative_size("progress_bar", total->text());
      total_ = total->value();
    } else if constexpr (std::ranges::sized_range<Range>) {
      total_ = static_cast<std::size_t>(std::ranges::size(range_));
    }
  }
  progress_range(progress_range&& other) noexcept
      : range_(std::forward<Range>(other.range_)),
        display_(std::move(other.display_)),
        done_(other.done_),
        next_(other.next_),
        total_(other.total_) {}
  ~progress_range() { close(); }

  class iterator {
   public:
    using inner = std::ranges::iterator_t<std::remove_reference_t<Range>>;
    using iterator_concept = std::input_iterator_tag;
    using value_type = std::iter_value_t<inner>;
    using difference_type = std::ptrdiff_t;

    iterator(inner at, progress_range& of) : at_(std::move(at)), of_(&of) {}
    decltype(auto) operator*() const { return *at_; }
    iterator& operator++() {
      ++at_;
      of_->step();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return of_->ends_at(at_); }

   private:
    inner at_;
    progress_range* of_;
  };

  /// For the library: whether the elements are this range's own.
  static constexpr bool holds_elements = !std::is_reference_v<Range> && !std::ranges::enable_view<std::remove_cv_t<Range>>;

  iterator begin() { return iterator(std::ranges::begin(range_), *this); }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  void step() {
    if (++done_ >= next_ && display_) next_ = display_->update(done_, total_);
  }
  bool ends_at(const std::ranges::iterator_t<std::remove_reference_t<Range>>& at) {
    if (!(at == std::ranges::end(range_))) return false;
    close();
    return true;
  }
  void close() {
    if (display_) display_->close(done_, total_);
    display_ = nullptr;
  }

  Range range_;
  std::shared_ptr<detail::progress_display> display_;
  std::size_t done_ = 0, next_ = 1, total_ = 0;
};

}  // namespace foldgrid
