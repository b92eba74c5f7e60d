// SPDX-License-Identifier: MIT
// What a forked child makes of an executor: its exit status, and whether an error says that it is broken.
#pragma once

#include <foldgrid/error.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

/// Exit status of what `run` returns in a forked child; -1 when it hangs or crashes.
template <class F>
int in_a_child(F&& run) {
  const pid_t child = fork();
  if (child == 0) _exit(run());
  for (int i = 0; i < 1000; ++i) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child) return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return -1;
}

/// True when it throws the error of an executor that was made before the fork.
template <class F>
bool broken(F&& run) {
  try {
    static_cast<void>(run());
    return false;
  } catch (const foldgrid::broken_executor& e) {
    return std::string(e.what()).find("forked") != std::string::npos;
  }
}
