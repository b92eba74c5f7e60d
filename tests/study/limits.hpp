// SPDX-License-Identifier: MIT
// Takes rights and room away from a test, for as long as an object lives.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

/// Runs as an ordinary user, whom permissions bind, for as long as it lives.
class ordinary_user {
 public:
  ordinary_user() : was_(geteuid()) {
    if (was_ == 0 && seteuid(65534) != 0) std::abort();
  }
  ~ordinary_user() {
    if (was_ == 0 && seteuid(was_) != 0) std::abort();
  }

 private:
  uid_t was_;
};

/// Files cannot grow beyond so many bytes, for as long as it lives.
class file_limit {
 public:
  explicit file_limit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~file_limit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};
