// SPDX-License-Identifier: MIT
// Catches what is written to stderr: into a file, or on a pseudo-terminal.
#pragma once

#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <thread>

/// Runs with stderr going to a file; gives what was written.
template <class F>
std::string error_output(F&& run) {
  std::FILE* const file = std::tmpfile();
  std::fflush(stderr);
  const int saved = dup(STDERR_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  run();
  std::fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved);
  std::string text;
  std::rewind(file);
  for (int c; (c = std::fgetc(file)) != EOF;) text.push_back(static_cast<char>(c));
  std::fclose(file);
  return text;
}

/// Runs with stderr on a terminal of so many columns; gives what was written.
template <class F>
std::string terminal_output(unsigned short columns, F&& run) {
  int host = -1, terminal = -1;
  const winsize size{.ws_row = 25, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  if (openpty(&host, &terminal, nullptr, nullptr, &size) != 0) return "no pseudo-terminal";
  std::string text;
  std::thread reader([&] {
    char buffer[4096];
    for (ssize_t n; (n = read(host, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  });
  std::fflush(stderr);
  const int saved = dup(STDERR_FILENO);
  dup2(terminal, STDERR_FILENO);
  close(terminal);
  run();
  std::fflush(stderr);
  dup2(saved, STDERR_FILENO);  // the last one to hold the terminal: the reader sees its end
  close(saved);
  reader.join();
  close(host);
  return text;
}
