// SPDX-License-Identifier: MIT
// By default there is one worker per core that this process may use.
#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace fg = foldgrid;

static std::string device_of(const fg::executor& pool) {
  fg::run_report report;
  pool.map({.report = &report}, [](int i) { return i; }, fg::iota(10));
  return report.device;
}

TEST(affinity, one_core_gives_one_worker) {
  const pid_t child = fork();
  if (child == 0) {
    cpu_set_t mine, one;
    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof mine, &mine) != 0) _exit(2);
    int core = 0;
    while (!CPU_ISSET(core, &mine)) ++core;
    CPU_SET(core, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0) _exit(3);
    const bool automatic = device_of(fg::executor{}) == "1 worker";
    const bool threads = device_of(fg::executor{{.where = fg::backend::threads}}) == "1 worker";
    const bool asked = device_of(fg::executor{{.where = fg::backend::threads, .workers = 3}}) == "3 workers";
    _exit(automatic && threads && asked ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}
