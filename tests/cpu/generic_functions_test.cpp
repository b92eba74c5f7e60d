// SPDX-License-Identifier: MIT
// Functions and operators of any kind of parameter, and element types that can do little, or have namesakes of ours beside them.
#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <deque>
#include <forward_list>
#include <functional>
#include <map>
#include <memory>
#include <ranges>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace fg = foldgrid;

namespace named_alike {  // what argument-dependent lookup finds beside ours
struct point {
  double x;
  friend bool operator<(const point& a, const point& b) { return a.x < b.x; }
};
template <class Range>
int indexed(Range&&) {
  return 0;
}
template <class X>
int copied(X&&) {
  return 0;
}
template <class... X>
int common_length(X&&...) {
  return 0;
}
template <class T>
bool is_nan(const T&) {
  return true;
}
}  // namespace named_alike

namespace generic_functions {  // one of several files that are compiled as one
namespace {

const fg::executor& pool() {
  static const fg::executor three{{.where = fg::backend::threads, .workers = 3}};
  return three;
}

TEST(generic_functions, may_change_the_elements_of_a_variable) {
  std::vector<double> xs{1, 2, 3};
  pool().map([](auto& x) { x *= 2; }, xs);
  EXPECT_EQ(xs, (std::vector<double>{2, 4, 6}));
}

TEST(generic_functions, of_any_number_of_parameters_take_tuples_apart) {
  const std::vector<std::tuple<int, int>> rows{{1, 2}, {3, 4}};
  EXPECT_EQ(pool().starmap([](auto... x) { return (x + ...); }, rows), (std::vector<int>{3, 7}));
}

TEST(generic_functions, of_any_number_of_parameters_are_tasks) {
  EXPECT_EQ(pool().submit([](auto... x) { return (x + ...); }, 1, 2).get(), 3);
}

TEST(generic_functions, get_the_tuple_of_one_axis_whole) {
  const std::vector<int> xs{5, 6};
  EXPECT_EQ(pool().map([](const auto& point) { return std::get<0>(point); }, fg::grid(xs)), xs);
}

TEST(generic_operators, may_change_operands_that_are_theirs) {
  const auto append = [](auto&& a, auto&& b) {
    a += b;
    return std::move(a);
  };
  std::vector<std::string> words{"fold", "the", "grid"};
  EXPECT_EQ(pool().reduce(append, std::move(words)), "foldthegrid");
  std::vector<double> halves(1000, 0.5);
  EXPECT_EQ(pool().reduce(append, std::move(halves)), 500);
}

TEST(elementwise, folds_bits) {
  const std::vector<std::vector<bool>> rows{{true, false, false}, {false, false, true}, {false, false, true}};
  EXPECT_EQ(pool().reduce(fg::elementwise(std::logical_or<>{}), rows), (std::vector<bool>{true, false, true}));
  EXPECT_EQ(pool().reduce(fg::elementwise(std::bit_xor<>{}), rows), (std::vector<bool>{true, false, false}));
}

TEST(elementwise, folds_arrays_that_are_made_when_asked_for) {
  const auto array = [](int i) { return std::vector<double>(1000, i); };
  EXPECT_EQ(pool().reduce(fg::elementwise(std::plus<>{}), std::views::iota(0, 100) | std::views::transform(array)),
            std::vector<double>(1000, 4950));
}

TEST(elementwise, of_elementwise_folds_arrays_of_arrays) {
  const std::vector<std::vector<std::vector<int>>> xs{{{1, 2}, {3}}, {{10, 20}, {30}}, {{100, 200}, {300}}};
  EXPECT_EQ(pool().reduce(fg::elementwise(fg::elementwise(std::plus<>{})), xs), (std::vector<std::vector<int>>{{111, 222}, {333}}));
}

TEST(elements, of_64_KiB_are_folded) {
  const auto unit = [](int i) {
    std::array<double, 8192> h{};
    h[static_cast<std::size_t>(i)] = 1;
    return h;
  };
  const auto sum = pool().map_reduce(unit, fg::elementwise(std::plus<>{}), fg::iota(1000));
  EXPECT_EQ(sum[999], 1);
  EXPECT_EQ(sum[1000], 0);
}

struct handle {  // moves, and has nothing else
  int number;
  explicit handle(int n) : number(n) {}
  handle(handle&&) = default;
  handle& operator=(handle&&) = default;
};

TEST(elements, that_only_move_are_folded) {
  std::vector<handle> handles;
  for (int i = 0; i < 1000; ++i) handles.emplace_back(i);
  const auto add = [](handle&& a, handle&& b) { return handle(a.number + b.number); };
  EXPECT_EQ(pool().reduce(add, std::move(handles)).number, 499500);
}

TEST(elements, of_rvalue_containers_of_any_kind_are_moved) {
  std::deque<std::unique_ptr<int>> deque;
  std::forward_list<std::unique_ptr<int>> list;
  for (int i = 0; i < 5; ++i) {
    deque.push_back(std::make_unique<int>(i));
    list.push_front(std::make_unique<int>(i));
  }
  const auto add = [](std::unique_ptr<int>&& a, std::unique_ptr<int>&& b) { return std::make_unique<int>(*a + *b); };
  EXPECT_EQ(*pool().reduce(add, std::move(list)), 10);
  EXPECT_EQ(pool().map([](std::unique_ptr<int> p) { return *p; }, std::move(deque)), (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(elements, that_a_range_only_refers_to_stay) {
  std::vector<std::string> words{"a word that is too long to be kept in the string itself", "another"};
  const auto before = words;
  pool().map([](std::string s) { return s.size(); }, fg::progress_bar("words").over(words));
  EXPECT_EQ(pool().reduce(std::plus<>{}, fg::progress_bar("words").over(words)), before[0] + before[1]);
  EXPECT_EQ(words, before);
}

struct constant {
  const int value = 0;
};

TEST(results, that_cannot_be_assigned_are_kept) {
  const auto all = pool().map([](int i) { return constant{i}; }, fg::iota(5));
  EXPECT_EQ(all[4].value, 4);
}

template <class Range, class Op, class Equal>
void expect_folded(const Range& range, const Op& op, const Equal& expected) {
  EXPECT_TRUE(expected(pool().reduce(op, range)));
  EXPECT_TRUE(expected(pool().reduce({.chunk_size = 1}, op, range)));
  EXPECT_TRUE(expected(pool().reduce({.sync = true}, op, range)));
  EXPECT_TRUE(expected(pool().reduce(op, range, *range.begin())));
  EXPECT_TRUE(expected(pool().reduce(op, pool().imap([](const auto& x) { return x; }, range))));
  EXPECT_TRUE(expected(pool().map_reduce([](const auto& x) { return x; }, op, range)));
  const auto n = std::ranges::size(range);
  EXPECT_TRUE(expected(pool().reduce_rows(op, range, 1, n)[0]));
  EXPECT_TRUE(expected(pool().reduce_columns(op, range, n, 1)[0]));
}

TEST(elements, that_cannot_be_assigned_are_folded) {
  std::map<std::string, double> ages;
  std::vector<constant> flat;
  for (int i = 0; i < 5000; ++i) {
    ages.emplace(std::to_string(i), i % 4567);
    flat.push_back({i});
  }
  const auto older = [](const auto& a, const auto& b) { return b.second > a.second ? b : a; };
  expect_folded(ages, older, [](const auto& oldest) { return oldest.first == "4566" && oldest.second == 4566; });
  const auto larger = [](const constant& a, const constant& b) { return b.value > a.value ? b : a; };
  expect_folded(flat, larger, [](const constant& largest) { return largest.value == 4999; });
}

TEST(results, without_a_default_stay_in_device_arrays) {
  struct numbered {
    int number;
    explicit numbered(int n) : number(n) {}
  };
  const auto there = pool().map([](int i) { return numbered(i); }, pool().to_device(std::vector<int>{4, 5}));
  EXPECT_EQ(there.to_vector()[1].number, 5);
}

__extension__ typedef __int128 wide_integer;

TEST(sums, of_128_bits) {
  const std::vector<long long> xs{1, -2, 4};
  EXPECT_TRUE(pool().sum<wide_integer>(xs) == 3);
  const std::vector<wide_integer> wide{3, 1, 2};
  EXPECT_EQ(pool().argmin(wide), 1u);
  EXPECT_TRUE(pool().minmax(wide).max == 3);
}

TEST(names, of_the_users_are_not_taken_for_ours) {
  const std::vector<named_alike::point> points{{2}, {1}, {3}};
  const auto x = [](named_alike::point p) { return p.x; };
  EXPECT_EQ(pool().map(x, points), (std::vector<double>{2, 1, 3}));
  EXPECT_EQ(pool().map_async(x, points).get().size(), 3u);
  EXPECT_EQ(pool().argmin(points), 1u);
  EXPECT_EQ(pool().minmax(points).max.x, 3);
  EXPECT_EQ(pool().reduce([](named_alike::point a, named_alike::point b) { return a < b ? b : a; }, points).x, 3);
}

}  // namespace
}  // namespace generic_functions
