// SPDX-License-Identifier: MIT
// Uses a GPU in every way while the stand-ins for driver and NVRTC make trouble: faults_program MODE CALL. Every step must give the serial
// backend's result, or an error that says what is wrong; nothing may be left allocated, and the CPU goes on. MODE: gpu, automatic, compile
// (user functions alone), reset (cudaDeviceReset by somebody else), fork. CALL is the one that fails, or none.
#include <foldgrid/cuda.cuh>

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace fg = foldgrid;

FOLDGRID_FUNCTOR(affine, (double a; double b;), (double x), { return a * x + b; })
FOLDGRID_FUNCTOR(element_of, (fg::view<const double> xs;), (std::size_t i), { return xs[i]; })
FOLDGRID_FUNCTION(positive_root, (double x), {
  if (x < 0) return fg::fail(3), 0.0;
  return sqrt(x);
})
FOLDGRID_FUNCTION(rounds, (std::size_t x), {
  for (int i = 0; i < 3; ++i) x = x * 6364136223846793005u + 1442695040888963407u;
  return x;
})

FOLDGRID_STRUCT(wide, (std::uint64_t words[8];))
FOLDGRID_FUNCTION(low_word, (wide x), { return x.words[0]; })
FOLDGRID_FUNCTION(only_looks, (double x), { (void)x; })

namespace {

template <class F>
F call_of_driver(const char* name) {
  void* const driver = dlopen(std::getenv("FOLDGRID_CUDA_DRIVER"), RTLD_NOW | RTLD_NOLOAD);
  return driver ? reinterpret_cast<F>(dlsym(driver, name)) : nullptr;
}

int wrong = 0, correct = 0, refused = 0;
std::string first_error;

void tell(const char* step, const char* what) {
  std::printf("WRONG  %s: %s\n", step, what);
  ++wrong;
}

/// A step is right, or an error of foldgrid that says something.
template <class Step>
void expect(const char* name, Step&& step) {
  try {
    if (step()) {
      ++correct;
    } else {
      tell(name, "another result");
    }
  } catch (const fg::task_error& e) {
    tell(name, e.what());
  } catch (const fg::error& e) {
    if (std::strlen(e.what()) < 30) tell(name, e.what());
    if (refused++ == 0) first_error = e.what();
  } catch (const std::invalid_argument& e) {  // NVRTC gave up: said under backend::gpu
    if (std::string(e.what()).find("does not compile for the GPU") == std::string::npos) tell(name, e.what());
    if (refused++ == 0) first_error = e.what();
  } catch (const std::exception& e) {
    tell(name, e.what());
  }
}

const fg::executor& serial() {
  static const fg::executor made{{.where = fg::backend::serial}};
  return made;
}

void use(const fg::executor& pool, bool all) {
  std::vector<double> xs(40'000), ys(std::size_t{1} << 18);
  for (std::size_t i = 0; i < xs.size(); ++i) xs[i] = static_cast<double>(i % 1000) / 7;
  for (std::size_t i = 0; i < ys.size(); ++i) ys[i] = static_cast<double>(i % 999) / 3;
  const fg::options quiet;
  fg::run_report report;
  expect("map", [&] { return pool.map({.report = &report}, affine{2, 1}, ys) == serial().map(affine{2, 1}, ys); });
  expect("map with a loop",
         [&] { return pool.map(rounds, fg::iota(std::size_t{70'000})) == serial().map(rounds, fg::iota(std::size_t{70'000})); });
  if (!all) return;
  expect("nothing", [&] {
    pool.map(only_looks, ys);
    return true;
  });
  expect("large arrays, in two pieces, copied back to pinned memory", [&] {
    std::vector<wide> large((std::size_t{1} << 18) + 70'000);
    for (std::size_t i = 0; i < large.size(); ++i) large[i].words[0] = i * i;
    std::vector<std::uint64_t> words(large.size());
    const auto hold = fg::pin(words);
    pool.map_into(words, low_word, large);
    for (std::size_t i = 0; i < words.size(); ++i)
      if (words[i] != i * i) return false;
    return pool.map(low_word, large) == words;
  });
  expect("a reduction of large items", [&] {
    std::vector<wide> some(40'000);
    for (std::size_t i = 0; i < some.size(); ++i) some[i].words[0] = i * i;
    return pool.map_reduce(low_word, std::plus<>{}, some) == serial().map_reduce(low_word, std::plus<>{}, some);
  });
  expect("a reduction that may fail",
         [&] { return pool.map_reduce(positive_root, std::plus<>{}, xs) == serial().map_reduce(positive_root, std::plus<>{}, xs); });
  expect("sum", [&] { return pool.sum(xs) == serial().sum(xs); });
  expect("argmin", [&] { return pool.argmin(xs) == serial().argmin(xs); });
  expect("columns",
         [&] { return pool.reduce_columns(std::plus<>{}, xs, 400, 100) == serial().reduce_columns(std::plus<>{}, xs, 400, 100); });
  expect("failure", [&] {
    std::vector<double> some(40'000, 2.0);
    some[777] = -1;
    try {
      pool.map(positive_root, some);
      return false;
    } catch (const fg::task_error& e) {
      return e.index() == 777 && e.code() == 3;
    }
  });
  expect("chain", [&] {
    const auto there = pool.to_device(xs);
    const auto more = pool.map(affine{3, 1}, there);
    const double sum = pool.sum(more);
    return sum == serial().sum(serial().map(affine{3, 1}, xs)) && more.to_vector() == serial().map(affine{3, 1}, xs);
  });
  expect("memory of the caller's, after a stream", [&] {
    const auto there = pool.to_device(xs);
    const double* const at = there.view().gpu_data();  // null where an automatic executor has gone on in the host's memory
    return at == nullptr || pool.sum(fg::device_range(at, xs.size())) == serial().sum(xs);
  });
  expect("captured into a graph", [&] {
    const auto there = pool.to_device(xs);
    auto value = pool.to_device(std::vector<double>(1));
    const double* const at = there.view().gpu_data();
    double* const to = value.view().gpu_data();
    if (at == nullptr || to == nullptr) return true;
    foldgrid::detail::cuda::stream_object stream;
    cudaStreamBeginCapture(&stream);
    const auto capture = [&] {
      pool.reduce_into(fg::device_range(to, 1, &stream), std::plus<>{}, fg::device_range(at, xs.size(), &stream));
    };
    try {
      capture();
    } catch (...) {
      cudaStreamEndCapture(&stream);
      throw;
    }
    const cudaGraph_t graph = cudaStreamEndCapture(&stream);
    cudaGraphLaunch(graph, &stream);
    return cudaStreamSynchronize(&stream) == cudaSuccess && value.to_vector()[0] == serial().sum(xs);
  });
  expect("share", [&] { return pool.map(element_of{pool.share(xs)}, fg::iota(xs.size())) == xs; });
  expect("a long call in pieces", [&] {
    std::size_t told = 0;
    const std::size_t n = (std::size_t{1} << 18) + 777;
    const auto found =
        pool.map_reduce({.progress = [&](std::size_t done, std::size_t) { told = done; }}, rounds, std::plus<>{}, fg::iota(n));
    return told == n && found == serial().map_reduce(rounds, std::plus<>{}, fg::iota(n));
  });
}

/// The CPU works whatever the GPU does.
void use_cpu() {
  const fg::executor threads{{.where = fg::backend::threads, .workers = 2}};
  const fg::executor automatic;
  if (threads.sum(fg::iota(1000)) != 499'500) tell("threads", "another result");
  try {
    if (automatic.map(rounds, fg::iota(std::size_t{70'000})) != serial().map(rounds, fg::iota(std::size_t{70'000})))
      tell("automatic afterwards", "another result");
  } catch (const fg::broken_executor&) {  // lost in this very call: the next one knows
    if (automatic.map(rounds, fg::iota(std::size_t{70'000})) != serial().map(rounds, fg::iota(std::size_t{70'000})))
      tell("automatic afterwards", "another result");
  } catch (const std::exception& e) {
    tell("automatic afterwards", e.what());
  }
}

void reset() {
  const fg::executor gpu{{.where = fg::backend::gpu}};
  const auto there = gpu.to_device(std::vector<double>{1, 2, 3});
  call_of_driver<void (*)()>("software_cuda_reset")();
  const auto is_broken = [](auto&& step, const char* name) {
    try {
      step();
      tell(name, "no error");
    } catch (const fg::broken_executor& e) {
      if (std::string(e.what()).find("lost") == std::string::npos) tell(name, e.what());
      first_error = e.what();
      ++refused;
    }
  };
  is_broken([&] { gpu.sum(std::vector<double>(10, 1.0)); }, "sum after a reset");
  is_broken([&] { there.to_vector(); }, "to_vector after a reset");
  is_broken([&] { gpu.to_device(std::vector<double>(10, 1.0)); }, "to_device after a reset");
  ++correct;
}

void fork_one() {
  const fg::executor gpu{{.where = fg::backend::gpu}};
  const auto there = gpu.to_device(std::vector<double>{1, 2, 3});
  const pid_t child = fork();
  if (child == 0) {
    int caught = 0;
    try {
      gpu.sum(std::vector<double>(10, 1.0));
    } catch (const fg::broken_executor&) {
      ++caught;
    }
    try {
      there.to_vector();
    } catch (const fg::broken_executor&) {
      ++caught;
    }
    try {
      const fg::executor another{{.where = fg::backend::gpu}};
    } catch (const fg::backend_unavailable& e) {
      if (std::string(e.what()).find("forked child") != std::string::npos) ++caught;
    }
    const fg::executor automatic;  // goes on on the threads
    const auto n = fg::iota(std::size_t{70'000});
    if (automatic.map(rounds, n) == serial().map(rounds, n)) ++caught;
    _exit(caught == 4 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) tell("fork", "the child was not told");
  if (gpu.sum(there) != 6) tell("fork", "the parent's array is gone");
  ++correct;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "gpu", failing = argc > 2 ? argv[2] : "none";
  if (mode == "reset") {
    reset();
  } else if (mode == "fork") {
    fork_one();
  } else {
    try {
      const fg::executor pool{{.where = mode == "automatic" ? fg::backend::automatic : fg::backend::gpu, .workers = 2}};
      use(pool, mode != "compile");
    } catch (const fg::backend_unavailable& e) {
      first_error = e.what();
      ++refused;
    }
  }
  use_cpu();
  const auto count = call_of_driver<std::size_t (*)(const char*)>("software_cuda_count");
  const auto blocks = call_of_driver<std::size_t (*)()>("software_cuda_blocks");
  // what each stream keeps between calls is no leak
  if (blocks && blocks() > 2 * count("cuStreamCreate") && std::getenv("SOFTWARE_CUDA_LOST_AT") == nullptr &&
      failing.find("Free") == std::string::npos && failing != "cuCtxPushCurrent" && mode != "reset")
    tell("memory", "left allocated");
  std::printf("%d correct, %d refused, %d wrong; calls of %s: %zu; %s\n", correct, refused, wrong, failing.c_str(),
              count ? count(failing.c_str()) : 0, first_error.c_str());
  return wrong == 0 && correct + refused > 0 ? 0 : 1;
}
