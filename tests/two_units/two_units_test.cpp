// SPDX-License-Identifier: MIT
// The same verbs and operators used from two units link into one program and agree.
#include "verbs.hpp"

#include <gtest/gtest.h>

TEST(two_units, agree) {
  for (const int workers : {1, 3}) {
    const foldgrid::executor pool{{.where = foldgrid::backend::threads, .workers = workers}};
    EXPECT_EQ(in_the_first_unit(pool), in_the_second_unit(pool));
    EXPECT_EQ(in_the_first_unit(pool), all_verbs(foldgrid::executor{{.where = foldgrid::backend::serial}}));
  }
}
