// SPDX-License-Identifier: MIT
// Calls over large arrays of the host, on the software GPU: equal bits, copies and launches that overlap, little memory of the device, a
// ring of pinned memory that all calls share.
#include "executors.hpp"
#include "large_arrays.hpp"
#include "stand_in.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <numeric>
#include <random>
#include <span>
#include <sstream>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace fg = foldgrid;

FOLDGRID_FUNCTION(square, (double x), { return x * x; })
FOLDGRID_FUNCTION(product, (float x, double y), { return x * y; })
FOLDGRID_FUNCTION(wraps, (std::uint32_t x), { return 3u * x + 1u; })
FOLDGRID_FUNCTION(positive, (double x), {
  if (x < 0) return fg::fail(5), 0.0;
  return x;
})
FOLDGRID_FUNCTION(first_of, (std::uint64_t a, std::uint64_t b), { return (a << 1) ^ (a >> 63) ^ (b * 0x9E3779B97F4A7C15u + 12345u); })
FOLDGRID_STRUCT(wide, (std::uint64_t words[8];))
FOLDGRID_FUNCTION(joined, (wide a, wide b), {
  for (int k = 0; k < 8; ++k) a.words[k] = 3 * a.words[k] + b.words[k];
  return a;
})
FOLDGRID_FUNCTION_USING((wide), spread, (std::uint64_t i), {
  wide made{};
  for (int k = 0; k < 8; ++k) made.words[k] = i * 0x9E3779B97F4A7C15u + static_cast<std::uint64_t>(k);
  return made;
})
FOLDGRID_FUNCTION(low_word, (wide x), { return x.words[0]; })
FOLDGRID_FUNCTION(looping, (std::uint32_t x), {
  for (int i = 0; i < 2; ++i) x = x * 1664525u + 1013904223u;
  return x;
})
FOLDGRID_FUNCTOR(scaled, (fg::view<const double> by;), (double x), { return x * by[0]; })

namespace {

/// Three pieces of large elements: more to copy than to compute.
const std::vector<wide>& large() {
  static const auto made = threads().map(spread, fg::iota(std::uint64_t{600'000}));
  return made;
}

TEST(pipeline, gives_the_bits_of_the_threads) {
  const auto xs = numbers<double>(many);
  const auto fs = numbers<float>(many);
  const auto us = numbers<std::uint32_t>(many);
  EXPECT_EQ(gpu().sum(xs), threads().sum(xs));
  EXPECT_EQ(gpu().map_reduce(product, std::plus<>{}, fs, xs), threads().map_reduce(product, std::plus<>{}, fs, xs));
  EXPECT_EQ(gpu().map(wraps, us), threads().map(wraps, us));
  EXPECT_EQ(gpu().map(square, fg::linspace(0.0, 1.0, many)), threads().map(square, fg::linspace(0.0, 1.0, many))) << "back only";
}

TEST(pipeline, copies_everything_once) {
  const auto us = numbers<std::uint32_t>(many);
  gpu().map(wraps, us);
  const std::size_t in = bytes_in(), out = bytes_out();
  std::vector<std::uint32_t> results(many);
  gpu().map_into(results, wraps, us);
  EXPECT_EQ(bytes_in() - in, 4 * many);
  EXPECT_EQ(bytes_out() - out, 4 * many);
}

/// The host waits for a piece only when two more have been launched, or all: in the driver's calls, a name a line.
void expect_overlap(const std::string& calls, std::size_t pieces) {
  std::istringstream text(calls);
  const std::vector<std::string> made(std::istream_iterator<std::string>(text), {});
  std::size_t launched = 0, waited_for = 0;
  for (std::size_t k = 0; k + 1 < made.size(); ++k) {
    launched += made[k] == "cuLaunchKernel";
    if (made[k] != "cuEventSynchronize" || made[k + 1] != "cuEventElapsedTime") continue;
    EXPECT_GE(launched, std::min(waited_for + 3, pieces)) << "waits for piece " << waited_for;
    ++waited_for;
  }
  EXPECT_EQ(launched, pieces);
  EXPECT_EQ(waited_for, pieces);
}

TEST(pipeline, copies_in_computes_and_copies_back_at_the_same_time) {
  const auto xs = numbers<double>(many);
  gpu().sum(xs);
  gpu().map(low_word, large());
  calls();
  gpu().sum(xs);
  expect_overlap(calls(), 3);
  gpu().map(low_word, large());
  expect_overlap(calls(), 3);
}

TEST(pipeline, allocates_no_pinned_memory_for_a_call) {
  const auto xs = numbers<double>(many);
  gpu().sum(xs);
  const std::size_t before = count("cuMemHostAlloc"), events = count("cuEventCreate"), streams = count("cuStreamCreate");
  for (int k = 0; k < 3; ++k) gpu().sum(xs);
  EXPECT_EQ(count("cuMemHostAlloc"), before);
  EXPECT_EQ(count("cuEventCreate"), events);
  EXPECT_EQ(count("cuStreamCreate"), streams);
}

TEST(pipeline, tells_failures_at_their_smallest_index) {
  auto xs = numbers<double>(many);
  xs[3'000'000] = xs[2'999'999] = xs[4'199'999] = -1;
  try {
    gpu().map(positive, xs);
    ADD_FAILURE() << "no failure";
  } catch (const fg::task_error& e) {
    EXPECT_EQ(e.index(), 2'999'999u);
    EXPECT_EQ(e.code(), 5);
  }
  std::fill(xs.begin(), xs.end(), 1.0);
  xs.back() = -1;
  EXPECT_THROW(gpu().map_reduce(positive, std::plus<>{}, xs), fg::task_error);
}

TEST(pipeline, tells_its_progress_and_stops_between_pieces) {
  const auto us = numbers<std::uint32_t>(9'000'000);
  for (const bool loops : {false, true}) {
    std::vector<std::size_t> told;
    const fg::options asked{.progress = [&](std::size_t done, std::size_t) { told.push_back(done); }};
    if (loops) {
      EXPECT_EQ(gpu().map(asked, looping, us), threads().map(looping, us));
    } else {
      EXPECT_EQ(gpu().map(asked, wraps, us), threads().map(wraps, us));
    }
    EXPECT_GE(told.size(), 3u);
    EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
    EXPECT_EQ(told.back(), us.size());
  }
  std::stop_source stop;
  const fg::options asked{.progress = [&](std::size_t, std::size_t) { stop.request_stop(); }, .stop = stop.get_token()};
  const std::size_t launched = count("cuLaunchKernel");
  EXPECT_THROW(gpu().map(asked, low_word, large()), fg::cancelled_error);
  EXPECT_LE(count("cuLaunchKernel"), launched + 3);
  EXPECT_EQ(gpu().map(low_word, large()), threads().map(low_word, large())) << "the executor goes on";
}

TEST(pipeline, a_progress_callback_may_use_the_gpu_itself) {
  const auto expected = threads().map(low_word, large());
  const auto use = [&](std::size_t, std::size_t) { EXPECT_EQ(gpu().map(low_word, large()), expected); };
  std::vector<std::jthread> callers;
  for (int t = 0; t < 4; ++t) callers.emplace_back([&] { EXPECT_EQ(gpu().map({.progress = use}, low_word, large()), expected); });
}

TEST(pipeline, sixteen_executors_share_one_ring) {
  const std::vector<wide>& xs = large();
  const auto sum = threads().map_reduce(low_word, std::plus<>{}, xs);
  const auto mapped = threads().map(low_word, xs);
  gpu().map(low_word, xs);
  const std::size_t slots = of_driver<std::size_t (*)()>("software_cuda_pinned_bytes")();
  std::vector<std::jthread> callers;
  for (int t = 0; t < 16; ++t)
    callers.emplace_back([&, t] {
      // with an initializer nothing is done by the caller itself
      const fg::executor own{{.where = fg::backend::gpu, .workers = 1, .initializer = t % 4 == 0 ? [] {} : std::function<void()>{}}};
      if (t % 2 == 0) {
        EXPECT_EQ(own.map_reduce(low_word, std::plus<>{}, xs), sum);
      } else {
        EXPECT_EQ(own.map(low_word, xs), mapped);
      }
      if (t % 4 == 0) {
        EXPECT_EQ(own.submit([&] { return own.map(low_word, xs); }).get(), mapped) << "inside a task";
      }
    });
  callers.clear();
  constexpr std::size_t cells = 16 * 4096;
  EXPECT_LE(of_driver<std::size_t (*)()>("software_cuda_pinned_bytes")(), slots + cells);
  EXPECT_EQ(count("cuCtxPushCurrent"), count("cuCtxPopCurrent"));
}

TEST(pipeline, arrays_larger_than_the_memory_of_the_device_pass) {
  static_cast<void>(gpu());  // opens the driver
  const auto limit = of_driver<void (*)(std::size_t)>("software_cuda_limit");
  // 64 MiB on the device, 256 MiB of input; or as many MiB as the environment says
  const char* const asked = std::getenv("FOLDGRID_TEST_MIB");
  const std::size_t bytes = (asked ? std::strtoull(asked, nullptr, 10) : 256u) << 20;
  limit(std::size_t{64} << 20);
  if (asked) {
    std::vector<std::int64_t> xs(bytes / sizeof(std::int64_t));
    std::iota(xs.begin(), xs.end(), -1234567);
    EXPECT_EQ(gpu().sum(xs), threads().sum(xs));
  } else {
    const std::vector<wide> xs = threads().map(spread, fg::iota(std::uint64_t{bytes / sizeof(wide)}));
    EXPECT_EQ(gpu().map_reduce(low_word, std::plus<>{}, xs), threads().map_reduce(low_word, std::plus<>{}, xs));
  }
  limit(std::size_t{8} << 20);  // not even whole slots fit
  const auto few = numbers<double>(many);
  EXPECT_EQ(gpu().map(square, few), threads().map(square, few));
  limit(~std::size_t{});
}

TEST(pipeline, reads_a_shared_array_in_every_piece) {
  const auto xs = numbers<double>(many);
  const std::vector<double> factor{2.5};
  const auto by = gpu().share(factor);
  EXPECT_EQ(gpu().map_reduce(scaled{by}, std::plus<>{}, xs),
            threads().map_reduce(scaled{fg::view<const double>(factor.data(), 1)}, std::plus<>{}, xs));
}

TEST(pipeline, keeps_the_order_of_operands) {
  const auto words = [](const wide& x) { return std::vector<std::uint64_t>(x.words, x.words + 8); };
  EXPECT_EQ(words(gpu().reduce(joined, large())), words(threads().reduce(joined, large())));
}

TEST(pipeline, random_lengths_and_pieces) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int run = 0; run < 4; ++run) {
    const std::span<const wide> some(large().data(), 70'000 + random() % 530'000);
    ASSERT_EQ(gpu().map_reduce(low_word, first_of, some), threads().map_reduce(low_word, first_of, some)) << some.size();
    ASSERT_EQ(gpu().map(low_word, some), threads().map(low_word, some)) << some.size();
  }
}

}  // namespace
