// SPDX-License-Identifier: MIT
// Starts children with posix_spawn: forking would copy a process that the driver has mapped much memory into.
#include "child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <sstream>
#include <system_error>

namespace gpu_check {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& each : texts) result.push_back(each.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> changed_environment(const std::vector<std::pair<std::string, std::string>>& changes) {
  std::vector<std::string> result;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string text = *each;
    bool kept = true;
    for (const auto& [name, value] : changes) kept = kept && !text.starts_with(name + "=");
    if (kept) result.push_back(text);
  }
  for (const auto& [name, value] : changes) result.push_back(name + "=" + value);
  return result;
}

}  // namespace

std::string child_result::line(const std::string& key) const {
  std::istringstream lines(output);
  for (std::string each; std::getline(lines, each);)
    if (each.starts_with(key + " ")) return each.substr(key.size() + 1);
  return {};
}

double child_result::number(const std::string& key) const {
  const std::string text = line(key);
  return text.empty() ? std::nan("") : std::strtod(text.c_str(), nullptr);
}

child_result run_again(const std::vector<std::string>& arguments, const std::vector<std::pair<std::string, std::string>>& environment) {
  std::vector<std::string> words{"/proc/self/exe"}, variables = changed_environment(environment);
  words.insert(words.end(), arguments.begin(), arguments.end());
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 2);
  pid_t process = 0;
  const int failed = posix_spawn(&process, words[0].c_str(), &actions, nullptr, pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);
  child_result result{0, {}};
  char buffer[4096];
  while (failed == 0) {
    const ssize_t got = read(pipe_ends[0], buffer, sizeof buffer);
    if (got <= 0) break;
    result.output.append(buffer, static_cast<std::size_t>(got));
  }
  close(pipe_ends[0]);
  if (failed != 0) throw std::system_error(failed, std::generic_category(), "starting this program again");
  int status = 0;
  waitpid(process, &status, 0);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace gpu_check
