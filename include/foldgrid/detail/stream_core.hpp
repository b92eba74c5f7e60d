// SPDX-License-Identifier: MIT
// What a stream remembers: the items ahead of its consumer, and how it ends.
#pragma once

#include <foldgrid/detail/item_source.hpp>
#include <foldgrid/detail/least.hpp>
#include <foldgrid/detail/waiting.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace foldgrid::detail {

/// How many items a stream may be ahead.
FOLDGRID_API std::size_t items_ahead(const engine& where, const options& asked) noexcept;

/// The items ahead, in the order in which they are consumed.
template <class R>
class window {
 public:
  virtual ~window() = default;
  virtual void add(task_ref<result_task<R>> item) = 0;
  virtual std::size_t size() const noexcept = 0;
  /// Waits for the next one, which stays until pop().
  virtual result_task<R>& next() = 0;
  virtual void pop() = 0;
  virtual void cancel(const std::exception_ptr& why) noexcept = 0;
};

template <class R>
class ordered_window final : public window<R> {
 public:
  ~ordered_window() override {
    cancel(nullptr);
    for (auto& each : items_)
      if (each) abandon(*each);
  }
  void add(task_ref<result_task<R>> item) override {
    if (size_ == items_.size()) {  // grows, with the oldest in front
      std::vector<task_ref<result_task<R>>> larger(2 * size_ + 4);
      for (std::size_t k = 0; k < size_; ++k) larger[k] = std::move(items_[(first_ + k) % size_]);
      items_ = std::move(larger);
      first_ = 0;
    }
    items_[(first_ + size_++) % items_.size()] = std::move(item);
  }
  std::size_t size() const noexcept override { return size_; }
  result_task<R>& next() override {
    result_task<R>& front = *items_[first_];
    if (!front.done()) {
      if (const std::size_t more = pace_.items_worth_a_sleep(); more > 0 && size_ > 1)
        pace_.sleep_for_some(*items_[(first_ + least(more, size_ / 2)) % items_.size()]);
      front.wait();
    }
    return front;
  }
  void pop() override {
    next();
    pace_.count();
    items_[first_]->result.reset();  // its worker may hold the task a little longer
    items_[first_] = {};
    first_ = (first_ + 1) % items_.size();
    --size_;
  }
  void cancel(const std::exception_ptr& why) noexcept override {
    for (auto& each : items_)
      if (each) each->cancel(why);
  }

 private:
  std::vector<task_ref<result_task<R>>> items_;  // a ring
  std::size_t first_ = 0, size_ = 0;
  consumer_pace pace_;
};

template <class R>
class unordered_window final : public window<R> {
 public:
  ~unordered_window() override {
    cancel(nullptr);
    for (auto& each : places_)
      if (each->item) abandon(*each->item);
  }
  void add(task_ref<result_task<R>> item) override {
    if (free_.empty()) {
      free_.push_back(places_.size());
      places_.push_back(std::make_unique<place>());
    }
    place& at = *places_[free_.back()];
    at.item = std::move(item);
    done_.add(at.entry, *at.item, free_.back());
    free_.pop_back();
    ++size_;
  }
  std::size_t size() const noexcept override { return size_; }
  result_task<R>& next() override {
    if (current_ == completions::none) current_ = done_.next();
    return *places_[current_]->item;
  }
  void pop() override {
    next();
    places_[current_]->item->result.reset();
    places_[current_]->item = {};
    free_.push_back(std::exchange(current_, completions::none));
    --size_;
  }
  void cancel(const std::exception_ptr& why) noexcept override {
    for (auto& each : places_)
      if (each->item) each->item->cancel(why);
  }

 private:
  struct place {
    task_ref<result_task<R>> item;
    completions::entry entry;
  };
  std::vector<std::unique_ptr<place>> places_;
  std::vector<std::size_t> free_;
  completions done_;
  std::size_t size_ = 0, current_ = completions::none;
};

template <class R>
class stream_state {
 public:
  /// `items` is how many there will be, call::unknown when the inputs do not tell.
  stream_state(std::shared_ptr<engine> where, const char* verb, const options& asked, std::size_t items,
               std::unique_ptr<item_source<R>> source, std::unique_ptr<window<R>> ahead)
      : where_(std::move(where)),
        asked_(asked),
        call_(where_.get(), verb, asked_, items),
        known_(items != call::unknown),
        room_(items_ahead(*where_, asked_)),
        source_(std::move(source)),
        ahead_(std::move(ahead)) {
    call_.link_token();
    call_.on_workers();
  }

  void begin() {
    if (!std::exchange(begun_, true)) fill();
  }
  bool at_end() const noexcept { return ahead_->size() == 0 && !trouble_; }
  outcome<R>& current() { return ahead_->size() != 0 ? ahead_->next().result : *trouble_; }
  stored_t<R>&& value() {
    if constexpr (std::is_void_v<R>) {
      current().value();
      static std::monostate none;
      return std::move(none);
    } else {
      return std::move(current().value());
    }
  }
  void advance() {
    if (ahead_->size() == 0) return trouble_.reset();
    const bool stops = asked_.fail_fast && ahead_->next().result.error();
    ahead_->pop();
    call_.advance(1);
    if (stops && !std::exchange(failed_, true)) {
      ended_ = true;
      ahead_->cancel(call_.not_begun());
    }
    if (call_.aborted() && !trouble_) end_with([&] { call_.finish(); });
    fill();
  }

 private:
  void fill() {
    while (!ended_ && ahead_->size() < room_) {
      end_with([&] {
        if (call_.over()) {
          call_.finish();  // throws why, unless there was nothing to do
          ended_ = true;
          return;
        }
        auto item = source_->start_next(where_.get(), call_, started_);
        if (item) {
          ahead_->add(std::move(item));
          ++started_;
          return;
        }
        ended_ = true;
        if (!known_) call_.counted(started_);
      });
    }
  }
  /// What the action throws becomes the last item.
  template <class Action>
  void end_with(Action action) {
    try {
      action();
    } catch (...) {
      ended_ = true;
      trouble_.emplace(started_).set_error(std::current_exception());
    }
  }

  std::shared_ptr<engine> where_;
  const options asked_;
  call call_;
  const bool known_;
  const std::size_t room_;
  std::unique_ptr<item_source<R>> source_;  // outlives the items, which refer to its function and elements
  std::unique_ptr<window<R>> ahead_;
  std::optional<outcome<R>> trouble_;
  std::size_t started_ = 0;
  bool begun_ = false, ended_ = false, failed_ = false;
};

}  // namespace foldgrid::detail
