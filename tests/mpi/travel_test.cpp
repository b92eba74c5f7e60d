// SPDX-License-Identifier: MIT
// What travels: flat values, containers, classes with a serialize function, functions of every kind, exceptions, and common values once.
#include "ranks.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <complex>
#include <cstddef>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace {

/// Values come back as they went.
template <class T>
void there_and_back(const std::vector<T>& values) {
  EXPECT_EQ(pool().map([](const T& x) { return x; }, values), values);
}
/// Also moved in, and among others.
template <class T>
void every_way(const std::vector<T>& values) {
  there_and_back(values);
  EXPECT_EQ(pool().map({.chunk_size = 1}, [](T x) { return x; }, std::vector<T>(values)), values);
  EXPECT_EQ(pool().apply([](const T& x) { return std::vector<T>(3, x); }, values.front()), std::vector<T>(3, values.front()));
}

struct named {
  std::string name;
  std::map<std::string, std::vector<double>> curves;
  bool operator==(const named&) const = default;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(name, curves);
  }
};

struct polynomial {
  std::vector<double> coefficients;
  double operator()(double x) const {
    double sum = 0;
    for (const double c : coefficients) sum = sum * x + c;
    return sum;
  }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(coefficients);
  }
};

/// Counts on each rank how often a value was written and read.
struct counted_table {
  std::vector<double> values;
  inline static std::atomic<int> writes = 0, reads = 0;
  template <class Archive>
  void save(Archive& archive) const {
    archive(values);
    ++writes;
  }
  template <class Archive>
  void load(Archive& archive) {
    archive(values);
    ++reads;
  }
};

double halved(double x) { return x / 2; }
double applied(double (*f)(double), double x) { return f(x); }

struct point {
  double x, y;
  double norm() const { return x * x + y * y; }
};

struct own_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct rich_error : std::exception {
  int code = 0;
  std::vector<int> where;
  rich_error() = default;
  rich_error(int c, std::vector<int> w) : code(c), where(std::move(w)) {}
  const char* what() const noexcept override { return "rich"; }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(code, where);
  }
};
struct unknown_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What() and type of the exception that item 5 of 20 threw.
template <class E, class Throw>
std::string nested(Throw f) {
  try {
    pool().map({.chunk_size = 3}, f, fg::iota(20));
  } catch (const fg::task_error& e) {
    EXPECT_EQ(e.index(), 5u);
    if (process_count() > 1) {
      EXPECT_NE(std::string(e.what()).find(" on rank "), std::string::npos) << e.what();
    }
    try {
      std::rethrow_if_nested(e);
    } catch (const E& original) {
      EXPECT_EQ(typeid(original), typeid(E));
      return original.what();
    } catch (...) {
      return "another type";
    }
  }
  return "nothing thrown";
}

}  // namespace

TEST(mpi_travel, values) {
  there_and_back<int>({1, 2, 3, 4, 5, 6, 7});
  every_way<std::pair<int, double>>({{1, 2.5}, {3, 4.5}});
  there_and_back<std::tuple<char, double, std::array<int, 3>>>({{'a', 2.5, {1, 2, 3}}, {'b', 4.5, {4, 5, 6}}});
  there_and_back<std::complex<double>>({{1, 2}, {3, 4}});
  there_and_back<std::optional<double>>({1.5, std::nullopt});
  every_way<std::string>({"", "fold", std::string(100000, 'x')});
  there_and_back<std::vector<double>>({{}, {1.5}, std::vector<double>(1000, 2)});
  there_and_back<std::vector<bool>>({{true, false}, {}});
  there_and_back<std::pair<std::string, std::vector<std::string>>>({{"a", {"b", "c"}}, {"", {}}});
  there_and_back<std::optional<std::string>>({"a", std::nullopt});
  there_and_back<std::map<std::string, int>>({{{"a", 1}, {"b", 2}}, {}});
  there_and_back<std::variant<int, std::string>>({1, "two"});
  every_way<named>({{"n", {{"c", {1, 2, 3}}}}, {}});
  EXPECT_EQ(pool().map([](bool b) { return !b; }, std::vector<bool>{true, false, true}), (std::vector<bool>{false, true, false}));
}

TEST(mpi_travel, functions) {
  const std::vector<double> xs{1, 2, 3};
  EXPECT_EQ(pool().map(halved, xs), (std::vector<double>{0.5, 1, 1.5}));
  EXPECT_EQ(pool().map(&halved, xs), (std::vector<double>{0.5, 1, 1.5}));
  EXPECT_EQ(pool().map(polynomial{{1, 0, 1}}, xs), (std::vector<double>{2, 5, 10}));
  EXPECT_EQ(pool().map(&point::y, std::vector<point>{{1, 2}, {3, 4}}), (std::vector<double>{2, 4}));
  EXPECT_EQ(pool().map(fg::bind_front(applied, &halved), xs), (std::vector<double>{0.5, 1, 1.5}));
  EXPECT_EQ(pool().apply(halved, 3.0), 1.5);
  EXPECT_EQ(pool().parallel(fg::delayed(halved)(3.0), fg::delayed(halved)(5.0)), std::tuple(1.5, 2.5));
  const double scale = 3;
  EXPECT_EQ(pool().map([scale](double x) { return scale * x; }, xs), (std::vector<double>{3, 6, 9}));
}

TEST(mpi_travel, a_common_value_is_sent_once) {
  const auto table = fg::mpi::common(counted_table{std::vector<double>(1000, 1.5)});
  const auto look_up = [](std::size_t i, const counted_table& t) { return t.values[i]; };
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(pool().sum(pool().map({.chunk_size = 10}, look_up, fg::iota(std::size_t{1000}), table)), 1500.0);
    EXPECT_EQ(pool().map_reduce(look_up, std::plus<>{}, fg::iota(std::size_t{1000}), table), 1500.0);
  }
  double sum = 0;
  for (const double x : pool().imap(look_up, fg::iota(std::size_t{100}), table)) sum += x;
  for (const double x : pool().imap_unordered(look_up, fg::iota(std::size_t{100}), fg::mpi::common(table[0]))) sum += x;
  EXPECT_EQ(sum, 300.0);
  const int most = process_count() > 1 ? 2 : 0;  // two tables
  int reads = 0;
  for (const int here : pool().map({.chunk_size = 1}, [](int) { return counted_table::reads.load(); }, fg::iota(100)))
    reads = std::max(reads, here);
  EXPECT_EQ(reads, most) << "by a worker";
  EXPECT_EQ(counted_table::writes, most) << "by the manager";
}

TEST(mpi_travel, exceptions_keep_their_type) {
  fg::mpi::register_exception<own_error>();
  fg::mpi::register_exception<rich_error>();
  EXPECT_EQ(nested<std::domain_error>([](int i) { return i >= 5 ? throw std::domain_error(std::to_string(i)) : i; }), "5");
  EXPECT_EQ(nested<std::out_of_range>([](int i) { return i >= 5 ? throw std::out_of_range("range") : i; }), "range");
  EXPECT_EQ(nested<own_error>([](int i) { return i >= 5 ? throw own_error("own") : i; }), "own");
  EXPECT_EQ(nested<std::bad_alloc>([](int i) { return i >= 5 ? throw std::bad_alloc() : i; }), std::bad_alloc().what());
  EXPECT_EQ(nested<std::system_error>(
                [](int i) { return i >= 5 ? throw std::system_error(std::make_error_code(std::errc::file_exists), "file") : i; }),
            "file: File exists");
  EXPECT_EQ(nested<rich_error>([](int i) { return i >= 5 ? throw rich_error(i, {1, 2}) : i; }), "rich");
  if (process_count() > 1) {
    const std::string text = nested<fg::error>([](int i) { return i >= 5 ? throw unknown_error("text") : i; });
    EXPECT_NE(text.find("unknown_error: text"), std::string::npos) << text;
  }
  try {
    pool().submit([](int i) -> int { throw rich_error(i, {4, 5}); }, 7).get();
    FAIL();
  } catch (const rich_error& e) {
    EXPECT_EQ(e.code, 7);
    EXPECT_EQ(e.where, (std::vector<int>{4, 5}));
  }
  EXPECT_THROW(pool().map([](int i) { return i == 3 ? throw 42 : i; }, fg::iota(9)), fg::task_error);
  EXPECT_EQ(pool().sum(fg::iota(1, 28)), 378) << "the ranks are usable afterwards";
}

TEST(mpi_travel, failing_operators_name_the_first_element_of_their_node) {
  const auto op = [](int a, int b) { return a < 0 || b < 0 ? throw std::domain_error("negative") : a + b; };
  std::vector<int> xs(1000, 1);
  xs[701] = -1;
  for (const std::size_t chunk : {0, 1, 16, 5000}) {
    try {
      pool().reduce({.chunk_size = chunk}, op, xs);
      FAIL();
    } catch (const fg::task_error& e) {
      EXPECT_EQ(e.index(), 700u) << chunk;
    }
  }
}

/// A number, and a gap in which an address lies that means nothing.
struct gapped {
  char c;
  std::size_t n;
  std::size_t operator()(std::size_t i) const { return n + i + static_cast<std::size_t>(c); }
};

TEST(mpi_travel, gaps_between_members_are_no_addresses) {
#if defined(__has_builtin) && __has_builtin(__builtin_clear_padding)
  alignas(gapped) std::byte bytes[sizeof(gapped)];
  void* const address = bytes;
  std::memcpy(bytes, &address, sizeof address);
  auto* const f = reinterpret_cast<gapped*>(bytes);
  f->c = 1;
  f->n = 2;
  EXPECT_EQ(pool().map(*f, fg::iota(std::size_t{2})), (std::vector<std::size_t>{3, 4}));
#endif
}

TEST(mpi_travel, addresses_are_refused_and_named) {
  if (process_count() == 1) {
    int n = 3;
    EXPECT_EQ(pool().map([&](int i) { return i + n; }, fg::iota(2)), (std::vector<int>{3, 4}));
    return;
  }
  int here = 3;
  static int global = 4;
  const auto owned = std::make_unique<int>(5);
  const auto refused = [](auto&& call) {
    try {
      call();
      ADD_FAILURE() << "not refused";
    } catch (const std::invalid_argument& e) {
      EXPECT_NE(std::string(e.what()).find("addresses_are_refused"), std::string::npos) << e.what();
      EXPECT_NE(std::string(e.what()).find("common("), std::string::npos) << e.what();
    }
  };
  refused([&] { pool().map([&](int i) { return i + here; }, fg::iota(9)); });
  refused([&] { pool().map([p = &here](int i) { return i + *p; }, fg::iota(9)); });
  refused([&] { pool().map([p = owned.get()](int i) { return i + *p; }, fg::iota(9)); });
  refused([&] { pool().map([p = &global](int i) { return i + *p; }, fg::iota(9)); });
  refused([&] { pool().map([p = &halved](double x) { return p(x); }, std::vector<double>(9)); });
  refused([&] { pool().submit([&here](int i) { return i + here; }, 1); });
  refused([&] { pool().imap([&here](int i) { return i + here; }, fg::iota(9)); });
  refused([&] { pool().reduce([&here](int a, int b) { return a + b + here; }, fg::iota(9)); });
  refused([&] { pool().map_outcomes([&here](int i) { return i + here; }, fg::iota(9)); });
  refused([&] {
    try {
      pool().parallel(fg::delayed([&here](int i) { return i + here; })(1));
    } catch (const fg::task_error& e) {
      std::rethrow_if_nested(e);
    }
  });
}
