// SPDX-License-Identifier: MIT
// tbb::parallel_reduce with a plain loop inside, as its documentation shows it, and tbb::task_group.
#include "../rivals.hpp"

#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_reduce.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <type_traits>

namespace rivals {

struct threads_limit::tbb_limit {
  tbb::global_control control;
};
threads_limit::threads_limit(std::size_t threads)
    : tbb_(new tbb_limit{tbb::global_control(tbb::global_control::max_allowed_parallelism, threads)}) {
  limit_openmp(threads);
}
threads_limit::~threads_limit() = default;

template <class T, class Op>
T tbb_reduce(const T* x, std::size_t n) {
  return tbb::parallel_reduce(
      tbb::blocked_range<const T*>(x, x + n), std::is_same_v<Op, add> ? T{} : x[0],
      [](const tbb::blocked_range<const T*>& part, T result) {
        for (const T& v : part) result = Op{}(result, v);
        return result;
      },
      Op{});
}

template <class T>
T tbb_squares(const T* x, std::size_t n) {
  return tbb::parallel_reduce(
      tbb::blocked_range<const T*>(x, x + n), T{},
      [](const tbb::blocked_range<const T*>& part, T result) {
        for (const T& v : part) result += v * v;
        return result;
      },
      std::plus<>{});
}

template <class T>
T tbb_dot(const T* x, const T* y, std::size_t n) {
  return tbb::parallel_reduce(
      tbb::blocked_range<std::size_t>(0, n), T{},
      [=](const tbb::blocked_range<std::size_t>& part, T result) {
        for (std::size_t i = part.begin(); i != part.end(); ++i) result += x[i] * y[i];
        return result;
      },
      std::plus<>{});
}

struct tbb_tasks::state {
  tbb::task_arena arena;
};
tbb_tasks::tbb_tasks(int threads) : state_(new state{tbb::task_arena(threads)}) {}
tbb_tasks::~tbb_tasks() = default;

void tbb_tasks::run(int* results, int n) {
  state_->arena.execute([results, n] {
    tbb::task_group group;
    for (int i = 0; i < n; ++i) group.run([results, i] { results[i] = i; });
    group.wait();
  });
}

#define RIVALS_REDUCE(T)                                    \
  template T tbb_reduce<T, add>(const T*, std::size_t);     \
  template T tbb_reduce<T, smaller>(const T*, std::size_t); \
  template T tbb_reduce<T, larger>(const T*, std::size_t)
RIVALS_REDUCE(float);
RIVALS_REDUCE(double);
RIVALS_REDUCE(int);
RIVALS_REDUCE(long long);
#define RIVALS_FLOATING(T)                       \
  template T tbb_squares(const T*, std::size_t); \
  template T tbb_dot(const T*, const T*, std::size_t)
RIVALS_FLOATING(float);
RIVALS_FLOATING(double);

}  // namespace rivals
