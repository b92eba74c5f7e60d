// SPDX-License-Identifier: MIT
// Calls over large arrays of the host, on the software GPU: equal bits, copies and launches that overlap, little memory of the device, a
// ring of pinned memory that all calls share.
#include "executors.hpp"
#include "stand_in.hpp"

#include <foldgrid/foldgrid.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
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

const fg::executor& threads() {
  static const fg::executor made{{.where = fg::backend::threads}};
  return made;
}

template <class T>
std::vector<T> numbers(std::size_t n) {
  std::vector<T> xs(n);
  std::uint64_t s = 0x243F6A8885A308D3;
  for (T& x : xs) {
    s = s * 6364136223846793005u + 1442695040888963407u;
    if constexpr (std::is_floating_point_v<T>) {
      x = static_cast<T>(static_cast<double>(s >> 11) * 0x1p-53);
    } else {
      x = static_cast<T>(s >> 17);
    }
  }
  return xs;
}

// More than one slot of pinned memory: at least three pieces, the last one ragged.
constexpr std::size_t many = 4'200'011;

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

/// The calls made of the driver since the last time.
std::vector<std::string> calls() {
  std::istringstream text(of_driver<const char* (*)()>("software_cuda_calls")());
  std::vector<std::string> names;
  for (std::string name; std::getline(text, name);) names.push_back(name);
  return names;
}

/// The host waits for a piece only when two more have been launched, or all.
void expect_overlap(const std::vector<std::string>& made, std::size_t pieces) {
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

TEST(pin, memory_is_copied_where_it_lies) {
  auto xs = numbers<double>(many);
  std::vector<double> results(many);
  const double sum = threads().sum(xs);
  const auto squares = threads().map(square, xs);
  {
    const auto in = fg::pin(xs), out = fg::pin(results);
    ASSERT_TRUE(in.active()) << in.reason();
    EXPECT_EQ(gpu().sum(xs), sum);
    gpu().map_into(results, square, xs);
    EXPECT_EQ(results, squares);
    const auto again = fg::pin(xs);
    EXPECT_FALSE(again.active()) << "it is pinned already";
    EXPECT_NE(again.reason().find("cuMemHostRegister"), std::string::npos) << again.reason();
    EXPECT_EQ(count("cuMemHostUnregister"), 0u);
  }
  EXPECT_EQ(count("cuMemHostUnregister"), 2u);
  EXPECT_EQ(gpu().sum(xs), sum) << "pinned no more";
}

TEST(pin, a_part_of_what_is_copied) {
  auto few = numbers<double>(10'000), xs = numbers<double>(many);
  for (auto* const each : {&few, &xs}) {
    const auto squares = threads().map(square, *each);
    const std::span<double> middle = std::span(*each).subspan(each->size() / 3, each->size() / 2);
    std::vector<double> results(each->size());
    const std::span<double> half = std::span(results).first(each->size() / 2);
    const auto in = fg::pin(middle), out = fg::pin(half);
    ASSERT_TRUE(in.active()) << in.reason();
    EXPECT_EQ(gpu().sum(*each), threads().sum(*each));
    gpu().map_into(results, square, *each);
    EXPECT_EQ(results, squares);
    gpu().to_device(*each).copy_to(results);
    EXPECT_EQ(results, *each);
  }
}

TEST(pin, empty_ranges_and_moves) {
  std::vector<double> none;
  EXPECT_FALSE(fg::pin(none).active());
  std::vector<double> xs(1000, 1.0);
  auto hold = fg::pin(xs);
  fg::pinned other = std::move(hold);
  EXPECT_TRUE(other.active());
  EXPECT_FALSE(hold.active());
  hold = std::move(other);
  EXPECT_TRUE(hold.active());
}

}  // namespace
