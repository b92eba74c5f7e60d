// SPDX-License-Identifier: MIT
// One task on another rank: work of a single piece.
#include "ranks.hpp"

#include <foldgrid/error.hpp>

#include <atomic>
#include <utility>

namespace foldgrid::detail::remote {
namespace {

class single final : public pieces {
 public:
  single(const job& what, byte_writer& arguments, const std::stop_token& token, void (*done)(void*, reply&), void* to)
      : pieces(what, 1, 1), arguments_(arguments), token_(token), done_(done), to_(to) {
    single_ = true;
  }
  void write(std::size_t, std::size_t, byte_writer& out) override {
    out.write(arguments_.bytes().data(), arguments_.bytes().size());
    for (const attachment& each : arguments_.attachments()) out.attach(each);
  }
  void done(std::size_t, std::size_t, reply& what) override {
    answered_ = true;
    done_(to_, what);
  }
  void trouble(std::exception_ptr why) noexcept override { error_ = std::move(why); }
  bool over() const noexcept override { return token_.stop_requested() && started_.exchange(true); }
  void finish() const {
    if (error_) std::rethrow_exception(error_);
    if (!answered_) throw cancelled_error("a task for another rank was stopped before it was sent");
  }

 private:
  byte_writer& arguments_;
  const std::stop_token& token_;
  void (*done_)(void*, reply&);
  void* to_;
  std::exception_ptr error_;
  bool answered_ = false;
  mutable std::atomic<bool> started_ =
      false;  // a task that has not begun is sent all the same: what it does with its token is its own matter
};

}  // namespace

void run_single(const job& what, byte_writer&& arguments, const std::stop_token& token, void (*done)(void* to, reply& what), void* to) {
  single one(what, arguments, token, done, to);
  what.where().run(one);
  one.finish();
}

}  // namespace foldgrid::detail::remote
