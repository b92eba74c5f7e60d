// SPDX-License-Identifier: MIT
// Calls that promise to allocate nothing: every allocation of this program is counted.
#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <new>
#include <span>
#include <vector>

namespace fg = foldgrid;

static std::atomic<long> allocations = 0;

static void* counted_allocation(std::size_t size, std::size_t alignment = 0) {
  ++allocations;
  void* const p =
      alignment == 0 ? std::malloc(size == 0 ? 1 : size) : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (!p) throw std::bad_alloc();
  return p;
}
// inlined into code that news and deletes, malloc beside delete would look mismatched to the compiler
#define NOT_INLINED __attribute__((noinline))
NOT_INLINED void* operator new(std::size_t size) { return counted_allocation(size); }
NOT_INLINED void* operator new[](std::size_t size) { return counted_allocation(size); }
NOT_INLINED void* operator new(std::size_t size, std::align_val_t a) { return counted_allocation(size, static_cast<std::size_t>(a)); }
NOT_INLINED void* operator new[](std::size_t size, std::align_val_t a) { return counted_allocation(size, static_cast<std::size_t>(a)); }
NOT_INLINED void operator delete(void* p) noexcept { std::free(p); }
NOT_INLINED void operator delete[](void* p) noexcept { std::free(p); }
NOT_INLINED void operator delete(void* p, std::size_t) noexcept { std::free(p); }
NOT_INLINED void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
NOT_INLINED void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
NOT_INLINED void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
NOT_INLINED void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
NOT_INLINED void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

FOLDGRID_STRUCT(pair_of_doubles, (double a; double b;))
FOLDGRID_FUNCTION(square, (double x), { return x * x; })
FOLDGRID_FUNCTION(product, (double x, double y), { return x * y; })
FOLDGRID_FUNCTION(larger, (double a, double b), { return a < b ? b : a; })
FOLDGRID_FUNCTION_USING((pair_of_doubles), compose, (const pair_of_doubles& x, const pair_of_doubles& y),
                        { return pair_of_doubles{x.a * y.a, x.b * y.a + y.b}; })

struct place {
  fg::backend where;
  int workers;
};

class allocations_of : public testing::TestWithParam<place> {
 protected:
  /// Allocations of 20 calls after a warm-up that starts the threads.
  template <class F>
  long count(F&& run) {
    for (int i = 0; i < 20; ++i) run();
    const long before = allocations;
    for (int i = 0; i < 20; ++i) run();
    return allocations - before;
  }
  const fg::executor pool{{.where = GetParam().where, .workers = GetParam().workers}};
  const std::vector<double> xs = std::vector<double>(1000, 1.5), ys = std::vector<double>(1000, 2.5);
  const std::vector<double> many = std::vector<double>(200000, 1.5);
  double sink = 0;
};
INSTANTIATE_TEST_SUITE_P(workers, allocations_of,
                         testing::Values(place{fg::backend::threads, 1}, place{fg::backend::threads, 2}, place{fg::backend::threads, 8},
                                         place{fg::backend::automatic, 2}));

TEST_P(allocations_of, map_into) {
  std::vector<double> out(many.size());
  EXPECT_EQ(count([&] { pool.map_into(out, square, xs); }), 0);
  EXPECT_EQ(count([&] { pool.map_into(std::span(out), product, xs, ys); }), 0);
  EXPECT_EQ(count([&] { pool.map_into({.chunk_size = 16}, out, square, xs); }), 0);
  EXPECT_EQ(count([&] { pool.map_into(out, square, many); }), 0);
  EXPECT_EQ(count([&] { pool.map_into(out, product, fg::repeat(2.0), fg::linspace(0, 1, 5000)); }), 0);
}

TEST_P(allocations_of, reduce_with_built_in_operators) {
  EXPECT_EQ(count([&] { sink += pool.reduce(std::plus<>{}, xs); }), 0);
  EXPECT_EQ(count([&] { sink += pool.sum(xs); }), 0);
  EXPECT_EQ(count([&] { sink += pool.reduce(fg::max, xs); }), 0);
  EXPECT_EQ(count([&] { sink += pool.reduce(std::plus<>{}, xs, 1.0); }), 0);
  EXPECT_EQ(count([&] { sink += pool.reduce({.chunk_size = 64}, std::plus<>{}, xs); }), 0);
  EXPECT_EQ(count([&] { sink += pool.sum(many); }), 0);
  EXPECT_EQ(count([&] { sink += static_cast<double>(pool.argmin(xs)) + pool.minmax(xs).max; }), 0);
}

TEST_P(allocations_of, reduce_with_a_users_operator) {
  const std::vector<pair_of_doubles> pairs(1000, {1.0, 0.5});
  EXPECT_EQ(count([&] { sink += pool.reduce(larger, xs); }), 0);
  EXPECT_EQ(count([&] { sink += pool.reduce(compose, pairs).b; }), 0);
}

TEST_P(allocations_of, map_reduce) {
  EXPECT_EQ(count([&] { sink += pool.map_reduce(square, std::plus<>{}, xs); }), 0);
  EXPECT_EQ(count([&] { sink += pool.map_reduce(product, std::plus<>{}, xs, ys); }), 0);
  EXPECT_EQ(count([&] { sink += pool.map_reduce(square, larger, xs); }), 0);
  EXPECT_EQ(count([&] { sink += pool.map_reduce(square, larger, many); }), 0);
  EXPECT_EQ(count([&] { sink += pool.map_reduce(square, larger, fg::init(0.5), xs); }), 0);
}

TEST_P(allocations_of, map_allocates_its_results_once) {
  EXPECT_EQ(count([&] { sink += pool.map(square, xs)[0]; }), 20);
}
