// SPDX-License-Identifier: MIT
// The tree of unfinished tasks.
#include "family.hpp"

#include "thread_pool.hpp"

namespace foldgrid::detail {

std::mutex family::mutex_;
const held_over_fork family::over_fork_(mutex_);
family::helper* family::helpers_ = nullptr;

family::helper::helper(const task* target, event& wake) : target_(target), wake_(wake) {
  const std::lock_guard lock(mutex_);
  next_ = helpers_;
  if (next_) next_->previous_ = this;
  helpers_ = this;
}

family::helper::~helper() {
  const std::lock_guard lock(mutex_);
  (previous_ ? previous_->next_ : helpers_) = next_;
  if (next_) next_->previous_ = previous_;
}

/// True as well when the way up is too long to look at all of it: a helper woken for nothing looks for itself.
bool family::descends(const task* from, const task& ancestor) noexcept {
  for (int steps = 0; from; from = from->parent_, ++steps)
    if (from == &ancestor || steps == 64) return true;
  return false;
}

void family::link(task& child, task& parent) noexcept {
  child.parent_ = &parent;
  child.previous_sibling_ = nullptr;
  child.next_sibling_ = parent.child_;
  if (parent.child_) parent.child_->previous_sibling_ = &child;
  parent.child_ = &child;
}

void family::join(task& child, task& parent) {
  const std::lock_guard lock(mutex_);
  child.has_family_ = parent.has_family_ = true;
  link(child, parent);
  for (helper* each = helpers_; each; each = each->next_)
    if (!each->target_ || descends(&parent, *each->target_)) each->wake_.set();
}

void family::leave(task& finished) noexcept {
  const std::lock_guard lock(mutex_);
  task* const parent = finished.parent_;
  if (parent) {
    (finished.previous_sibling_ ? finished.previous_sibling_->next_sibling_ : parent->child_) = finished.next_sibling_;
    if (finished.next_sibling_) finished.next_sibling_->previous_sibling_ = finished.previous_sibling_;
  }
  for (task* child = finished.child_; child;) {
    task* const next = child->next_sibling_;
    if (parent) {
      link(*child, *parent);
    } else {
      child->parent_ = child->next_sibling_ = child->previous_sibling_ = nullptr;
    }
    child = next;
  }
  finished.parent_ = finished.child_ = nullptr;
}

task* family::claim_descendant(task& of, const worker_context& by) noexcept {
  const std::lock_guard lock(mutex_);
  for (task* at = of.child_; at;) {
    if (at->now() == task::pending && by.works_for(at->pool_.load(std::memory_order_relaxed))) {
      at->add_reference();  // before it is claimed: then the queue may let go of it
      if (at->claim()) return at;
      at->release();
    }
    if (at->child_) {
      at = at->child_;
      continue;
    }
    while (at != &of && !at->next_sibling_) at = at->parent_;
    if (at == &of) return nullptr;
    at = at->next_sibling_;
  }
  return nullptr;
}

}  // namespace foldgrid::detail
