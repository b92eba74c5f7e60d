// SPDX-License-Identifier: MIT
// Any range is an input: sized or not, indexed or not, one pass, move-only, lazy, of proxies.
#include "../contract/one_pass.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <deque>
#include <forward_list>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <ranges>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace fg = foldgrid;

namespace ranges_test {  // one of several files that are compiled as one
namespace {

const fg::executor& pool() {
  static const fg::executor three{{.where = fg::backend::threads, .workers = 3}};
  return three;
}

std::vector<int> counting(int n) {
  std::vector<int> xs(static_cast<std::size_t>(n));
  std::iota(xs.begin(), xs.end(), 0);
  return xs;
}

const auto twice = [](int i) { return 2 * i; };

template <class Range>
void as_input(Range&& range, int n) {
  std::vector<int> expected = counting(n);
  EXPECT_EQ(pool().reduce(std::plus<>{}, range), n * (n - 1) / 2);
  EXPECT_EQ(pool().sum({.chunk_size = 2}, range), n * (n - 1) / 2);
  EXPECT_EQ(pool().map_reduce(twice, fg::max, range), 2 * (n - 1));
  EXPECT_EQ(pool().minmax(range).max, n - 1);
  EXPECT_EQ(pool().argmax(range), static_cast<std::size_t>(n - 1));
  EXPECT_EQ(pool().first_nonfinite(range), std::nullopt);
  EXPECT_EQ(pool().map([](int a, int b) { return a - b; }, range, fg::iota(n + 5)), std::vector<int>(static_cast<std::size_t>(n)));
  for (int& x : expected) x *= 2;
  EXPECT_EQ(pool().map(twice, range), expected);
  std::vector<int> out(expected.size());
  pool().map_into(out, twice, std::forward<Range>(range));
  EXPECT_EQ(out, expected);
}

}  // namespace

TEST(ranges, containers) {
  const auto xs = counting(200);
  as_input(xs, 200);
  as_input(counting(200), 200);
  as_input(std::deque<int>(xs.begin(), xs.end()), 200);
  as_input(std::list<int>(xs.begin(), xs.end()), 200);
  as_input(std::forward_list<int>(xs.begin(), xs.end()), 200);
  as_input(std::set<int>(xs.begin(), xs.end()), 200);
  as_input(std::span<const int>(xs), 200);
  as_input(std::span<const int, 4>(xs.data(), 4), 4);
  as_input(std::array<int, 3>{0, 1, 2}, 3);
  const int plain[] = {0, 1, 2, 3};
  as_input(plain, 4);
}

TEST(ranges, views) {
  const auto xs = counting(200);
  as_input(std::views::iota(0, 200), 200);
  as_input(std::views::iota(0, 200) | std::views::transform([](int i) { return i; }), 200);
  as_input(xs | std::views::filter([](int i) { return i < 100; }) | std::views::common, 100);
  as_input(xs | std::views::take_while([](int i) { return i < 50; }), 50);
  as_input(xs | std::views::drop(0), 200);
  auto odd = xs | std::views::filter([](int i) { return i % 2 == 1; });
  EXPECT_EQ(pool().sum(odd), 10000);
}

TEST(ranges, streams_are_read_once) {
  std::istringstream text("3 1 4 1 5 9 2 6");
  EXPECT_EQ(pool().sum(std::ranges::istream_view<int>(text)), 31);
  EXPECT_EQ(pool().map(twice, one_pass(counting(5))), (std::vector<int>{0, 2, 4, 6, 8}));
  one_pass source(counting(28));
  EXPECT_EQ(pool().reduce(std::plus<>{}, source), 378);
  EXPECT_EQ(pool().minmax(one_pass(counting(9))).max, 8);
  EXPECT_EQ(pool().map_reduce(twice, std::plus<>{}, one_pass(counting(5))), 20);
  EXPECT_EQ(pool().reduce_rows(std::plus<>{}, one_pass(counting(6)), 2, 3), (std::vector<int>{3, 12}));
}

TEST(ranges, move_only_elements_of_a_stream) {
  std::vector<std::unique_ptr<int>> owners;
  for (int i = 0; i < 1000; ++i) owners.push_back(std::make_unique<int>(i));
  const auto add = [](std::unique_ptr<int>&& a, std::unique_ptr<int>&& b) {
    *a += *b;
    return std::move(a);
  };
  EXPECT_EQ(*pool().reduce(add, one_pass(std::move(owners))), 499500);
  std::list<std::unique_ptr<int>> list;
  for (int i = 0; i < 10; ++i) list.push_back(std::make_unique<int>(i));
  EXPECT_EQ(pool().map([](std::unique_ptr<int> p) { return *p; }, std::move(list)), counting(10));
}

TEST(ranges, packed_bools) {
  std::vector<bool> bits(1000);
  for (std::size_t i = 0; i < bits.size(); i += 3) bits[i] = true;
  EXPECT_TRUE(pool().reduce(std::logical_or<>{}, bits));
  EXPECT_FALSE(pool().reduce(std::logical_and<>{}, bits));
  EXPECT_EQ(pool().map_reduce([](bool b) { return b ? 1 : 0; }, std::plus<>{}, bits), 334);
  std::vector<bool> flipped = pool().map([](bool b) { return !b; }, bits);
  bits.flip();
  EXPECT_EQ(flipped, bits);
  const auto same = [](auto bit) { return bit; };
  const std::vector<bool> kept = pool().map(same, std::vector<bool>(bits));
  EXPECT_EQ(kept, bits) << "a bit that is referred to decays";
  static_assert(std::is_same_v<decltype(pool().submit(same, bits[0])), fg::future<bool>>);
  static_assert(std::is_same_v<decltype(pool().imap(same, bits)), fg::stream<bool>>);
  const fg::executor many{{.workers = 64}};
  for (int run = 0; run < 20; ++run) EXPECT_EQ(many.map({.chunk_size = 1}, [](int i) { return i % 3 != 0; }, fg::iota(1000)), bits);
}

TEST(ranges, matrices_in_any_container) {
  const auto xs = counting(12);
  const std::deque<int> deque(xs.begin(), xs.end());
  const std::list<int> list(xs.begin(), xs.end());
  const std::vector<int> rows{6, 22, 38}, columns{12, 15, 18, 21};
  EXPECT_EQ(pool().reduce_rows(std::plus<>{}, deque, 3, 4), rows);
  EXPECT_EQ(pool().reduce_rows(std::plus<>{}, list, 3, 4), rows);
  EXPECT_EQ(pool().reduce_rows(std::plus<>{}, fg::iota(12), 3, 4), rows);
  EXPECT_EQ(pool().reduce_columns(std::plus<>{}, deque, 3, 4), columns);
  EXPECT_EQ(pool().reduce_columns(std::plus<>{}, list, 3, 4), columns);
  EXPECT_EQ(pool().reduce_columns(std::plus<>{}, fg::iota(12), 3, 4), columns);
}

TEST(ranges, keys_and_values) {
  const std::map<std::string, int> ages{{"ada", 36}, {"alan", 41}};
  EXPECT_EQ(pool().map([](const std::pair<const std::string, int>& p) { return p.second; }, ages), (std::vector<int>{36, 41}));
  EXPECT_EQ(pool().starmap([](const std::string& name, int age) { return name + std::to_string(age); }, ages),
            (std::vector<std::string>{"ada36", "alan41"}));
}

TEST(ranges, void_functions_return_nothing) {
  std::vector<int> seen(100);
  static_assert(std::is_void_v<decltype(pool().map([](int) {}, seen))>);
  pool().map([](int& x) { x = 1; }, seen);
  EXPECT_EQ(pool().sum(seen), 100);
}

TEST(ranges, that_never_end_go_beside_ones_that_do) {
  const std::vector<int> xs{1, 2, 3};
  const auto product = [](int a, int b) { return a * b; };
  EXPECT_EQ(pool().map(product, xs, std::views::iota(10)), (std::vector<int>{10, 22, 36}));
  EXPECT_EQ(pool().map_reduce(product, std::plus<>{}, std::views::iota(10), xs), 68);
  EXPECT_EQ(pool().map_async(product, xs, std::views::iota(10)).get(), (std::vector<int>{10, 22, 36}));
  EXPECT_EQ(pool().reduce(std::plus<>{}, pool().imap(product, std::views::iota(10), xs)), 68);
}

/// 0, 1, 2, ... by one pass without an end; counts what is read, and the steps.
struct endless_stream {
  int *reads, *steps;
  struct iterator {
    using value_type = int;
    using difference_type = std::ptrdiff_t;
    int *reads, *steps;
    int at = 0;
    int operator*() const { return ++*reads, at; }
    iterator& operator++() { return ++at, ++*steps, *this; }
    void operator++(int) { ++*this; }
  };
  iterator begin() const { return {reads, steps}; }
  std::unreachable_sentinel_t end() const { return {}; }
};

TEST(ranges, without_an_index_are_read_as_far_as_the_shortest_goes) {
  const std::vector<int> xs{1, 2, 3};
  const auto product = [](int a, int b) { return a * b; };
  const std::vector<int> expected{0, 4, 12};
  auto even = std::views::iota(0) | std::views::filter([](int i) { return i % 2 == 0; });  // for ever
  EXPECT_EQ(pool().map(product, xs, even), (std::vector<int>{0, 4, 12}));
  EXPECT_EQ(pool().map(product, even, xs), expected);
  EXPECT_EQ(pool().map(product, even, std::list(xs.begin(), xs.end())), expected);
  EXPECT_EQ(pool().map_reduce(product, std::plus<>{}, even, xs), 16);
  EXPECT_EQ(pool().map_reduce(product, std::plus<>{}, fg::init(1), xs, even), 17);
  std::vector<int> out(3);
  pool().map_into(out, product, even, xs);
  EXPECT_EQ(out, expected);
  EXPECT_EQ(pool().map_outcomes(product, even, xs)[2].value(), 12);
  EXPECT_EQ(pool().map_async(product, xs, even).get(), expected);
  EXPECT_TRUE(pool().map(product, std::vector<int>{}, even).empty());
  for (const bool strict : {false, true}) {
    int reads = 0, steps = 0;
    EXPECT_EQ(pool().map({.strict = strict}, product, endless_stream{&reads, &steps}, xs), (std::vector<int>{0, 2, 6}));
    EXPECT_EQ(reads, 3);
    EXPECT_EQ(steps, 2);
    EXPECT_EQ(pool().map({.strict = strict}, product, endless_stream{&reads, &steps}, one_pass(xs)), (std::vector<int>{0, 2, 6}));
    EXPECT_EQ(pool().reduce(std::plus<>{}, pool().imap({.strict = strict}, product, xs, endless_stream{&reads, &steps})), 8);
    EXPECT_EQ(pool().reduce(std::plus<>{}, pool().imap({.strict = strict}, product, xs, fg::repeat(2))), 12);
  }
  std::istringstream untouched("7");
  EXPECT_TRUE(pool().map(product, std::vector<int>{}, std::ranges::istream_view<int>(untouched)).empty());
  int first = 0;
  untouched >> first;
  EXPECT_EQ(first, 7);
  std::istringstream one("1 2 3 4 5 6 7 8"), other("10 20");
  EXPECT_EQ(pool().map(product, std::ranges::istream_view<int>(one), std::ranges::istream_view<int>(other)), (std::vector<int>{10, 40}));
  int next = 0;
  one >> next;
  EXPECT_EQ(next, 4) << "as zip() does: the first stream is asked whether it goes on before the second";
  std::vector<std::unique_ptr<int>> pointers;
  for (int i = 0; i < 3; ++i) pointers.push_back(std::make_unique<int>(i));
  EXPECT_EQ(pool().map([](std::unique_ptr<int> p, int i) { return *p * i; }, one_pass(std::move(pointers)), even),
            (std::vector<int>{0, 2, 8}));
}

TEST(ranges, that_change_when_they_are_walked) {  // their begin() is not const
  const auto small = [](int x) { return x < 2; };
  const std::vector<int> xs{0, 1, 2, 3};
  EXPECT_EQ(pool().map(twice, xs | std::views::drop_while(small)), (std::vector<int>{4, 6}));
  auto dropped = xs | std::views::drop_while(small);
  std::vector<int> out(2);
  pool().map_into(out, twice, dropped);
  EXPECT_EQ(out, (std::vector<int>{4, 6}));
  EXPECT_EQ(pool().map_reduce(twice, std::plus<>{}, dropped), 10);
  EXPECT_EQ(pool().reduce(std::plus<>{}, pool().imap(twice, dropped)), 10);
  EXPECT_EQ(fg::grid(dropped, xs).size(), 8u);
}

TEST(ranges, arrays_of_c_are_axes) {
  const double a[]{1, 2, 3};
  const std::vector<int> xs{4, 5};
  EXPECT_EQ(pool().map([](double x, int y) { return x * y; }, fg::grid(a, xs)), (std::vector<double>{4, 5, 8, 10, 12, 15}));
  EXPECT_EQ(std::get<0>(fg::meshgrid(a, xs)), (std::vector<double>{1, 1, 2, 2, 3, 3}));
}

TEST(ranges, computed_elements_are_computed_once_by_a_search) {
  std::atomic<int> calls = 0;
  const auto costly = [&](int i) { return ++calls, i == 500 ? -1.0 : i; };
  EXPECT_EQ(pool().minmax(std::views::iota(0, 1000) | std::views::transform(costly)).min, -1);
  EXPECT_LE(calls, 1000 + 2) << "and the two that were found";
}

}  // namespace ranges_test
