// SPDX-License-Identifier: MIT
// Elements only a CPU can hold: strings, vectors, owners of memory, types without a default constructor.
#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace fg = foldgrid;

class cpu_elements : public testing::TestWithParam<int> {
 protected:
  const fg::executor pool{GetParam() == 0 ? fg::executor_options{.where = fg::backend::serial}
                                          : fg::executor_options{.where = fg::backend::threads, .workers = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(workers, cpu_elements, testing::Values(0, 1, 2, 3, 8));

static std::vector<std::string> words(std::size_t n) {
  std::vector<std::string> made;
  for (std::size_t i = 0; i < n; ++i) made.push_back(std::to_string(i) + (i % 3 == 0 ? ", long enough to be on the heap; " : "; "));
  return made;
}
static std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const auto& part : parts) all += part;
  return all;
}

TEST_P(cpu_elements, strings_are_concatenated_in_order) {
  for (const std::size_t n : {1, 2, 3, 7, 33, 1000, 4097}) {
    const auto parts = words(n);
    const std::string all = joined(parts);
    EXPECT_EQ(pool.reduce(std::plus<>{}, parts), all);
    EXPECT_EQ(pool.reduce(std::plus<>{}, words(n)), all);
    EXPECT_EQ(pool.reduce({.chunk_size = 3}, std::plus<>{}, parts), all);
    EXPECT_EQ(pool.reduce({.sync = true}, std::plus<>{}, parts), all);
    EXPECT_EQ(pool.reduce(std::plus<>{}, parts, "start "), "start " + all);
    EXPECT_EQ(pool.map_reduce([](std::size_t i) { return words(i + 1).back(); }, std::plus<>{}, fg::iota(n < 100 ? n : 100)),
              joined(words(n < 100 ? n : 100)));
    EXPECT_EQ(joined(parts), all) << "an lvalue was moved from";
  }
}

TEST_P(cpu_elements, nested_brackets_show_the_tree) {
  const auto bracket = [](const std::string& a, const std::string& b) { return "(" + a + b + ")"; };
  const std::vector<std::string> letters{"a", "b", "c", "d", "e", "f", "g"};
  EXPECT_EQ(pool.reduce(bracket, letters), "(((ab)(cd))((ef)g))");
  EXPECT_EQ(pool.reduce(bracket, letters, "x"), "(x(((ab)(cd))((ef)g)))");
  EXPECT_EQ(pool.reduce({.chunk_size = 1}, bracket, letters), "(((ab)(cd))((ef)g))");
  EXPECT_EQ(pool.reduce({.sync = true}, bracket, letters), "(((ab)(cd))((ef)g))");
  EXPECT_EQ(pool.reduce_rows(bracket, std::vector<std::string>{"a", "b", "c", "d", "e", "f"}, 2, 3),
            (std::vector<std::string>{"((ab)c)", "((de)f)"}));
  EXPECT_EQ(pool.reduce_columns(bracket, std::vector<std::string>{"a", "b", "c", "d", "e", "f"}, 3, 2),
            (std::vector<std::string>{"((ac)e)", "((bd)f)"}));
}

TEST_P(cpu_elements, vectors_are_concatenated) {
  const auto append = [](std::vector<int>&& a, std::vector<int>&& b) {
    a.insert(a.end(), b.begin(), b.end());
    return std::move(a);
  };
  EXPECT_EQ(pool.reduce(append, std::vector<std::vector<int>>{{1, 2}, {3, 4}}), (std::vector<int>{1, 2, 3, 4}));
  std::vector<int> expected;
  for (int i = 0; i < 500; ++i) expected.insert(expected.end(), static_cast<std::size_t>(i % 4), i);
  const auto runs = [](int i) { return std::vector<int>(static_cast<std::size_t>(i % 4), i); };
  EXPECT_EQ(pool.map_reduce(runs, append, fg::iota(500)), expected);
  EXPECT_EQ(pool.reduce(append, pool.map(runs, fg::iota(500))), expected);
}

TEST_P(cpu_elements, move_only_results_and_inputs) {
  auto owners = pool.map([](int i) { return std::make_unique<int>(i); }, fg::iota(1000));
  ASSERT_EQ(owners.size(), 1000u);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(*owners[static_cast<std::size_t>(i)], i);
  const auto add = [](std::unique_ptr<int>&& a, std::unique_ptr<int>&& b) {
    *a += *b;
    return std::move(a);
  };
  EXPECT_EQ(*pool.map_reduce([](int i) { return std::make_unique<int>(i); }, add, fg::iota(1000)), 499500);
  EXPECT_EQ(pool.map([](const std::unique_ptr<int>& p) { return *p; }, owners).size(), 1000u);
  auto taken = pool.map([](std::unique_ptr<int> p) { return p; }, std::move(owners));
  EXPECT_EQ(*taken[7], 7);
  EXPECT_EQ(*pool.reduce(add, std::move(taken), std::make_unique<int>(1)), 499501);
}

namespace {
struct measured {  // no default constructor
  explicit measured(int value) : value(value) {}
  int value;
  std::string note = "a note that does not fit the small buffer";
};
}  // namespace

TEST_P(cpu_elements, results_need_no_default_constructor) {
  const auto found = pool.map([](int i) { return measured(i); }, fg::iota(300));
  for (int i = 0; i < 300; ++i) ASSERT_EQ(found[static_cast<std::size_t>(i)].value, i);
  const auto sum = pool.map_reduce([](int i) { return measured(i); },
                                   [](const measured& a, const measured& b) { return measured(a.value + b.value); }, fg::iota(300));
  EXPECT_EQ(sum.value, 44850);
}

TEST_P(cpu_elements, results_decay) {
  const std::vector<std::string> parts = words(3);
  const auto copies = pool.map([](const std::string& s) -> const std::string& { return s; }, parts);
  static_assert(std::is_same_v<decltype(copies), const std::vector<std::string>>);
  EXPECT_EQ(copies, parts);
  const auto pointers = pool.map([](const std::string& s) { return s.c_str(); }, parts);
  static_assert(std::is_same_v<decltype(pointers), const std::vector<const char*>>);
}

TEST_P(cpu_elements, starmap_takes_tuples_pairs_and_arrays_apart) {
  const auto power = [](double x, int n) {
    double y = 1;
    while (n-- > 0) y *= x;
    return y;
  };
  EXPECT_EQ(pool.starmap(power, std::vector<std::tuple<double, int>>{{2, 3}, {3, 2}}), (std::vector<double>{8, 9}));
  EXPECT_EQ(pool.starmap(power, std::vector<std::pair<double, int>>{{2, 3}, {3, 2}}), (std::vector<double>{8, 9}));
  const auto add = [](int a, int b, int c) { return a + b + c; };
  EXPECT_EQ(pool.starmap(add, std::vector<std::array<int, 3>>{{1, 2, 3}, {4, 5, 6}}), (std::vector<int>{6, 15}));
  EXPECT_EQ(pool.map(add, std::vector<std::array<int, 3>>{{1, 2, 3}, {4, 5, 6}}), (std::vector<int>{6, 15}));
  const std::vector<std::tuple<int, std::string>> labelled{{1, "a"}, {2, "b"}};
  EXPECT_EQ(pool.starmap([](int i, const std::string& s) { return s + std::to_string(i); }, labelled),
            (std::vector<std::string>{"a1", "b2"}));
  EXPECT_EQ(pool.map([](const std::tuple<int, std::string>& t, int k) { return std::get<0>(t) * k; }, labelled, fg::repeat(3)),
            (std::vector<int>{3, 6}))
      << "beside other inputs a tuple stays a tuple";
}

TEST_P(cpu_elements, members_and_function_pointers_are_functions) {
  const std::vector<measured> xs{measured(1), measured(2)};
  EXPECT_EQ(pool.map(&measured::value, xs), (std::vector<int>{1, 2}));
  EXPECT_EQ(pool.map(&std::string::size, words(2)), (std::vector<std::size_t>{words(1)[0].size(), 3}));
  const std::function<int(int)> twice = [](int i) { return 2 * i; };
  EXPECT_EQ(pool.map(twice, fg::iota(3)), (std::vector<int>{0, 2, 4}));
}

TEST_P(cpu_elements, arguments_of_any_type_are_bound) {
  const auto label = [](const std::string& text, const std::vector<int>& numbers, int i) {
    return text + std::to_string(numbers[static_cast<std::size_t>(i)]);
  };
  EXPECT_EQ(pool.map(fg::bind_front(label, std::string("n"), std::vector<int>{7, 8}), fg::iota(2)), (std::vector<std::string>{"n7", "n8"}));
  const std::function<int(int, int)> add = [](int a, int b) { return a + b; };
  EXPECT_EQ(pool.map(fg::bind_front(add, 3), fg::iota(2)), (std::vector<int>{3, 4}));
}
