// SPDX-License-Identifier: MIT
// Random verbs, sizes, workers, chunks and operators, compared with the reference; FOLDGRID_RANDOM_RUNS says how many.
#include "contract/one_pass.hpp"
#include "contract/reference.hpp"
#include "contract/strand.hpp"
#include "seed.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace fg = foldgrid;

namespace {

FOLDGRID_FUNCTION(cubic, (double x), { return (x * x - 0.3) * x; })
FOLDGRID_FUNCTION(crossed, (double x, double y), { return x * y - y; })

const auto text = [](const strand& s) { return std::to_string(s.first) + "-" + std::to_string(s.last); };
const auto bracket = [](const std::string& a, const std::string& b) {
  std::string both = "(";
  return both.append(a).append(b).append(")");
};

/// One random program: an executor, options, and data; every call of `step` is one random verb.
class program {
 public:
  explicit program(std::uint64_t seed) : random_(seed) {
    const std::uint64_t workers = pick(12);
    pool_ = std::make_unique<fg::executor>(
        workers == 0 ? fg::executor_options{.where = fg::backend::serial}
                     : fg::executor_options{.where = fg::backend::threads, .workers = workers == 11 ? 64 : workers});
  }

  void step() {
    const std::size_t n = size();
    const fg::options asked{.chunk_size = pick(3) == 0 ? 0 : pick(2 * n + 2), .sync = pick(4) == 0};
    const auto doubles = random_values<double>(n, kind::special, random_());
    switch (pick(12)) {
      case 0:
        return same(pool_->sum(asked, doubles), fg::tree_reduce(std::plus<>{}, doubles), "sum");
      case 1:
        return same(pool_->reduce(std::plus<>{}, doubles), tree_by_definition(std::plus<>{}, doubles), "reduce of built-in +");
      case 2:
        return same(pool_->reduce(asked, fg::max, doubles), fg::tree_reduce(fg::max, doubles), "max");
      case 3:
        return same(pool_->reduce(asked, join, strands(n)), fg::tree_reduce(join, strands(n)), "reduce of strands");
      case 4:
        return same(pool_->reduce(asked, join, one_pass(strands(n))), fg::tree_reduce(join, strands(n)), "stream of strands");
      case 5:
        return same(pool_->map_reduce(asked, strand_at, join, fg::iota(std::uint64_t{n})), fg::tree_reduce(join, strands(n)), "map_reduce");
      case 6: {
        std::vector<std::string> words;
        for (const strand& s : strands(n)) words.push_back(text(s));
        return same(pool_->reduce(asked, bracket, words), fg::tree_reduce(bracket, words), "reduce of text");
      }
      case 7: {
        std::vector<double> expected;
        for (const double x : doubles) expected.push_back(cubic(x));
        return same(pool_->map(asked, cubic, doubles), expected, "map");
      }
      case 8: {
        const auto others = random_values<double>(n + pick(3), kind::wild, random_());
        std::vector<double> expected;
        for (std::size_t i = 0; i < n; ++i) expected.push_back(crossed(doubles[i], others[i]));
        return same(pool_->map_reduce(asked, crossed, std::plus<>{}, doubles, others), fg::tree_reduce(std::plus<>{}, expected), "dot");
      }
      case 9:
        return rows_and_columns(asked);
      case 10: {
        const fg::executor serial{{.where = fg::backend::serial}};
        same(pool_->minmax(asked, doubles).min, serial.minmax(doubles).min, "minmax");
        same(pool_->argmax(asked, doubles), serial.argmax(doubles), "argmax");
        return same(pool_->first_nonfinite(asked, doubles).value_or(n), serial.first_nonfinite(doubles).value_or(n), "first_nonfinite");
      }
      default: {  // a random failing item
        const std::size_t bad = pick(n), worse = bad + pick(n - bad);
        const auto fails = [=](std::size_t i) { return i == bad || i == worse ? throw 1 : i; };
        try {
          static_cast<void>(pool_->map_reduce(asked, fails, std::plus<>{}, fg::iota(n)));
          ADD_FAILURE() << "no error";
        } catch (const fg::task_error& e) {
          same(e.index(), bad, "smallest failing index");
        }
      }
    }
  }

 private:
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }
  std::size_t size() {
    const std::size_t power = std::size_t{1} << pick(15);
    return pick(2) == 0 ? power + pick(3) - (power > 1 ? 1 : 0) : 1 + pick(power);
  }
  template <class T>
  void same(const T& found, const T& expected, const char* what) {
    EXPECT_TRUE(same_bits(found, expected)) << what;
  }

  void rows_and_columns(const fg::options& asked) {
    const std::size_t rows = 1 + pick(pick(2) == 0 ? 20 : 600), columns = 1 + pick(pick(2) == 0 ? 20 : 100);
    const auto leaves = strands(rows * columns);
    std::vector<strand> by_row, by_column;
    for (std::size_t r = 0; r < rows; ++r) {
      const auto begin = leaves.begin() + static_cast<std::ptrdiff_t>(r * columns);
      by_row.push_back(fg::tree_reduce(join, std::vector<strand>(begin, begin + static_cast<std::ptrdiff_t>(columns))));
    }
    for (std::size_t c = 0; c < columns; ++c) {
      std::vector<strand> column;
      for (std::size_t r = 0; r < rows; ++r) column.push_back(leaves[r * columns + c]);
      by_column.push_back(fg::tree_reduce(join, column));
    }
    EXPECT_TRUE(pool_->reduce_rows(asked, join, leaves, rows, columns) == by_row) << rows << " x " << columns;
    EXPECT_TRUE(pool_->reduce_columns(asked, join, leaves, rows, columns) == by_column) << rows << " x " << columns;
  }

  std::mt19937_64 random_;
  std::unique_ptr<fg::executor> pool_;
};

}  // namespace

TEST(random_programs, give_the_references_bits) {
  const char* const given = std::getenv("FOLDGRID_RANDOM_RUNS");
  const long runs = given ? std::strtol(given, nullptr, 0) : 200;
  for (long run = 0; run < runs; ++run) {
    SCOPED_TRACE("program " + std::to_string(run) + " of FOLDGRID_SEED=" + std::to_string(test_seed()));
    program random(test_seed() + static_cast<std::uint64_t>(run) * 0x9E3779B97F4A7C15u);
    for (int step = 0; step < 25; ++step) random.step();
    if (testing::Test::HasFailure()) return;
  }
}
