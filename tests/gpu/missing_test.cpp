// SPDX-License-Identifier: MIT
// A machine without a GPU that can be used, in one way at a time: executors say why, and automatic ones work on the threads.
#include <foldgrid/foldgrid.hpp>

#include <cstdio>
#include <cstring>
#include <vector>

namespace fg = foldgrid;

FOLDGRID_FUNCTION(cube, (double x), {
  double result = 1;
  for (int i = 0; i < 3; ++i) result *= x;
  return result;
})

/// Called with the words that the reason must have: in the constructor's exception, or, after `late`, in the first call's.
int main(int argc, char** argv) {
  const bool late = argc > 1 && std::strcmp(argv[1], "late") == 0;
  const std::vector<double> xs(100'000, 2.0);
  int wrong = 0;
  const auto expect = [&](const char* what, const std::string& text) {
    for (int k = late ? 2 : 1; k < argc; ++k)
      if (text.find(argv[k]) == std::string::npos) {
        std::printf("%s does not say \"%s\": %s\n", what, argv[k], text.c_str());
        ++wrong;
      }
  };
  try {
    const fg::executor gpu{{.where = fg::backend::gpu}};
    if (!late) {
      std::printf("there is a GPU\n");
      return 1;
    }
    static_cast<void>(gpu.map(cube, xs));
    std::printf("the call went to the GPU\n");
    return 1;
  } catch (const fg::backend_unavailable& e) {
    expect("the exception", e.what());
  }
  fg::run_report report;
  const fg::executor automatic;
  const auto found = automatic.map({.report = &report}, cube, xs);
  if (found != std::vector<double>(xs.size(), 8.0)) wrong += std::printf("the result is wrong\n");
  if (report.where != fg::backend::threads) wrong += std::printf("it did not run on the threads\n");
  expect("the report", report.reason);
  return wrong != 0;
}
