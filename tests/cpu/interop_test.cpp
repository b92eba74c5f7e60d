// SPDX-License-Identifier: MIT
// Arrays of other libraries: vectors with any allocator, and pointers with a size.
#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory_resource>
#include <new>
#include <span>
#include <vector>

namespace fg = foldgrid;

namespace {

const fg::executor& pool() {
  static const fg::executor three{{.where = fg::backend::threads, .workers = 3}};
  return three;
}

/// Memory that starts at a multiple of 256 bytes.
template <class T>
struct aligned {
  using value_type = T;
  static constexpr std::align_val_t alignment{256};
  aligned() = default;
  template <class U>
  aligned(const aligned<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), alignment)); }
  void deallocate(T* p, std::size_t) { ::operator delete(p, alignment); }
  bool operator==(const aligned&) const { return true; }
};

const std::vector<double>& numbers() {
  static const std::vector<double> xs = pool().map([](int i) { return 1.0 / (1 + i); }, fg::iota(10007));
  return xs;
}
const auto scaled = [](double x) { return 3 * x - 1; };

template <class Vector>
void as_input_and_output(const Vector& xs, Vector out) {
  EXPECT_EQ(pool().sum(xs), pool().sum(numbers()));
  EXPECT_EQ(pool().map(scaled, xs), pool().map(scaled, numbers()));
  fg::run_report report;
  pool().map_into({.report = &report}, out, scaled, xs);
  EXPECT_EQ(report.bytes_in, xs.size() * sizeof(double));
  EXPECT_EQ(std::vector<double>(out.begin(), out.end()), pool().map(scaled, numbers()));
  EXPECT_EQ(pool().first_nonfinite(Vector(xs)), std::nullopt);
}

}  // namespace

TEST(interop, aligned_allocator) {
  const std::vector<double, aligned<double>> xs(numbers().begin(), numbers().end());
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(xs.data()) % 256, 0u);
  as_input_and_output(xs, {xs.size(), 0.0, aligned<double>()});
}

TEST(interop, memory_resource) {
  std::pmr::monotonic_buffer_resource arena;
  const std::pmr::vector<double> xs(numbers().begin(), numbers().end(), &arena);
  as_input_and_output(xs, std::pmr::vector<double>(xs.size(), &arena));

  const std::pmr::vector<std::pmr::vector<double>> rows({{1, 2}, {3, 4}, {5, 6}}, &arena);
  const std::pmr::vector<double> sums = pool().reduce(fg::elementwise(std::plus<>{}), rows);
  EXPECT_EQ(std::vector<double>(sums.begin(), sums.end()), (std::vector<double>{9, 12}));
}

TEST(interop, pointer_and_size) {
  std::vector<double> memory = numbers();
  double* const pointer = memory.data();
  const std::span all(pointer, memory.size());
  EXPECT_EQ(pool().sum(all), pool().sum(numbers()));
  EXPECT_EQ(pool().argmin(std::span<const double>(pointer, 100)), 99u);
  pool().map_into(all, scaled, all);  // in place
  EXPECT_EQ(memory, pool().map(scaled, numbers()));
  EXPECT_EQ(pool().reduce_rows(fg::max, all.first(6), 2, 3), (std::vector<double>{memory[0], memory[3]}));
}
