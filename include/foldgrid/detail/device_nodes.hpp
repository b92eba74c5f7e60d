// SPDX-License-Identifier: MIT
// Nodes of a reduction that a GPU has computed, back on the host: combining two, and what one holds.
#pragma once

#include <foldgrid/detail/builtin.hpp>
#include <foldgrid/detail/call.hpp>
#include <foldgrid/detail/device_kernels.hpp>

#include <cstddef>

namespace foldgrid::detail {

/// left = op(left, right) for what a launch gives.
template <class A, class Op>
struct combine_there {
  static void run(call&, const void* op, void* left, const void* right) {
    A both[2];
    __builtin_memcpy(&both[0], left, sizeof(A));
    __builtin_memcpy(&both[1], right, sizeof(A));
    const A value = combined(*static_cast<const Op*>(op), both);
    __builtin_memcpy(left, &value, sizeof(A));
  }
  static A combined(const Op& op, const A (&both)[2]) {
    if constexpr (has_builtin<Op, A>) {
      return detail::fold(builtin_t<Op, A>{}, static_cast<const A*>(both), 2);
    } else {
      return static_cast<A>(op(both[0], both[1]));
    }
  }
};
template <class A, class Op>
struct combine_there<checked_node<A>, Op> {
  static void run(call& of, const void* op, void* left, const void* right) {
    checked_node<A> a, b;
    __builtin_memcpy(&a, left, sizeof a);
    __builtin_memcpy(&b, right, sizeof b);
    if (a.failed == 0 && b.failed == 0) {
      try {
        const A both[2] = {a.value, b.value};
        a.value = combine_there<A, Op>::combined(*static_cast<const Op*>(op), both);
      } catch (...) {
        of.fail(static_cast<std::size_t>(a.first));
        a.failed = 1;
      }
    } else {
      a.failed = 1;
    }
    __builtin_memcpy(left, &a, sizeof a);
  }
};
template <class Op>
bool calls_libm() {
  kernel_text text;
  device_name<Op>::write(text);
  return text.calls_libm();
}

template <class A>
A value_in(const A& node) {
  return node;
}
template <class A>
A value_in(const checked_node<A>& node) {
  return node.value;
}
template <class A>
bool has_failed(const A&) {
  return false;
}
template <class A>
bool has_failed(const checked_node<A>& node) {
  return node.failed != 0;
}

}  // namespace foldgrid::detail
