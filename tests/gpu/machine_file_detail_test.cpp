// SPDX-License-Identifier: MIT
// The file in which the figures of a machine are kept, against damage and other processes.
#include "../random_bytes.hpp"
#include "../temporary_folder.hpp"

#include <gpu/machine_file.hpp>

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace fs = std::filesystem;
using namespace foldgrid::detail;

namespace {

class machine_file : public testing::Test {
 protected:
  machine_file() {
    record.figures.copy_in = {1.25e10, origin::measured};
    record.functions[0x1234567890abcdef] = {7, {1.5e-9, 2.5e-12}};
    record.functions[1] = {0, {0, 1e-6}};
  }

  const temporary_folder made;
  const fs::path folder = made.path(), file = file_of_machine(folder / "new", "a CPU, 4 workers");
  machine_record record{.cpu = "a CPU, 4 workers", .gpu = "a GPU", .figures = estimated_machine(4), .functions = {}};
};

TEST_F(machine_file, gives_back_what_it_keeps) {
  EXPECT_FALSE(read_machine(file, record.cpu, 4));
  keep_machine(file, record);
  EXPECT_EQ(fs::status(file.parent_path()).permissions(), fs::perms::owner_all);
  const auto found = read_machine(file, record.cpu, 4);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->gpu, "a GPU");
  EXPECT_EQ(found->figures.copy_in.value, 1.25e10);
  EXPECT_EQ(found->figures.copy_in.from, origin::measured);
  EXPECT_EQ(found->figures.cpu_rate.value, 3.2e10);
  EXPECT_EQ(found->figures.cpu_rate.from, origin::estimated);
  EXPECT_EQ(found->functions.size(), 2u);
  EXPECT_EQ(found->functions.at(0x1234567890abcdef).cost.cpu, 1.5e-9);
  EXPECT_EQ(found->functions.at(0x1234567890abcdef).state, 7u);
  EXPECT_EQ(text_of(*found), text_of(record));
  EXPECT_FALSE(read_machine(file, "another CPU, 4 workers", 4));
  EXPECT_NE(file_of_machine(folder, "a CPU, 4 workers"), file_of_machine(folder, "a CPU, 5 workers"));
  EXPECT_NE(name_of_cpu(3).find(", 3 workers"), std::string::npos);
}

TEST_F(machine_file, refuses_what_is_damaged) {
  const std::string good = text_of(record);
  const auto refused = [](const std::string& text, const std::string& words) {
    try {
      record_of(text, 4);
      ADD_FAILURE() << "not refused: " << words;
    } catch (const std::invalid_argument& e) {
      EXPECT_NE(std::string(e.what()).find(words), std::string::npos) << e.what();
    }
  };
  refused("", "line 1: expected \"end\", found \"the end of the file\"");
  refused("foldgrid machine 2\nend\n", "line 1: expected \"foldgrid machine 1\", found \"foldgrid machine 2\"");
  refused("foldgrid machine 1\ncopy_inn 1 measured\nend\n", "line 2: expected a figure's name");
  refused("foldgrid machine 1\ncopy_in fast measured\nend\n", "line 2: expected a number, found \"fast\"");
  refused("foldgrid machine 1\ncopy_in 0 measured\nend\n", "line 2: expected a number from 1e+06 to 1e+15, found \"0\"");
  refused("foldgrid machine 1\ncopy_in nan measured\nend\n", "line 2: expected a number from");
  refused("foldgrid machine 1\ncopy_in 1e9 guessed\nend\n", "line 2: expected \"estimated\" or \"measured\", found \"guessed\"");
  refused("foldgrid machine 1\nfunction 1 2 cpu -1 gpu 0\nend\n", "line 2: expected a number from 0 to");
  refused("foldgrid machine 1\nend\ncopy_in 1e9 measured\n", "line 3: expected nothing after \"end\"");
  for (std::size_t k = 0; k + 4 < good.size(); ++k) EXPECT_THROW(record_of(good.substr(0, k), 4), std::invalid_argument) << "cut at " << k;

  random_rounds(1000, [&](std::mt19937_64& random) {
    const std::string bad = damaged(good, random);
    try {
      const machine_record found = record_of(bad, 4);
      for (const figure_name& each : figure_names) {
        EXPECT_GE((found.figures.*each.member).value, each.least) << each.name;
        EXPECT_LE((found.figures.*each.member).value, each.most) << each.name;
      }
      EXPECT_EQ(text_of(record_of(text_of(found), 4)), text_of(found)) << "what is kept can be read again";
    } catch (const std::invalid_argument&) {
    }
  });
  keep_machine(file, record);
  std::ofstream(file) << good.substr(0, good.size() / 2);
  EXPECT_FALSE(read_machine(file, record.cpu, 4));
  keep_machine(file, record);
  EXPECT_TRUE(read_machine(file, record.cpu, 4));
}

TEST_F(machine_file, is_whole_while_processes_write_it) {
  keep_machine(file, record);
  std::vector<pid_t> children;
  for (int child = 0; child < 2; ++child) {
    const pid_t id = fork();
    ASSERT_GE(id, 0);
    if (id == 0) {
      for (int k = 0; k < 300 + 200 * child; ++k) {
        record.functions[static_cast<std::uint64_t>(k % 100)] = {0, {1e-9, 1e-12}};
        keep_machine(file, record);
      }
      _exit(0);
    }
    children.push_back(id);
  }
  int seen = 0;
  for (std::size_t ended = 0; ended < children.size(); ++seen) {
    if (const auto found = read_machine(file, record.cpu, 4); !found || found->gpu != "a GPU") ADD_FAILURE() << "a part was read";
    if (waitpid(children[ended], nullptr, WNOHANG) > 0) ++ended;
  }
  EXPECT_GT(seen, 10);
  EXPECT_EQ(std::distance(fs::directory_iterator(file.parent_path()), fs::directory_iterator()), 1) << "nothing is left behind";
}

TEST_F(machine_file, does_without_a_disk) {
  keep_machine("/dev/null/nowhere/machine.txt", record);
  EXPECT_FALSE(read_machine("/dev/null/nowhere/machine.txt", record.cpu, 4));
  EXPECT_FALSE(read_machine(folder, record.cpu, 4)) << "a folder";
}

}  // namespace
