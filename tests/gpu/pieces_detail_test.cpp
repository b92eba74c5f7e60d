// SPDX-License-Identifier: MIT
// However long launches take, the pieces of a call are nodes of its tree and cover it, and get shorter when they take long.
#include <gpu/pieces.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>

using foldgrid::detail::cuda::piece;
using foldgrid::detail::cuda::pieces;

TEST(pieces, are_nodes_of_the_tree_and_cover_it) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int run = 0; run < 1000; ++run) {
    const std::size_t n = 1 + random() % (std::size_t{1} << (1 + random() % 30));
    pieces cut(n, true, true);
    std::size_t end = 0;
    for (piece now = cut.next(0);; now = cut.next(std::uniform_real_distribution<>(0, 1)(random))) {
      ASSERT_EQ(now.first, end);
      ASSERT_GT(now.count, 0u);
      end += now.count;
      ASSERT_LE(now.count, cut.longest());
      ASSERT_EQ(now.is_last, end == n);
      if (now.is_last) {
        ASSERT_TRUE(now.first == 0 || now.count <= (now.first & (~now.first + 1))) << now.first << " " << now.count;
        break;
      }
      ASSERT_TRUE(std::has_single_bit(now.count)) << now.count;
      ASSERT_EQ(now.first % now.count, 0u) << now.first << " " << now.count;
    }
  }
}

TEST(pieces, follow_the_clock) {
  pieces quick(std::size_t{1} << 30, true, true), slow(std::size_t{1} << 30, true, true);
  int launches = 0;
  for (piece now = quick.next(0); !now.is_last; now = quick.next(1e-3)) ++launches;
  EXPECT_LE(launches, 13) << "each twice as long as the one before";
  slow.next(0);
  EXPECT_EQ(slow.next(1.0).count, std::size_t{1} << 16);
}

TEST(pieces, fit_into_the_room_there_is) {
  for (const bool loops : {false, true}) {
    pieces cut((std::size_t{1} << 20) + 5, loops, true, std::size_t{1} << 16);
    for (piece now = cut.next(0);; now = cut.next(0)) {
      ASSERT_LE(now.count, std::size_t{1} << 16);
      ASSERT_EQ(now.first % (std::size_t{1} << 16), 0u);
      if (now.is_last) break;
    }
  }
}

TEST(pieces, are_one_where_nothing_is_gained) {
  EXPECT_TRUE(pieces(std::size_t{1} << 30, false, true).next(0).is_last);
  EXPECT_FALSE(pieces(std::size_t{1} << 35, false, true).next(0).is_last);
  EXPECT_TRUE(pieces(std::size_t{1} << 35, true, false).next(0).is_last);
  EXPECT_TRUE(pieces(1000, true, true).next(0).is_last);
}
