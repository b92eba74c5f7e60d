// SPDX-License-Identifier: MIT
// The built-in reductions over arrays on many threads, compiled once here.
#include <foldgrid/detail/fold.hpp>

#include <optional>

namespace foldgrid::detail {
namespace {

template <class Op, class T>
bool reduce_on_workers(call& of, const Op& op, const T* x, std::size_t n, T& result) {
  using leaves = direct_leaves<array_elements<const T, const T&>>;
  const leaves all{{x}};
  tree_fold<T, leaves, Op> tree(of, all, op, n);
  const std::optional<T> value = tree.run();
  if (value) result = *value;
  return value.has_value();
}

}  // namespace

#define FOLDGRID_DETAIL_DEFINE(T)                                                                                                    \
  bool reduce_array(call& of, add op, const T* x, std::size_t n, T& result) { return reduce_on_workers(of, op, x, n, result); }      \
  bool reduce_array(call& of, multiply op, const T* x, std::size_t n, T& result) { return reduce_on_workers(of, op, x, n, result); } \
  bool reduce_array(call& of, minimum op, const T* x, std::size_t n, T& result) { return reduce_on_workers(of, op, x, n, result); }  \
  bool reduce_array(call& of, maximum op, const T* x, std::size_t n, T& result) { return reduce_on_workers(of, op, x, n, result); }
FOLDGRID_DETAIL_NUMBERS(FOLDGRID_DETAIL_DEFINE)
#undef FOLDGRID_DETAIL_DEFINE

}  // namespace foldgrid::detail
