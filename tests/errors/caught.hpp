// SPDX-License-Identifier: MIT
// Runs something that must throw and gives what it threw.
#pragma once

#include <foldgrid/error.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <typeinfo>

template <class Error, class F>
std::optional<Error> caught(F&& run) {
  try {
    static_cast<void>(run());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& e) {
    return e;
  } catch (const std::exception& e) {
    ADD_FAILURE() << "another error: " << typeid(e).name() << ": " << e.what();
  }
  return std::nullopt;
}

/// Index of the task_error that the run must throw.
template <class F>
std::size_t failing_index(F&& run) {
  const auto error = caught<foldgrid::task_error>(run);
  return error ? error->index() : static_cast<std::size_t>(-1);
}

/// Expects the misuse `run` to be refused with all of `words` in the message.
template <class Error = std::invalid_argument, class F, class... Word>
void expect_refused(F&& run, const Word&... words) {
  if (const auto error = caught<Error>(run)) {
    const std::string what = error->what();
    for (const std::string& word : {std::string(words)...})
      EXPECT_NE(what.find(word), std::string::npos) << "no \"" << word << "\" in: " << what;
  }
}
