// SPDX-License-Identifier: MIT
// Random values of every environment variable that the library reads, each set in a process of its own: the results stay the same, or
// the error is one of foldgrid's.
#include "random_bytes.hpp"
#include "temporary_folder.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gpu/experience.hpp>
#include <gpu/kernel_cache.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fg = foldgrid;

namespace environment_test {
FOLDGRID_FUNCTION(square, (double x), { return x * x; })
}  // namespace environment_test

namespace {

constexpr const char* variables[] = {"FOLDGRID_LOG",         "FOLDGRID_CACHE", "FOLDGRID_PLACEMENT", "FOLDGRID_MACHINE",
                                     "FOLDGRID_CUDA_DRIVER", "FOLDGRID_NVRTC", "CUDA_HOME",          "XDG_CACHE_HOME"};

/// A word that means something, a file's name, a long one, or bytes; a path stays below the current folder.
std::string value(std::mt19937_64& random) {
  constexpr const char* words[] = {"",       "off", "info", "cpu", "gpu",  "0",         "-1",      "99999999999999999999",
                                   "random", ".",   "..",   "~",   "%s%n", "/dev/null", "machine", "info "};
  switch (random() % 4) {
    case 0:
      return std::string(random() % 6000, 'x');
    case 1: {
      std::string bytes = random_bytes(random, 1 + random() % 40);
      std::replace(bytes.begin(), bytes.end(), '\0', '0');
      std::replace(bytes.begin(), bytes.end(), '/', '1');
      return bytes;
    }
    default:
      return words[random() % std::size(words)];
  }
}

/// What a program does with the library; gives what went wrong.
std::string used() {
  namespace cuda = foldgrid::detail::cuda;
  std::vector<double> xs(50'000);
  for (std::size_t i = 0; i < xs.size(); ++i) xs[i] = 1.0 / static_cast<double>(i + 1);
  const fg::executor any, serial{{.where = fg::backend::serial}};
  if (any.sum(xs) != serial.sum(xs)) return "sum";
  if (any.map(environment_test::square, xs) != serial.map(environment_test::square, xs)) return "map";
  try {
    const fg::executor gpu{{.where = fg::backend::gpu}};
    if (gpu.sum(xs) != serial.sum(xs)) return "sum on a GPU";
  } catch (const fg::backend_unavailable&) {
  }
  foldgrid::detail::experience::get().took_here({1, 2}, {.n = 1'000'000, .bytes_moved = 1'000'000}, 1, 1.0);  // is kept
  const cuda::kernel_cache& cache = cuda::kernel_cache::get();
  const std::string key = cuda::kernel_cache::key_of("text", 90);
  cache.keep(key, "code");
  if (const auto found = cache.find(key); found && *found != "code") return "kernel";
  static_cast<void>(cache.count());
  return "";
}

TEST(environment, random_values_change_no_result) {
  const temporary_folder at;
  const std::string machine =
      "foldgrid machine 1\ncpu a CPU\ngpu a GPU\ncopy_in 1.25e+10 measured\nfunction 12 0 cpu 1e-09 gpu 1e-12\nend\n";
  random_rounds(40, [&](std::mt19937_64& random) {
    const std::filesystem::path folder = at / "here/below";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "machine") << (random() % 4 == 0 ? machine : damaged(machine, random));
    std::ofstream(folder / "random") << random_bytes(random, 5000);
    std::string set;
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    for (const char* const name : variables) {
      const std::string chosen = random() % 2 == 0 ? value(random) : "";
      if (child == 0) setenv(name, chosen.c_str(), 1);
      set += std::string(name) + "=" + testing::PrintToString(chosen) + " ";
    }
    if (child == 0) {
      alarm(60);
      if (chdir(folder.c_str()) != 0 || dup2(open("/dev/null", O_WRONLY), STDERR_FILENO) < 0) _exit(2);
      setenv("HOME", folder.c_str(), 1);
      try {
        const std::string wrong = used();
        std::printf("%s", wrong.c_str());
        std::fflush(stdout);
        _exit(wrong.empty() ? 0 : 1);
      } catch (const std::exception& e) {
        std::printf("threw %s\n", e.what());
        std::fflush(stdout);
        _exit(1);
      }
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status << " with " << set;
    std::filesystem::remove_all(folder);
  });
}

}  // namespace
