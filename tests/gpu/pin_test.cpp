// SPDX-License-Identifier: MIT
// Memory of the host that its owner has pinned, on the software GPU.
#include "executors.hpp"
#include "large_arrays.hpp"
#include "stand_in.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace fg = foldgrid;

FOLDGRID_FUNCTION(square, (double x), { return x * x; })

namespace {

TEST(pin, memory_is_copied_where_it_lies) {
  auto xs = numbers<double>(many);
  std::vector<double> results(many);
  const double sum = threads().sum(xs);
  const auto squares = threads().map(square, xs);
  {
    const auto in = fg::pin(xs), out = fg::pin(results);
    ASSERT_TRUE(in.active()) << in.reason();
    EXPECT_EQ(gpu().sum(xs), sum);
    gpu().map_into(results, square, xs);
    EXPECT_EQ(results, squares);
    const auto again = fg::pin(xs);
    EXPECT_FALSE(again.active()) << "it is pinned already";
    EXPECT_NE(again.reason().find("cuMemHostRegister"), std::string::npos) << again.reason();
    EXPECT_EQ(count("cuMemHostUnregister"), 0u);
  }
  EXPECT_EQ(count("cuMemHostUnregister"), 2u);
  EXPECT_EQ(gpu().sum(xs), sum) << "pinned no more";
}

TEST(pin, a_part_of_what_is_copied) {
  auto few = numbers<double>(10'000), xs = numbers<double>(many);
  for (auto* const each : {&few, &xs}) {
    const auto squares = threads().map(square, *each);
    const std::span<double> middle = std::span(*each).subspan(each->size() / 3, each->size() / 2);
    std::vector<double> results(each->size());
    const std::span<double> half = std::span(results).first(each->size() / 2);
    const auto in = fg::pin(middle), out = fg::pin(half);
    ASSERT_TRUE(in.active()) << in.reason();
    EXPECT_EQ(gpu().sum(*each), threads().sum(*each));
    gpu().map_into(results, square, *each);
    EXPECT_EQ(results, squares);
    gpu().to_device(*each).copy_to(results);
    EXPECT_EQ(results, *each);
  }
}

TEST(pin, empty_ranges_and_moves) {
  std::vector<double> none;
  EXPECT_FALSE(fg::pin(none).active());
  std::vector<double> xs(1000, 1.0);
  auto hold = fg::pin(xs);
  fg::pinned other = std::move(hold);
  EXPECT_TRUE(other.active());
  EXPECT_FALSE(hold.active());
  hold = std::move(other);
  EXPECT_TRUE(hold.active());
}

}  // namespace
