// SPDX-License-Identifier: MIT
// What only the software GPU can tell: how often the driver and the compiler were asked, and what a call leaves behind.
#include "executors.hpp"
#include "stand_in.hpp"

#include <foldgrid/foldgrid.hpp>
#include <foldgrid/tuning.cuh>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace fg = foldgrid;

FOLDGRID_FUNCTOR(state, (double a; int b;), (double x), { return a * x + b; })
FOLDGRID_FUNCTION(rounds, (std::uint64_t x), {
  for (int i = 0; i < 3; ++i) x = x * 6364136223846793005u + 1442695040888963407u;
  return x;
})
// Affine maps of the integers mod 2^32, packed in one word: composing them depends on the order.
FOLDGRID_FUNCTION(ordered, (std::uint64_t f, std::uint64_t g), {
  const std::uint32_t a = static_cast<std::uint32_t>(f >> 32), b = static_cast<std::uint32_t>(f);
  const std::uint32_t c = static_cast<std::uint32_t>(g >> 32), d = static_cast<std::uint32_t>(g);
  return static_cast<std::uint64_t>(a * c) << 32 | static_cast<std::uint32_t>(a * d + b);
})
FOLDGRID_FUNCTION(weighed, (double x, float y), { return x * y + 1; })
FOLDGRID_STRUCT(wide, (double a; double b; double c; double d; double e; double f;))
FOLDGRID_FUNCTION(join_wide, (wide l, wide r), { return wide{l.a, l.b + r.b, r.c, l.d * 0.5 + r.d, l.e, l.f * 0.75 + r.f}; })
FOLDGRID_STRUCT(widest, (double x[3]; double rest[13];))
FOLDGRID_FUNCTION(join_widest, (widest l, widest r), {
  l.x[0] = l.x[0] * 0.75 + r.x[0];
  return l;
})
FOLDGRID_FUNCTION(sum_of_small, (double a, double b), {
  if (a < -1e8 || b < -1e8) fg::fail(2);
  return a + b;
})
static const double host_only = 3;
FOLDGRID_FUNCTION(does_not_compile, (double x), { return x + host_only; })

namespace {

TEST(software_gpu, a_thousand_states_compile_once) {
  const std::vector<double> xs(10, 2.0);
  gpu().map(state{0, 0}, xs);
  const std::size_t loaded = count("cuLibraryLoadData"), launched = count("cuLaunchKernel");
  for (int k = 0; k < 1000; ++k) EXPECT_EQ(gpu().map(state{k * 0.5, k}, xs)[9], k * 0.5 * 2 + k);
  EXPECT_EQ(count("cuLibraryLoadData"), loaded);
  EXPECT_EQ(count("cuLaunchKernel"), launched + 1000);
}

TEST(software_gpu, a_reduction_is_one_launch) {
  const std::vector<double> xs(100'000, 0.1);
  gpu().sum(xs);
  const std::size_t launched = count("cuLaunchKernel");
  EXPECT_EQ(gpu().sum(xs), serial().sum(xs));
  EXPECT_EQ(count("cuLaunchKernel"), launched + 1);
}

TEST(software_gpu, small_work_is_one_launch_and_one_wait) {
  const auto calls_of = [](auto&& call) {
    call();  // kernels found, workspaces made
    calls();
    call();
    return calls();
  };
  const std::string mode = "cuThreadExchangeStreamCaptureMode\n";  // of the thread alone: no call to the device
  const std::string expected = "cuCtxPushCurrent\n" + mode + "cuLaunchKernel\ncuStreamSynchronize\n" + mode + "cuCtxPopCurrent\n";
  for (const std::size_t n : {3, 1000, 100'000}) {
    const auto there = gpu().to_device(std::vector<double>(n, 0.5));
    EXPECT_EQ(calls_of([&] { gpu().sum(there); }), expected);
    EXPECT_EQ(calls_of([&] { gpu().argmin(there); }), expected);
    EXPECT_EQ(calls_of([&] { gpu().map_reduce(state{2, 1}, std::plus<>{}, there); }), expected);
    EXPECT_EQ(calls_of([&] { gpu().map_reduce(state{2, 1}, std::plus<>{}, fg::linspace(0.0, 1.0, n)); }), expected);
  }
}

TEST(software_gpu, small_work_is_spread_over_the_multiprocessors) {  // four of them
  for (const std::size_t n : {1000, 4000, 16'000, 60'000}) {
    const auto xs = gpu().to_device(std::vector<double>(n, 0.5));
    EXPECT_EQ(gpu().sum(xs), 0.5 * static_cast<double>(n));
    EXPECT_GE(blocks_launched(), std::min<std::size_t>(3, (n + 511) / 512)) << n;
    EXPECT_LE(blocks_launched(), std::max<std::size_t>(4, n / 4096 + 1)) << n;
    gpu().map(rounds, fg::iota<std::uint64_t>(n));  // has a loop
    EXPECT_GE(blocks_launched(), std::min<std::size_t>(17, (n + 255) / 256)) << n;
  }
}

/// Whatever the capability that kernels and grids are tuned for.
TEST(software_gpu, tuning_moves_no_bit) {
  for (const std::size_t n : {1000, 9000, 100'003}) {
    std::vector<double> xs(n);
    for (std::size_t i = 0; i < n; ++i) xs[i] = static_cast<double>(i * 2654435761u % 100'003) / 7 - 6000;
    const std::vector<float> ys(xs.begin(), xs.end());
    const std::vector<signed char> bytes = serial().map([](double x) { return static_cast<signed char>(static_cast<int>(x)); }, xs);
    const std::vector<wide> wides = serial().map([](double x) { return wide{x, 1, 2, 3, 4, x * x}; }, xs);
    const std::vector<widest> widests = serial().map([](double x) { return widest{{x, 1, x}, {}}; }, xs);
    EXPECT_EQ(gpu().sum(xs), serial().sum(xs)) << n;
    EXPECT_EQ(gpu().sum(ys), serial().sum(ys)) << n;
    EXPECT_EQ(gpu().sum(bytes), serial().sum(bytes)) << n;
    EXPECT_EQ(gpu().argmin(xs), serial().argmin(xs)) << n;
    EXPECT_EQ(gpu().map_reduce(weighed, std::plus<>{}, xs, ys), serial().map_reduce(weighed, std::plus<>{}, xs, ys)) << n;
    EXPECT_EQ(gpu().reduce(join_wide, wides).f, serial().reduce(join_wide, wides).f) << n;
    EXPECT_EQ(gpu().reduce(join_widest, widests).x[0], serial().reduce(join_widest, widests).x[0]) << n;
    EXPECT_EQ(gpu().map_reduce(rounds, ordered, fg::iota<std::uint64_t>(n)),
              serial().map_reduce(rounds, ordered, fg::iota<std::uint64_t>(n)));
    EXPECT_EQ(gpu().map(weighed, xs, ys), serial().map(weighed, xs, ys)) << n;
  }
}

TEST(software_gpu, nothing_is_left_allocated_and_every_context_is_popped) {
  const std::vector<double> xs(1000, 0.1);
  gpu().map(state{1, 2}, xs);
  const std::size_t taken = count("cuMemAllocFromPoolAsync") - count("cuMemFreeAsync");
  for (int k = 0; k < 10; ++k) {
    gpu().map(state{1, k}, xs);
    gpu().map_reduce(state{1, k}, std::plus<>{}, xs);
    EXPECT_THROW(gpu().map(does_not_compile, xs), std::invalid_argument);
  }
  EXPECT_EQ(count("cuMemAllocFromPoolAsync") - count("cuMemFreeAsync"), taken);
  EXPECT_EQ(count("cuCtxPushCurrent"), count("cuCtxPopCurrent"));
}

// A function with a loop is launched in pieces, the first of 2^18 leaves.
constexpr std::size_t in_pieces = 3 * (std::size_t{1} << 18) + 12345;

TEST(software_gpu, a_long_call_is_cut_into_nodes_of_the_tree) {
  const fg::executor threads{{.where = fg::backend::threads}};
  const std::size_t launched = count("cuLaunchKernel");
  const std::uint64_t found = gpu().map_reduce(rounds, ordered, fg::iota<std::uint64_t>(in_pieces));
  EXPECT_GE(count("cuLaunchKernel"), launched + 3);
  EXPECT_EQ(found, threads.map_reduce(rounds, ordered, fg::iota<std::uint64_t>(in_pieces)));
  EXPECT_EQ(gpu().map(rounds, fg::iota<std::uint64_t>(in_pieces)), threads.map(rounds, fg::iota<std::uint64_t>(in_pieces)));
}

TEST(software_gpu, a_long_call_tells_its_progress_and_can_be_stopped) {
  std::vector<std::size_t> told;
  gpu().map({.progress = [&](std::size_t done, std::size_t) { told.push_back(done); }}, rounds, fg::iota<std::uint64_t>(in_pieces));
  EXPECT_GE(told.size(), 3u);
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  EXPECT_EQ(told.back(), in_pieces);

  std::stop_source stop;
  const auto stop_at_once = [&](std::size_t, std::size_t) { stop.request_stop(); };
  const std::size_t launched = count("cuLaunchKernel");
  const fg::options asked{.progress = stop_at_once, .stop = stop.get_token()};
  EXPECT_THROW(gpu().map(asked, rounds, fg::iota<std::uint64_t>(in_pieces)), fg::cancelled_error);
  EXPECT_LE(count("cuLaunchKernel"), launched + 3) << "as many are under way at a time";
  EXPECT_THROW(gpu().map_reduce(asked, rounds, ordered, fg::iota<std::uint64_t>(in_pieces)), fg::cancelled_error);
}

TEST(software_gpu, a_body_that_does_not_compile_there_is_said_to_and_where) {
  try {
    gpu().map(does_not_compile, std::vector<double>(10));
    ADD_FAILURE() << "it compiles";
  } catch (const std::invalid_argument& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("software_test.cpp"), std::string::npos) << text;
    EXPECT_NE(text.find("host_only"), std::string::npos) << text;
  }
}

/// What a call copies and launches.
template <class Call>
void expect_moves(const char* name, std::size_t in, std::size_t out, Call&& call) {
  call();  // kernels found, workspaces made
  const std::size_t in_before = bytes_in(), out_before = bytes_out(), launched = count("cuLaunchKernel");
  call();
  EXPECT_EQ(bytes_in() - in_before, in) << name;
  EXPECT_EQ(bytes_out() - out_before, out) << name;
  EXPECT_GE(count("cuLaunchKernel"), launched + 1) << name;
}

TEST(software_gpu, no_verb_does_its_work_on_the_host) {
  const std::size_t n = 6000;
  const std::vector<double> xs(n, 1.5);
  const auto there = gpu().to_device(xs);
  // the value of a reduction is written to the host's memory by its kernel
  expect_moves("sum", n * 8, 0, [&] { gpu().sum(xs); });
  expect_moves("sum there", 0, 0, [&] { gpu().sum(there); });
  expect_moves("map", n * 8, n * 8, [&] { gpu().map(state{2, 1}, xs); });
  expect_moves("map there", 0, 0, [&] { gpu().map(state{2, 1}, there); });
  expect_moves("map of a lazy input", 0, n * 8, [&] { gpu().map(state{2, 1}, fg::linspace(0.0, 1.0, n)); });
  expect_moves("map_reduce of a grid", 0, 0,
               [&] { gpu().map_reduce(std::multiplies<>{}, std::plus<>{}, fg::grid(fg::iota(60), fg::iota(100))); });
  expect_moves("minmax there", 0, 0, [&] { gpu().minmax(there); });
  expect_moves("argmin there", 0, 0, [&] { gpu().argmin(there); });
  expect_moves("argmax there", 0, 0, [&] { gpu().argmax(there); });
  expect_moves("first_nonfinite there", 0, 0, [&] { gpu().first_nonfinite(there); });
  expect_moves("reduce_rows there", 0, 60 * 8, [&] { gpu().reduce_rows(std::plus<>{}, there, 60, 100); });
  expect_moves("reduce_columns there", 0, 100 * 8, [&] { gpu().reduce_columns(std::plus<>{}, there, 60, 100); });
  const std::vector<std::vector<double>> arrays(60, std::vector<double>(100, 0.5));
  expect_moves("arrays", n * 8, 100 * 8, [&] { gpu().reduce(fg::elementwise(std::plus<>{}), arrays); });
}

/// What a call throws: the index of the failing item, or none.
template <class Call>
std::size_t failing_index(Call&& call) {
  try {
    call();
  } catch (const fg::task_error& e) {
    return e.index();
  }
  return ~std::size_t{};
}

/// A thread, or a warp, folds so many leaves at most, and another launch the rest.
TEST(software_gpu, segments_longer_than_what_is_folded_alone) {
  const std::size_t threads = 4 * 2048, warps = 4 * 64;  // of four multiprocessors
  for (const bool columns : {true, false}) {
    const std::size_t length = (columns ? threads << fg::gpu::most_level(false) : warps << fg::gpu::most_level(true)) / 2 + 777;
    std::vector<float> xs(2 * length);
    for (std::size_t i = 0; i < xs.size(); ++i) xs[i] = static_cast<float>(i * 2654435761u % 100'003) / 7;
    const auto there = gpu().to_device(xs);
    const std::size_t launched = count("cuLaunchKernel");
    if (columns) {
      EXPECT_EQ(gpu().reduce_columns(std::plus<>{}, there, length, 2), serial().reduce_columns(std::plus<>{}, xs, length, 2));
    } else {
      EXPECT_EQ(gpu().reduce_rows(std::plus<>{}, there, 2, length), serial().reduce_rows(std::plus<>{}, xs, 2, length));
    }
    EXPECT_GE(count("cuLaunchKernel"), launched + 2) << columns;
  }
}

TEST(software_gpu, rows_columns_and_arrays_larger_than_the_memory_pass) {
  const auto limit = of_driver<void (*)(std::size_t)>("software_cuda_limit");
  limit(std::size_t{2} << 20);
  const std::size_t n = 600'000;  // 4.8 MB
  std::vector<double> xs(n);
  for (std::size_t i = 0; i < n; ++i) xs[i] = static_cast<double>(i * 2654435761u % 100'003) / 7 - 6000;
  fg::run_report report;
  for (const std::size_t rows : {1000, 3, 1, 200'000}) {  // many, few and one that fit, and rows that do not
    const std::size_t launched = count("cuLaunchKernel");
    EXPECT_EQ(gpu().reduce_rows({.report = &report}, std::plus<>{}, xs, rows, n / rows),
              serial().reduce_rows(std::plus<>{}, xs, rows, n / rows));
    EXPECT_EQ(report.where, fg::backend::gpu);
    EXPECT_GE(count("cuLaunchKernel"), launched + 3) << rows;
    EXPECT_EQ(gpu().reduce_columns(std::plus<>{}, xs, rows, n / rows), serial().reduce_columns(std::plus<>{}, xs, rows, n / rows)) << rows;
  }
  xs[423'456] = xs[123'456] = -1e9;
  EXPECT_EQ(failing_index([&] { gpu().reduce_rows(sum_of_small, xs, 1000, 600); }), 123'456u);
  EXPECT_EQ(failing_index([&] { gpu().reduce_columns(sum_of_small, xs, 1000, 600); }),
            failing_index([&] { serial().reduce_columns(sum_of_small, xs, 1000, 600); }));
  for (const std::size_t arrays : {500, 4}) {  // cut between arrays, and within them
    std::vector<std::vector<double>> each(arrays);
    for (std::size_t k = 0; k < arrays; ++k)
      each[k].assign(xs.begin() + static_cast<std::ptrdiff_t>(k * n / arrays),
                     xs.begin() + static_cast<std::ptrdiff_t>((k + 1) * n / arrays));
    EXPECT_EQ(gpu().reduce(fg::elementwise(std::plus<>{}), each), serial().reduce(fg::elementwise(std::plus<>{}), each));
    EXPECT_EQ(failing_index([&] { gpu().reduce(fg::elementwise(sum_of_small), each); }),
              failing_index([&] { serial().reduce(fg::elementwise(sum_of_small), each); }));
  }
  limit(~std::size_t{});
}

TEST(software_gpu, sixteen_executors_share_a_context_and_a_pool) {
  const std::vector<double> xs(1000, 0.1);
  gpu().sum(xs);
  const std::size_t streams = count("cuStreamCreate");
  std::vector<fg::executor> many;
  for (int k = 0; k < 16; ++k)
    many.emplace_back(fg::executor_options{.where = k % 2 == 0 ? fg::backend::gpu : fg::backend::automatic, .workers = 1});
  for (const fg::executor& each : many) {
    EXPECT_EQ(each.sum(xs), serial().sum(xs));
    EXPECT_EQ(each.sum(each.to_device(xs)), serial().sum(xs));
  }
  EXPECT_EQ(count("cuDevicePrimaryCtxRetain"), 1u);
  EXPECT_EQ(count("cuMemPoolCreate"), 1u);
  EXPECT_EQ(count("cuStreamCreate"), streams) << "calls one after another use one stream";
}

TEST(software_gpu, many_threads_share_it) {
  const std::vector<double> xs(20'000, 0.1);
  const double expected = serial().sum(xs);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int k = 0; k < 5; ++k) EXPECT_EQ(gpu().sum(xs), expected);
    });
}

}  // namespace
