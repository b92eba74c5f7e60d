// SPDX-License-Identifier: MIT
// Tests a detail: reading CPU quotas from control groups, with made-up folders.
#include <cpu/cores.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>

namespace files = std::filesystem;
using foldgrid::detail::quota_cores;

class cores_detail : public testing::Test {
 protected:
  void SetUp() override { files::create_directories(mount); }
  void TearDown() override { files::remove_all(mount); }
  void write(const std::string& file, const std::string& text) {
    files::create_directories((mount / file).parent_path());
    std::ofstream(mount / file) << text;
  }
  const files::path mount = files::temp_directory_path() / ("foldgrid_cores_" + std::to_string(getpid()));
};

TEST_F(cores_detail, version_2_rounds_up) {
  write("box/cpu.max", "150000 100000\n");
  EXPECT_EQ(quota_cores("0::/box\n", mount), 2u);
  write("box/cpu.max", "200000 100000\n");
  EXPECT_EQ(quota_cores("0::/box\n", mount), 2u);
  write("box/cpu.max", "1000 100000\n");
  EXPECT_EQ(quota_cores("0::/box\n", mount), 1u);
}

TEST_F(cores_detail, no_limit) {
  EXPECT_EQ(quota_cores("0::/box\n", mount), 0u);
  write("box/cpu.max", "max 100000\n");
  EXPECT_EQ(quota_cores("0::/box\n", mount), 0u);
  EXPECT_EQ(quota_cores("", mount), 0u);
}

TEST_F(cores_detail, the_limit_of_a_parent_counts) {
  write("cpu.max", "800000 100000\n");
  write("slice/cpu.max", "300000 100000\n");
  write("slice/box/cpu.max", "max 100000\n");
  EXPECT_EQ(quota_cores("0::/slice/box\n", mount), 3u);
  write("slice/box/cpu.max", "100000 100000\n");
  EXPECT_EQ(quota_cores("0::/slice/box\n", mount), 1u);
  EXPECT_EQ(quota_cores("0::/\n", mount), 8u);
  EXPECT_EQ(quota_cores("0::/elsewhere\n", mount), 8u);
}

TEST_F(cores_detail, version_1) {
  write("cpu,cpuacct/box/cpu.cfs_quota_us", "250000\n");
  write("cpu,cpuacct/box/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota_cores("5:memory:/box\n4:cpu,cpuacct:/box\n", mount), 3u);
  write("cpu,cpuacct/box/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(quota_cores("4:cpu,cpuacct:/box\n", mount), 0u);
  EXPECT_EQ(quota_cores("4:cpuset:/box\n", mount), 0u);
}

TEST_F(cores_detail, texts_that_make_no_sense_are_no_limit) {
  for (const std::string text : {"", "\n", "nonsense", "-5 100000", "0 0", "100000", "99999999999999999999999 1"}) {
    write("box/cpu.max", text);
    EXPECT_EQ(quota_cores("0::/box\n", mount), 0u) << text;
  }
  for (const std::string text : {"::", ":", "0:", "0::", "no colon"}) EXPECT_EQ(quota_cores(text, mount), 0u) << text;
}

TEST(usable_cores, there_is_at_least_one) { EXPECT_GE(foldgrid::detail::usable_cores(), 1u); }
