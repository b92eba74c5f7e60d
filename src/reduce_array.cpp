// SPDX-License-Identifier: MIT
// The built-in reductions over arrays, on a GPU or on many threads, compiled once here.
#include <foldgrid/detail/fold.hpp>
#include <foldgrid/detail/offload.hpp>

#include <optional>
#include <span>

namespace foldgrid::detail {
namespace {

template <class Op, class T>
bool reduce_anywhere(call& of, const Op& op, const T* x, std::size_t n, T& result) {
  using leaves = direct_leaves<array_elements<const T, const T&>>;
  there<T> found = reduce_there<T>(of, no_function{}, op, n, std::span<const T>(x, n));
  if (found.how == fate::left) {
    const leaves all{{x}};
    found.value = tree_fold<T, leaves, Op>(of, all, op, n).run();
  }
  if (found.value) result = *found.value;
  return found.value.has_value();
}

}  // namespace

#define FOLDGRID_DETAIL_DEFINE(T)                                                                                                  \
  bool reduce_array(call& of, add op, const T* x, std::size_t n, T& result) { return reduce_anywhere(of, op, x, n, result); }      \
  bool reduce_array(call& of, multiply op, const T* x, std::size_t n, T& result) { return reduce_anywhere(of, op, x, n, result); } \
  bool reduce_array(call& of, minimum op, const T* x, std::size_t n, T& result) { return reduce_anywhere(of, op, x, n, result); }  \
  bool reduce_array(call& of, maximum op, const T* x, std::size_t n, T& result) { return reduce_anywhere(of, op, x, n, result); }
FOLDGRID_DETAIL_NUMBERS(FOLDGRID_DETAIL_DEFINE)
#undef FOLDGRID_DETAIL_DEFINE

}  // namespace foldgrid::detail
