// SPDX-License-Identifier: MIT
// Streams: the results of imap, one after another, while a bounded number of items is computed ahead.
#pragma once

#include <foldgrid/detail/item_source.hpp>
#include <foldgrid/detail/stream_core.hpp>
#include <foldgrid/outcome.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <type_traits>
#include <utility>

namespace foldgrid {

/// The results of imap or imap_unordered: a move-only input range, to be walked once by one thread. Its input is read on that thread, at
/// begin() and at each ++, so that never more than `buffer_size` elements are ahead of the consumer. *it waits for the item and gives it
/// to be moved from, or throws what its function threw; ++it goes on, also after an error, and lets go of the item. An input that throws,
/// a `timeout`, a `stop` and the other troubles of the call come as one more item, the last one. Inside a task of the same pool, waiting
/// runs items that have not begun. May outlive the executor: what has been computed can still be had.
///
/// The destructor cancels the items that have not begun and waits for those that run, because they may refer to what the caller owns.
/// Items of a function that returns void are std::monostate.
template <class R>
class stream {
 public:
  using value_type = detail::stored_t<R>;

  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = detail::stored_t<R>;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    explicit iterator(detail::stream_state<R>& of) : of_(&of) {}
    value_type&& operator*() const { return of_->value(); }
    iterator& operator++() {
      of_->advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return of_->at_end(); }

   private:
    detail::stream_state<R>* of_ = nullptr;
  };

  iterator begin() {
    state_->begin();
    return iterator(*state_);
  }
  std::default_sentinel_t end() const noexcept { return {}; }

  /// The same items as outcomes, which do not throw. Taken from an lvalue the stream must outlive it.
  auto outcomes() & { return outcome_range<stream&>(*this); }
  auto outcomes() && { return outcome_range<stream>(std::move(*this)); }

  /// For the library.
  explicit stream(std::unique_ptr<detail::stream_state<R>> state) noexcept : state_(std::move(state)) {}
  stream(stream&&) noexcept = default;
  stream& operator=(stream&&) noexcept = default;

 private:
  template <class Stream>
  class outcome_range {
   public:
    class iterator {
     public:
      using iterator_concept = std::input_iterator_tag;
      using value_type = outcome<R>;
      using difference_type = std::ptrdiff_t;

      iterator() = default;
      explicit iterator(detail::stream_state<R>& of) : of_(&of) {}
      outcome<R>&& operator*() const { return std::move(of_->current()); }
      iterator& operator++() {
        of_->advance();
        return *this;
      }
      void operator++(int) { ++*this; }
      bool operator==(std::default_sentinel_t) const { return of_->at_end(); }

     private:
      detail::stream_state<R>* of_ = nullptr;
    };

    explicit outcome_range(Stream&& of) : of_(std::forward<Stream>(of)) {}
    iterator begin() {
      of_.state_->begin();
      return iterator(*of_.state_);
    }
    std::default_sentinel_t end() const noexcept { return {}; }

   private:
    Stream of_;
  };

  std::unique_ptr<detail::stream_state<R>> state_;
};

}  // namespace foldgrid
