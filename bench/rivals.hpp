// SPDX-License-Identifier: MIT
// What foldgrid is measured against, each in a unit of its own with the flags it wants: rivals/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace rivals {

/// Keeps oneTBB (and with it std::execution) and OpenMP at this number of threads while it lives.
class threads_limit {
 public:
  explicit threads_limit(std::size_t threads);
  ~threads_limit();

 private:
  struct tbb_limit;
  std::unique_ptr<tbb_limit> tbb_;
};
void limit_openmp(std::size_t threads);

struct smaller {
  template <class T>
  T operator()(const T& a, const T& b) const {
    return b < a ? b : a;
  }
};
struct larger {
  template <class T>
  T operator()(const T& a, const T& b) const {
    return a < b ? b : a;
  }
};
using add = std::plus<>;

// n > 0. Instantiated for add, smaller, larger and float, double, int, long long.
template <class T, class Op>
T parallel_stl_reduce(const T* x, std::size_t n);
template <class T, class Op>
T tbb_reduce(const T* x, std::size_t n);
template <class T, class Op>
T openmp_reduce(const T* x, std::size_t n);
/// Reads the array and does next to nothing with it: the exclusive or of its 64-bit words.
std::uint64_t read_and_xor(const void* x, std::size_t bytes);

// The rest for float and double.
template <class T>
T parallel_stl_squares(const T* x, std::size_t n);
template <class T>
T tbb_squares(const T* x, std::size_t n);
template <class T>
T parallel_stl_dot(const T* x, const T* y, std::size_t n);
template <class T>
T tbb_dot(const T* x, const T* y, std::size_t n);

/// What map_into is measured with.
struct scaled {
  template <class T>
  T operator()(T x) const {
    return T(2.5) * x + T(1);
  }
};
struct scaled_sum {
  template <class T>
  T operator()(T x, T y) const {
    return x + T(3) * y;
  }
};
template <class T>
void parallel_stl_scaled(const T* x, T* out, std::size_t n);
template <class T>
void openmp_scaled(const T* x, T* out, std::size_t n);
template <class T>
void parallel_stl_scaled_sum(const T* x, const T* y, T* out, std::size_t n);
template <class T>
void openmp_scaled_sum(const T* x, const T* y, T* out, std::size_t n);
/// The kernels copy and add of STREAM.
template <class T>
void stream_copy(const T* x, T* out, std::size_t n);
template <class T>
void stream_add(const T* x, const T* y, T* out, std::size_t n);

/// n tasks, each of which stores its index: task i into results[i]. run() gives them all away one by one and returns when all are done.
class tbb_tasks {  // a task_group in an arena, where the caller is one of the threads
 public:
  explicit tbb_tasks(int threads);
  ~tbb_tasks();
  void run(int* results, int n);

 private:
  struct state;
  std::unique_ptr<state> state_;
};
class asio_tasks {
 public:
  explicit asio_tasks(int threads);
  ~asio_tasks();
  void run(int* results, int n);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace rivals
