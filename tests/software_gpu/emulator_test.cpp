// SPDX-License-Identifier: MIT
// The software GPU does what CUDA documents: geometry, shuffles, votes, barriers, atomics, shared memory, in every order.
#include <gtest/gtest.h>
#include <software_gpu/device.hpp>
#include <software_gpu/emulator.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using software_gpu::geometry;
using software_gpu::launch;
using software_gpu::order;

constexpr unsigned full = 0xffffffffu;

template <class T>
__global__ void __launch_bounds__(256) sum_in_blocks(const T* input, std::size_t n, T* partials, unsigned* ticket, T* result) {
  FOLDGRID_SHARED(T, warp_sums, 8);
  FOLDGRID_SHARED(unsigned, last, 1);
  T sum = 0;
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += std::size_t{gridDim.x} * blockDim.x) sum += input[i];
  for (unsigned delta = 16; delta != 0; delta /= 2) sum += __shfl_down_sync(full, sum, delta);
  if (threadIdx.x % 32 == 0) warp_sums[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    T block_sum = 0;
    for (unsigned warp = 0; warp < blockDim.x / 32; ++warp) block_sum += warp_sums[warp];
    partials[blockIdx.x] = block_sum;
    last[0] = FOLDGRID_ATOMIC_ADD(ticket, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (last[0] == 0 || threadIdx.x != 0) return;
  T total = 0;
  for (unsigned block = 0; block < gridDim.x; ++block) total += __ldcg(partials + block);
  *result = total;
  *ticket = 0;
}

class every_order : public testing::TestWithParam<order> {};
INSTANTIATE_TEST_SUITE_P(orders, every_order, testing::ValuesIn(software_gpu::all_orders),
                         [](const auto& instance) { return std::string(software_gpu::name_of(instance.param)); });

TEST_P(every_order, a_reduction_is_right_and_can_be_run_again) {
  for (const std::size_t n : {0u, 1u, 31u, 32u, 33u, 255u, 257u, 1000u, 70000u}) {
    std::vector<std::uint64_t> input(n);
    std::iota(input.begin(), input.end(), 1);
    for (const unsigned blocks : {1u, 5u, 37u}) {
      std::vector<std::uint64_t> partials(blocks);
      unsigned ticket = 0;
      for (const std::uint64_t seed : {1, 2}) {
        std::uint64_t result = 7;
        launch(geometry{blocks, 256}, [&] { sum_in_blocks(input.data(), n, partials.data(), &ticket, &result); }, {GetParam(), seed});
        EXPECT_EQ(result, n * (n + 1) / 2) << n << " elements, " << blocks << " blocks, seed " << seed;
      }
    }
  }
}

TEST_P(every_order, every_thread_of_every_block_runs_once) {
  const geometry shape{{3, 2, 2}, {5, 3, 4}};
  std::vector<unsigned> seen(12 * 60);
  launch(shape,
         [&] {
           EXPECT_EQ(gridDim.x * 100 + gridDim.y * 10 + gridDim.z, 322u);
           EXPECT_EQ(blockDim.x * 100 + blockDim.y * 10 + blockDim.z, 534u);
           const unsigned block = blockIdx.x + 3 * (blockIdx.y + 2 * blockIdx.z);
           const unsigned thread = threadIdx.x + 5 * (threadIdx.y + 3 * threadIdx.z);
           __syncthreads();
           EXPECT_EQ(block, blockIdx.x + 3 * (blockIdx.y + 2 * blockIdx.z));
           ++seen.at(block * 60 + thread);
         },
         {GetParam()});
  EXPECT_EQ(std::count(seen.begin(), seen.end(), 1u), 12 * 60);
}

template <class T>
void check_shuffles(order how) {
  launch(geometry{1, 64},
         [] {
           const unsigned lane = threadIdx.x % 32;
           const T mine = static_cast<T>(threadIdx.x) + static_cast<T>(0.5), base = mine - static_cast<T>(lane);
           const auto of = [&](unsigned other) { return base + static_cast<T>(other); };
           EXPECT_EQ(__shfl_sync(full, mine, 5), of(5));
           EXPECT_EQ(__shfl_sync(full, mine, 37), of(5));
           EXPECT_EQ(__shfl_sync(full, mine, static_cast<int>(lane + 1)), of((lane + 1) % 32));
           EXPECT_EQ(__shfl_up_sync(full, mine, 3), lane < 3 ? mine : of(lane - 3));
           EXPECT_EQ(__shfl_down_sync(full, mine, 3), lane > 28 ? mine : of(lane + 3));
           EXPECT_EQ(__shfl_down_sync(full, mine, 40), mine);
           EXPECT_EQ(__shfl_xor_sync(full, mine, 21), of(lane ^ 21));
           if (lane < 16) {
             EXPECT_EQ(__shfl_xor_sync(0x0000ffffu, mine, 8), of(lane ^ 8));
           } else {
             EXPECT_EQ(__shfl_sync(0xffff0000u, mine, 16), of(16));
           }
         },
         {how});
}

TEST_P(every_order, shuffles_give_what_the_other_lane_brought) {
  check_shuffles<int>(GetParam());
  check_shuffles<unsigned long long>(GetParam());
  check_shuffles<float>(GetParam());
  check_shuffles<double>(GetParam());
}

TEST_P(every_order, votes_count_the_lanes_of_the_mask) {
  launch(geometry{2, 64},
         [] {
           const unsigned lane = threadIdx.x % 32;
           EXPECT_EQ(__ballot_sync(full, lane % 3 == 0), 0x49249249u);
           EXPECT_TRUE(__any_sync(full, lane == 7));
           EXPECT_FALSE(__any_sync(full, 0));
           EXPECT_TRUE(__all_sync(full, 1));
           EXPECT_FALSE(__all_sync(full, lane != 7));
           if (lane >= 8) {
             EXPECT_TRUE(__all_sync(0xffffff00u, lane != 7));
             EXPECT_EQ(__ballot_sync(0xffffff00u, 4), 0xffffff00u);
           }
         },
         {GetParam()});
}

TEST_P(every_order, barriers_hold_everybody_back) {
  launch(geometry{6, 96},
         [] {
           FOLDGRID_SHARED(unsigned, values, 96);
           for (unsigned round = 0; round < 5; ++round) {
             values[threadIdx.x] = round * 1000 + threadIdx.x;
             __syncthreads();
             const unsigned other = (threadIdx.x + 41) % 96;
             EXPECT_EQ(values[other], round * 1000 + other);
             __syncthreads();
             const unsigned neighbour = threadIdx.x ^ 1;
             values[threadIdx.x] = round + threadIdx.x;
             __syncwarp();
             EXPECT_EQ(values[neighbour], round + neighbour);
             __syncthreads();
           }
         },
         {GetParam()});
}

TEST_P(every_order, atomics_lose_nothing) {
  std::uint64_t sum = 0, least = ~std::uint64_t{0};
  unsigned count = 0, lowest = full;
  std::vector<unsigned> tickets(9 * 50);
  launch(geometry{9, 50},
         [&] {
           const unsigned number = blockIdx.x * 50 + threadIdx.x;
           FOLDGRID_ATOMIC_ADD(&sum, std::uint64_t{number} << 32);
           tickets.at(FOLDGRID_ATOMIC_ADD(&count, 1u)) = number;
           FOLDGRID_ATOMIC_MIN(&least, (std::uint64_t{1} << 40) + (number ^ 5));
           EXPECT_GE(FOLDGRID_ATOMIC_MIN(&lowest, number ^ 5), 0u);
         },
         {GetParam()});
  EXPECT_EQ(sum, (std::uint64_t{450} * 449 / 2) << 32);
  EXPECT_EQ(least, std::uint64_t{1} << 40);
  EXPECT_EQ(lowest, 0u);
  EXPECT_EQ(count, 450u);
  std::sort(tickets.begin(), tickets.end());
  for (unsigned i = 0; i < 450; ++i) EXPECT_EQ(tickets[i], i);
}

template <class T>
T* shared_of_an_instance() {
  FOLDGRID_SHARED(T, values, 4);
  return values;
}

TEST_P(every_order, shared_memory_is_the_blocks_own_and_starts_as_ff) {
  launch(geometry{8, 40},
         [] {
           FOLDGRID_SHARED(std::uint32_t, first, 40);
           FOLDGRID_SHARED(double, second, 3);
           static_assert(sizeof(first) == 160 && sizeof(second) == 24);
           EXPECT_EQ(first[threadIdx.x], full);
           EXPECT_TRUE(second[1] != second[1]) << "0xFF in every byte is no number";
           EXPECT_NE(static_cast<void*>(first), static_cast<void*>(second));
           EXPECT_NE(static_cast<void*>(shared_of_an_instance<int>()), static_cast<void*>(shared_of_an_instance<float>()));
           EXPECT_EQ(shared_of_an_instance<int>(), shared_of_an_instance<int>());
           __syncthreads();
           first[threadIdx.x] = blockIdx.x;
           __syncthreads();
           EXPECT_EQ(first[39 - threadIdx.x], blockIdx.x);
         },
         {GetParam()});
}

// Threads that wait by looking again must not keep the awaited one from running, in its own block or in another one under way.
TEST_P(every_order, polling_lets_the_others_on) {
  unsigned flag = 0, polls = 0;
  launch(geometry{3, 70},
         [&] {
           if (blockIdx.x == 1 && threadIdx.x == 33) FOLDGRID_ATOMIC_ADD(&flag, 1u);
           while (FOLDGRID_ATOMIC_ADD(&flag, 0u) == 0) FOLDGRID_ATOMIC_ADD(&polls, 1u);
         },
         {GetParam()});
  EXPECT_EQ(flag, 1u);
}

std::vector<unsigned> order_of_arrival(const software_gpu::options& how) {
  std::vector<unsigned> arrivals(6 * 40);
  unsigned next = 0;
  launch(
      geometry{6, 40},
      [&] {
        for (unsigned round = 0; round < 3; ++round) __syncthreads();
        arrivals.at(FOLDGRID_ATOMIC_ADD(&next, 1u)) = blockIdx.x * 40 + threadIdx.x;
      },
      how);
  return arrivals;
}

TEST_P(every_order, equal_seeds_repeat_a_launch) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    EXPECT_EQ(order_of_arrival({GetParam(), seed}), order_of_arrival({GetParam(), seed})) << seed;
  }
}

TEST(orders, differ_as_they_say) {
  std::vector<unsigned> upwards(240);
  std::iota(upwards.begin(), upwards.end(), 0u);
  const auto forward = order_of_arrival({.scheduling = order::in_order, .resident = 1});
  const auto reversed = order_of_arrival({.scheduling = order::reverse, .resident = 1});
  for (unsigned i = 0; i < 240; ++i) {
    EXPECT_EQ(forward[i] / 40, i / 40);
    EXPECT_EQ(forward[i] + reversed[i], 239u);
  }
  for (const order drawn : {order::random, order::priority}) {
    const auto one = order_of_arrival({drawn, 1}), other = order_of_arrival({drawn, 2});
    EXPECT_NE(one, other) << software_gpu::name_of(drawn);
    EXPECT_FALSE(std::is_sorted(one.begin(), one.end()));
    EXPECT_TRUE(std::is_permutation(one.begin(), one.end(), upwards.begin()));
  }
}

TEST(launches, pass_on_what_the_body_throws_and_go_on_after_it) {
  unsigned reached = 0;
  const auto throws = [&] {
    FOLDGRID_SHARED(unsigned, values, 64);
    values[threadIdx.x] = 1;
    FOLDGRID_ATOMIC_ADD(&reached, 1u);
    if (blockIdx.x == 2 && threadIdx.x == 9) throw std::out_of_range("of the body");
    __syncthreads();
  };
  EXPECT_THROW(launch(geometry{4, 64}, throws), std::out_of_range);
  EXPECT_GE(reached, 1u);
  unsigned after = 0;
  launch(geometry{4, 64}, [&] { FOLDGRID_ATOMIC_ADD(&after, 1u); });
  EXPECT_EQ(after, 256u);
}

TEST(launches, refuse_impossible_geometries_and_launches_in_kernels) {
  EXPECT_THROW(launch(geometry{0, 32}, [] {}), std::invalid_argument);
  EXPECT_THROW(launch(geometry{1, 0}, [] {}), std::invalid_argument);
  EXPECT_THROW(launch(geometry{1, {1024, 2}}, [] {}), std::invalid_argument);
  EXPECT_THROW(launch(geometry{{65536, 65536}, 1}, [] {}), std::invalid_argument);
  EXPECT_THROW(launch(geometry{1, 1}, [] { launch(geometry{1, 1}, [] {}); }), std::logic_error);
  launch(geometry{2, 1024}, [] { __syncthreads(); });
}

TEST(launches, of_two_os_threads_take_turns) {
  unsigned counts[2] = {};
  const auto work = [&](unsigned which) {
    for (int i = 0; i < 20; ++i) launch(geometry{3, 64}, [&] { FOLDGRID_ATOMIC_ADD(&counts[which], 1u); });
  };
  std::thread other(work, 1u);
  work(0);
  other.join();
  EXPECT_EQ(counts[0], 20u * 192);
  EXPECT_EQ(counts[1], 20u * 192);
}

TEST(launches, are_fast_enough_for_every_test_run) {
  std::vector<float> input(1 << 20, 1.0f), partials(264);
  unsigned ticket = 0;
  float result = 0;
  const auto begin = std::chrono::steady_clock::now();
  launch(geometry{264, 256}, [&] { sum_in_blocks(input.data(), input.size(), partials.data(), &ticket, &result); });
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(result, 1048576.0f);
  RecordProperty("seconds", std::to_string(passed.count()));
  EXPECT_LT(passed.count(), 5) << "a bound for loaded machines and sanitizers; a quiet one needs a hundredth of it";
}

}  // namespace
